"""The rows below the header: one respondent each, but for those that say that they are none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.limits import LONGEST_LINE
from services.survey_index.domain.sheet.cells import UNSAID, Doubtful, Off, answer, looks
from services.survey_index.domain.sheet.days import LOOKED_AT, Days
from services.survey_index.domain.sheet.footers import Footers
from services.survey_index.domain.sheet.header import (
    Columns,
    cut,
    day_is_missing,
    has_sentences,
    is_by_mapping,
    is_by_position,
    order_taken,
    read_header,
)
from services.survey_index.domain.sheet.labels import Label, may_be_label
from services.survey_index.domain.sheet.notes import Notes
from services.survey_index.domain.sheet.repeats import RepeatsFinder
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from services.survey_index.domain.sheet.unnamed import UnnamedRows
from services.survey_index.domain.sheet.unnumbered import UnnumberedRows
from shared.errors import FieldError

_BATCH = 5_000
_REMEMBERED = 5_000


def read_rows(
    rows: Iterable[Sequence[str]],
    rules: Rules,
    faults: Faults,
    *,
    days: Days | None = None,
    notes: Notes | None = None,
) -> Iterator[list[Answered]]:
    """The respondents, in batches. What is wrong is added to `faults`: rows count only if there are none at the end.

    `days` is told of the days of each batch; without it, the order of day and month is not looked for further down.
    What was noticed beside that is added to `notes`.
    """
    lines = iter(rows)
    notes = Notes() if notes is None else notes
    header = [name.strip() for name in next(lines, ())]
    if not any(header) and not faults:
        faults.add("file", "is empty", "a header, and below it a row for each respondent")
    if faults:
        return
    columns = read_header(header, rules, faults)
    if rules.needs_days and rules.answered_on is None and "day" not in (asks for _, asks in columns):
        faults.add(*day_is_missing(header, list(islice(lines, LOOKED_AT)), rules))
    if faults:
        return
    notes.numbered = any(asks == "respondent" for _, asks in columns)
    notes.by_mapping = is_by_mapping(columns, rules)
    notes.by_position = is_by_position(columns, rules)
    notes.has_sentences = has_sentences(columns, rules)
    notes.positions = order_taken(columns, rules)
    days = days or Days(rules)
    reader = _Reader(columns, rules, faults, days, notes)
    batch: list[Answered] = []
    read = 0
    for number, cells in enumerate(lines, start=2):
        answered = reader.read(number, cells)
        if faults:
            if faults.enough:
                return
            continue
        if answered is not None:
            batch.append(answered)
            read += 1
        if len(batch) == _BATCH:
            days.count(batch)
            yield batch
            batch = []
    if not faults:
        reader.end()
    if not read and not faults:
        faults.add("row 2", "is missing", "at least one row of answers below the header")
    if batch and not faults:
        days.count(batch)
        yield batch


@dataclass(slots=True)
class _Column:
    """One column: how its cells are read, and those that were read before, which need no second look."""

    name: str
    place: int
    read_text: Callable[[str], Any]
    values: dict[str, Any]

    def read(self, cells: Sequence[str], number: int, faults: Faults) -> Any:
        """The value of this column's cell. One that cannot be taken is added to `faults`."""
        cell = cells[self.place]
        try:
            return self.values[cell]
        except KeyError:
            pass
        if cell == UNSAID:  # its row says what is wrong with it
            return None
        try:
            value = self.read_text(cell.strip())
        except Off as off:
            faults.add(f"row {number}, column {self.name}", *off.args)
            return None
        if len(self.values) < _REMEMBERED:
            self.values[cell] = value
        return value


