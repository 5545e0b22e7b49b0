"""Respondents' numbers and whole rows that come again in a file, where that is told and refuses nothing."""

from collections.abc import Sequence

from services.survey_index.domain.sheet.header import Columns, idle_counters
from services.survey_index.domain.sheet.notes import Notes
from services.survey_index.domain.sheet.rules import Rules


class RepeatsFinder:
    """Notes what came before. Of a row it keeps no more than a number that it is known by."""

    def __init__(self, columns: Columns, rules: Rules, notes: Notes) -> None:
        self._notes = notes
        self._numbers: set[str] = set()
        self._rows: set[int] = set()
        counters = idle_counters([name for name, _ in columns], rules)
        self._compared = [p for p, (name, asks) in enumerate(columns) if asks != "respondent" and name not in counters]
        asked, known = rules.instrument.codes, [asks for _, asks in columns]
        self._looks = "respondent" not in known or any(known[place] not in asked for place in self._compared)
        """Where there is nothing but a number and answers, equal rows are of different people, as often as not."""

    def number_again(self, row: int, respondent: str) -> None:
        """Notes a respondent's number that an earlier row has; one that comes ten times is one number."""
        if respondent not in self._numbers:
            self._numbers.add(respondent)
            self._notes.repeated_numbers.add(row)

    def look_at(self, row: int, cells: Sequence[str]) -> None:
        """Notes a row that says in every column what an earlier one does, but for who it is."""
        if not self._looks:
            return
        known_by = hash(tuple([cells[place].strip() for place in self._compared]))
        if known_by in self._rows:
            self._notes.repeated_rows.add(row)
        self._rows.add(known_by)
