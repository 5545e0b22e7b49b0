"""A cell: what it says, or why it cannot be taken."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.limits import LONGEST_COMMENT, LONGEST_LINE
from services.survey_index.domain.profile import OLDEST, PROFILE, CodeList, ProfileField
from services.survey_index.domain.scope import Place, Scope
from services.survey_index.domain.sheet.rules import Rules
from shared.text import tidied

UNSAID = "\0"
"""What stands for a cell that may not be counted, such as a formula without its value: no cell can be so."""


class Doubtful(list[str]):
    """A row with cells that may not be counted. Its `faults` (place, message, expected) are the file's if it is a
    respondent's: an average of nothing, #DIV/0!, in a row of sums says nothing of anybody.
    """

    def __init__(self, cells: Iterable[str], faults: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(cells)
        self.faults = faults


class Off(Exception):
    """A cell that cannot be taken: what is wrong with it, and what was expected."""


def answer(question: Question, cell: str) -> int | None:
    expected = f"a whole number from {question.lowest} to {question.highest}, or an empty cell"
    return _whole(cell, question.lowest, question.highest, "is not on the scale", expected)


def _whole(cell: str, lowest: int, highest: int, message: str, expected: str) -> int | None:
    if not cell:
        return None
    if cell.isascii() and cell.isdigit() and len(cell) <= 3 and lowest <= int(cell) <= highest:
        return int(cell)
    raise Off(message, expected)


def looks(rules: Rules) -> Mapping[str, Callable[[str], Any]]:
    """How each fact is read, but the day: that is read by what the whole column says (`days`)."""
    youngest = rules.min_age or 0
    age = f"a whole number from {youngest} to {OLDEST}"
    slugs = [element.slug for element in rules.instrument.elements]
    return {
        "unit": partial(_place, rules.scope, "unit"),
        "service": partial(_place, rules.scope, "service"),
        "channel": _name,
        "age": lambda cell: _whole(cell, youngest, OLDEST, "is not an age that is asked", age),
        **{field: _profile_look(rules.code_list, field) for field in PROFILE},
        "comment": partial(_text, LONGEST_COMMENT),
        "comment_about": partial(_slug, slugs),
    }


def _text(longest: int, cell: str) -> str:
    if len(cell) > longest:
        raise Off("is too long", f"at most {longest} characters")
    return cell


def _name(cell: str) -> str:
    return _text(LONGEST_LINE, tidied(cell))


def _place(scope: Scope, place: Place, cell: str) -> str:
    found = scope.find(place, _name(cell))
    if found is None:
        raise Off(*scope.other(place))
    return found


def _code(codes: CodeList, field: ProfileField, cell: str) -> str:
    said = tidied(cell)
    found = codes.find(field, said) if said else ""
    if found is None:
        raise Off("is not in the code list", f"one of: {', '.join(c.code for c in codes.of(field))}, or nothing")
    return found


def _profile_look(codes: CodeList | None, field: ProfileField) -> Callable[[str], str]:
    if codes is not None:
        return partial(_code, codes, field)
    spelled: dict[str, str] = {}
    return lambda cell: spelled.setdefault(_name(cell).casefold(), _name(cell))


def _slug(slugs: Sequence[str], cell: str) -> str:
    if cell and cell.casefold() not in slugs:
        raise Off("is no element", f"one of: {', '.join(slugs)}, or nothing")
    return cell.casefold()
