"""The archive that a workbook is packed in: looked at before anything in it is unpacked, so that no file is a bomb."""

import contextlib
import io
import re
from typing import IO, Any
from xml.parsers.expat import ExpatError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from services.survey_index.domain.sheet.bounds import TooMuch
from services.survey_index.service.sheet_shape import Shape
from services.survey_index.service.xml_scan import EXCEL, Scan

_ZIP = b"PK\x03\x04"
_LISTED = b"PK\x01\x02"
"""How the table of contents of an archive names each part."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_MOST_PARTS = 2_000
_MOST_BYTES = 200_000_000
_MOST_RATIO = 250
_FREE_BYTES = 10_000_000
"""Up to here a part may be squeezed by any ratio: a short sheet of many equal rows is."""
_MOST_ELEMENTS = 100_000
"""Elements of a part that its reader holds as a whole while it is read, such as the styles."""
_SHEETS = "xl/worksheets/"
_TYPES = "[Content_Types].xml"
_IS_WORKBOOK = re.compile(rb"(spreadsheetml|ms-excel)\.(sheet|template)(\.macroEnabled)?\.main\+xml")
WORKBOOK = "an Excel workbook (.xlsx)"


def looks_like_workbook(content: bytes) -> bool:
    """Whether the file begins as a workbook does, of the present kind or of the old one; CSV never does."""
    return content.startswith((_ZIP, _OLE))


def refusal_of(content: bytes) -> tuple[str, str] | None:
    """What is wrong with the file before anything in it is parsed: (message, expected)."""
    if content.startswith(_OLE):
        if _PASSWORD in content:
            return "is protected by a password", f"{WORKBOOK} without a password"
        return "is a workbook of the old kind (.xls)", f"{WORKBOOK}: save it as `Excel Workbook`"
    if content.count(_LISTED) > _MOST_PARTS:
        return f"has more than {_MOST_PARTS} parts", f"{WORKBOOK} with the answers alone"
    try:
        archive = ZipFile(io.BytesIO(content))
    except BadZipFile:
        return "is no workbook", f"{WORKBOOK}, or a CSV file"
    parts = archive.infolist()
    bombs = (part.file_size > max(_FREE_BYTES, _MOST_RATIO * part.compress_size) for part in parts)
    if sum(part.file_size for part in parts) > _MOST_BYTES or any(bombs):
        return "is far larger unpacked than it looks", f"a workbook of at most {_MOST_BYTES // 10**6} MB unpacked"
    if any(part.flag_bits & 1 for part in parts):
        return "is protected by a password", f"{WORKBOOK} without a password"
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        return "is packed in an unusual way", f"{WORKBOOK} as Excel saves it"
    if _TYPES not in archive.namelist() or not _IS_WORKBOOK.search(archive.open(_TYPES).read(_FREE_BYTES)):
        return "is an archive, but no workbook", WORKBOOK
    return None


class Parts(ZipFile):
    """The parts of a workbook. None is given out before it was looked at: its reader may hold it as a whole.

    What `zipfile` gives of a part is never more than the table of contents says, which `refusal_of` has added up.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self._scans: dict[str, Scan] = {}
        for name in self.namelist():
            if not name.startswith(_SHEETS):  # a sheet is looked at if it is needed, and more closely
                self._scan(name)

    def shape(self, name: str, place: str) -> Shape:
        """The shape of the sheet in the part `name`, which is called `place` in a refusal."""
        shape = self._scans.get(name)
        if not isinstance(shape, Shape):
            shape = Shape(place)
            with super().open(name) as part:
                shape.read(part)
            self._scans[name] = shape
        return shape

    def open(self, name: Any, *args: Any, **options: Any) -> IO[bytes]:
        """A part to be read piece by piece: a sheet, of which its `shape` is known, or the texts that cells share."""
        scan = self._scan(name)
        if not isinstance(scan, Shape):
            self._check(scan.elements - scan.elements_of_strings)
        return super().open(name, *args, **options)

    def read(self, name: Any, *args: Any, **options: Any) -> bytes:
        """A part that is held as a whole."""
        self._check(self._scan(name).elements, self.getinfo(name).file_size)
        return super().read(name, *args, **options)

    def _scan(self, name: str) -> Scan:
        if name not in self._scans:
            scan = self._scans[name] = Scan("file")
            with super().open(name) as part, contextlib.suppress(ExpatError):
                scan.read(part)  # a picture, or XML that its reader will stumble over in its turn
        return self._scans[name]

    def _check(self, elements: int, size: int = 0) -> None:
        if elements > _MOST_ELEMENTS or size > _FREE_BYTES:
            expected = f"at most {_MOST_ELEMENTS} elements and {_FREE_BYTES // 10**6} MB of them: {EXCEL}"
            raise TooMuch("file", "has too many styles, names or links", expected)
