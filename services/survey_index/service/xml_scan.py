"""A look at one part of a workbook before anything of it is kept: how much it holds, counted while it is scanned.

The scan ends where a bound is passed. What it keeps does not grow with the part.
"""

from functools import partial
from typing import IO
from xml.parsers import expat

from openpyxl.xml.constants import SHEET_MAIN_NS

from services.survey_index.domain.sheet.bounds import MOST_CHARACTERS, TooMuch

_PIECE = 1 << 16
_LONGEST_TAG = 1 << 20
DEEPEST = 100
_MOST_STRINGS = 1_000_000
_MOST_PIECES = 10_000
"""Elements of one shared text, such as its pieces in bold."""
LONGEST_TEXT = 32_767
"""Characters of one cell, as in Excel."""
_SHARED = f"{SHEET_MAIN_NS} si"
_NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
EXCEL = "a workbook as Excel saves it"


class Scan:
    """Scans a part, whatever it is for, and counts its elements, and its texts that cells share.

    Document types are refused: they are the door of entity attacks, and no program writes one into a workbook.
    """

    def __init__(self, place: str) -> None:
        self.elements = self.elements_of_strings = self.depth = 0
        self._place = place
        self._strings = self._all_text = self._text = self._pieces = 0
        self._in_string = False

    def read(self, part: IO[bytes]) -> None:
        """Scans all of it, or up to the bound that it passes. Raises `TooMuch`, `ExpatError`, `ValueError`."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        fed = 0
        try:
            for piece in iter(partial(part.read, _PIECE), b""):
                parser.Parse(piece)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > _LONGEST_TAG:  # the parser holds what it cannot read yet
                    raise self.too_much("has a tag without an end", f"at most {_LONGEST_TAG} bytes in one")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            if error.code == _NO_MEMORY:
                raise MemoryError from None
            raise

    def start(self, name: str, _: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.too_deep()
        if self._in_string:
            self.elements_of_strings += 1
            self._pieces += 1
            if self._pieces > _MOST_PIECES:
                raise self.too_much("has a text of too many pieces", f"at most {_MOST_PIECES} in a cell")
        elif name == _SHARED:
            self.elements_of_strings += 1
            self._in_string, self._text, self._pieces = True, 0, 0
            self._strings += 1
            if self._strings > _MOST_STRINGS:
                raise self.too_much(f"has more than {_MOST_STRINGS} texts", "a file for each part of the answers")

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == _SHARED:
            self._in_string = False

    def characters(self, text: str) -> None:
        if self._in_string:
            self._text += len(text)
            self._all_text += len(text)
            if self._text > LONGEST_TEXT:
                raise self.too_much("has a text without an end", f"at most {LONGEST_TEXT} characters in a cell")
            if self._all_text > MOST_CHARACTERS:
                expected = f"at most {MOST_CHARACTERS} characters; divide it into several files"
                raise self.too_much("is more text than is taken in one file", expected)

    def too_much(self, message: str, expected: str) -> TooMuch:
        return TooMuch(self._place, message, expected)

    def too_deep(self) -> TooMuch:
        return self.too_much(f"is nested more than {DEEPEST} levels deep", EXCEL)


def _refuse_doctype(*_: object) -> None:
    raise TooMuch("file", "declares XML entities", f"an Excel workbook (.xlsx): {EXCEL}")