class _Reader:
    """Reads rows. A row of cells that were all seen before takes a short way."""

    def __init__(self, columns: Columns, rules: Rules, faults: Faults, days: Days, notes: Notes) -> None:
        self._faults, self._notes = faults, notes
        self._names = [name for name, _ in columns]
        self._width = len(columns)
        self._footers = Footers(columns, rules)
        self._respondents: dict[str, int] = {}
        named = {asks: (name, place) for place, (name, asks) in enumerate(columns) if asks is not None}
        self._respondent: int | None
        self._respondent_name, self._respondent = named.get("respondent", ("respondent", None))
        self._questions = [
            _Column(*named[question.code], partial(answer, question), _plain(question))
            if question.code in named
            else None
            for question in rules.instrument.questions
        ]
        self._nothing = (None,) * len(self._questions)
        look = looks(rules)
        self._facts = {asks: _Column(*named[asks], look[asks], {}) for asks in named if asks in look}
        if "day" in named:
            self._facts["day"] = _Column(*named["day"], days.read, days.values)
            column, place = named["day"]
            days.of_column(cut(column), place, lambda cells: self._footers.reason_to_pass_over(cells) is None)
        self._unnumbered = UnnumberedRows()
        self._unnamed = UnnamedRows(columns, rules.instrument.codes)
        self._repeats = RepeatsFinder(columns, rules, notes) if rules.repeats_may_stand else None

    def read(self, number: int, cells: Sequence[str]) -> Answered | None:
        """The row, or None for an empty one and one that is no respondent. Faults are added; a row with faults is of
        no use.
        """
        if len(cells) != self._width:
            self._read_uneven(number, cells)
            return None
        if self._respondent is not None:
            respondent = name = cells[self._respondent].strip()
            if not name and not any(cell.strip() for cell in cells):
                return None
        else:
            respondent = str(number - 1)
            name = next((text for cell in cells if (text := cell.strip())), "")
            if not name:
                self._unnamed.note_gap()
                return None
        found: Faults | None = None
        try:
            answers = tuple([c.values[cells[c.place]] if c is not None else None for c in self._questions])
        except KeyError:
            found = Faults()
            answers = tuple(c.read(cells, number, found) if c is not None else None for c in self._questions)
        is_odd = not name or may_be_label(name) or answers == self._nothing
        if (is_odd or found or type(cells) is Doubtful) and self._is_done_with(number, cells, name):
            return None
        try:  # of respondents alone: the day of a sum would tell the order of all days
            facts = {fact: column.values[cells[column.place]] for fact, column in self._facts.items()}
        except KeyError:
            found = Faults() if found is None else found
            facts = {fact: column.read(cells, number, found) for fact, column in self._facts.items()}
        if self._respondent is not None:
            first = self._respondents.setdefault(respondent, number)
            if first != number or len(respondent) > LONGEST_LINE:
                self._refuse_or_note(number, respondent, first)
            self._unnumbered.look_at(number, respondent)
        else:
            self._unnamed.look_at(number, cells, answers)
        if found:
            self._faults.take(found)
        if self._repeats is not None:
            self._repeats.look_at(number, cells)
        return Answered(respondent, answers, **facts)

    def end(self) -> None:
        """Refuses the rows of which only the whole file shows that they may be no respondents."""
        message = "is not numbered as the other respondents are, and may be no respondent"
        expected = "a respondent's number, or a label such as Jumlah; or delete the row"
        for row in self._unnumbered.doubtful:
            self._faults.add(f"row {row}, column {self._respondent_name}", message, expected)
        message = "holds answers alone below those of respondents, and may be their average or sum"
        expected = "a column of respondents' numbers, if it is one; or delete the row, and the empty row above it"
        for row in self._unnamed.doubtful:
            self._faults.add(f"row {row}", message, expected)

    def _is_done_with(self, number: int, cells: Sequence[str], name: str) -> bool:
        """Whether a row that is unlike others is no respondent: passed over, or refused if it does not say what it is.

        What a workbook's reader found doubtful in it counts unless it is passed over.
        """
        if self._passes_over(number, cells):
            return True
        self._take_doubts(cells)
        if not name:
            expected = "a respondent's number, or a label such as Jumlah; or delete the row"
            place = f"row {number}, column {self._respondent_name}"
            self._faults.add(place, "is empty, and nothing says what the row is", expected)
            return True
        label = self._footers.in_doubt(cells)
        if label is not None:
            self._refuse_doubtful(number, cells, label)
        return label is not None

    def _refuse_doubtful(self, number: int, cells: Sequence[str], label: Label) -> None:
        """Refuses a row of answers whose label may be somebody's name, or the beginning of one."""
        if self._respondent is not None:
            column, way = self._respondent_name, "a respondent's number"
        else:
            first = next(place for place, cell in enumerate(cells) if cell.strip())
            column, way = cut(self._names[first]) or "(without a name)", "a column of respondents' numbers"
        alone = "a label such as Jumlah" if label.kind == "name" else f"the label alone ({label.word})"
        message = f"begins as the label {label.word} does, and has answers"
        self._faults.add(f"row {number}, column {column}", message, f"{way}, or {alone}; or delete the row")

    def _passes_over(self, number: int, cells: Sequence[str]) -> bool:
        why = self._footers.reason_to_pass_over(cells)
        if why is not None:
            self._notes.pass_over(number, why)
        return why is not None

    def _take_doubts(self, cells: Sequence[str]) -> None:
        if isinstance(cells, Doubtful):
            self._faults.take(FieldError(*fault) for fault in cells.faults)

    def _read_uneven(self, number: int, cells: Sequence[str]) -> None:
        """Reads a row with more or fewer cells than the header: it is no respondent's."""
        if not any(cell.strip() for cell in cells):
            self._unnamed.note_gap()
        elif not self._passes_over(number, cells):
            self._take_doubts(cells)
            self._faults.add(f"row {number}", f"has {len(cells)} cells", f"{self._width} cells, as the header")

    def _refuse_or_note(self, number: int, respondent: str, first: int) -> None:
        """What is to say of a respondent's number that is too long, or was that of the row `first`."""
        place = f"row {number}, column {self._respondent_name}"
        if len(respondent) > LONGEST_LINE:
            self._faults.add(place, "is too long", f"a respondent's number of at most {LONGEST_LINE} characters")
        elif self._repeats is not None:
            self._repeats.number_again(number, respondent)
        elif respondent != UNSAID:
            self._faults.add(place, f"is the respondent of row {first} again", "each respondent once")


def _plain(question: Question) -> dict[str, Any]:
    return {"": None, **{str(value): value for value in range(question.lowest, question.highest + 1)}}
