"""Counting responses into the rows of tallies, before any of them is written."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.survey_index.domain.profile import PROFILE
from services.survey_index.domain.tallies import Answers
from services.survey_index.models import Survey

PlaceOfTally = tuple[str, str, date, str, str, str, bool, str]
"""(dimension, grain, day, unit, service, channel, complete, value)"""


PlaceOfAnswer = tuple[str, date, str, str, str, bool]
"""(grain, day, unit, service, channel, complete)"""


def grain_of(first_day: date | None) -> str:
    """The grain of an answer that is known to be of one day (None), or to lie between `first_day` and its day."""
    return "day" if first_day is None else first_day.isoformat()


class Counted:
    """What responses add to the tallies of a survey; it may gather many batches before it is written once."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._layout = survey.layout
        self._counts: dict[PlaceOfTally, list[int]] = {}

    def add(self, place: PlaceOfAnswer, profile: Sequence[str], answers: Answers) -> None:
        """Counts one respondent: `profile` is what he said of himself, in the order of PROFILE."""
        places = self._layout.places(answers)
        if not places:  # a questionnaire that came back empty is no respondent
            return
        self._count(("", *place, ""), places)
        for dimension, value in zip(PROFILE, profile, strict=True):
            if value:
                self._count((dimension, *place, value), places)

    def _count(self, place: PlaceOfTally, places: Sequence[int]) -> None:
        cells = self._counts.get(place)
        if cells is None:
            cells = self._counts[place] = [0] * self._layout.size
        for number in places:
            cells[number] += 1

    def rows(self) -> list[tuple[PlaceOfTally, list[int]]]:
        """Spans, days and the months that these add up to, in the order in which every writer takes its locks."""
        months: dict[PlaceOfTally, list[int]] = {}
        for (dimension, grain, day, *rest), cells in self._counts.items():
            if grain != "day":
                continue
            place: Any = (dimension, "month", day.replace(day=1), *rest)
            month = months.get(place)
            months[place] = cells if month is None else [a + b for a, b in zip(month, cells, strict=True)]
        return sorted((self._counts | months).items(), key=lambda row: row[0])


def difference(added: Counted, removed: Counted) -> list[tuple[PlaceOfTally, list[int]]]:
    """What becomes of each row, in the order of rows; without those that stay as they are."""
    net = dict(added.rows())
    for place, cells in removed.rows():
        more = net.get(place)
        net[place] = [-cell for cell in cells] if more is None else [a - b for a, b in zip(more, cells, strict=True)]
    return sorted(((place, cells) for place, cells in net.items() if any(cells)), key=lambda row: row[0])
