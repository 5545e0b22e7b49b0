"""Names, subjects and units are one line of text: nothing in them breaks the line, turns it round or is not seen.

What a citizen tells of his case is none of these: it keeps its lines, and every character but U+0000.
"""

import re
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_SPACES = re.compile(r"[\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BREAKS = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
# Controls; soft hyphen, fillers and marks without a shape; marks of direction; surrogates, private use and tags; what
# is no character.
_UNSEEN = (
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# ZWNJ and ZWJ join or part letters of Arabic, Indian and Javanese script, and the parts of an emoji. Beside a space or
# a letter of Latin, Greek or Cyrillic script they do nothing that is seen.
_JOINABLE = r"[^\x00-\u058f\u2000-\u206f\u3000]"
_AMISS = re.compile(rf"{_UNSEEN}|(?<!{_JOINABLE})[\u200c\u200d]|[\u200c\u200d](?!{_JOINABLE})")


def tidied(text: str) -> str:
    """`text` as one line, of what is seen in it: for forms that people typed and files that they filled, where to
    refuse it would lose the rest.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _folded(_AMISS.sub("", _BREAKS.sub(" ", text)))


def _folded(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


class OneLine:
    """One line of text, as an annotation: `Annotated[str, StringConstraints(max_length=200), OneLine()]`.

    Spaces and tabs in a row become one space, and those at the ends none; what else is amiss is refused. It stands
    behind the constraints, which are asked of the text without those spaces.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        folded = core_schema.no_info_before_validator_function(
            lambda value: _folded(value) if isinstance(value, str) else value, handler(source)
        )
        return core_schema.no_info_after_validator_function(_checked, folded)


def _checked(text: str) -> str:
    amiss = _AMISS.search(text)
    if amiss is None:
        return text
    raise PydanticCustomError(
        "not_one_line",
        "has the character U+{code}",
        {"code": f"{ord(amiss[0]):04X}", "expected": "one line of text, without characters that are not seen"},
    )
