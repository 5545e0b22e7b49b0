"""Counts, and where each stands in the array that a tally is: a figure is a sum of such arrays, element by element."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from services.survey_index.domain.instruments import NPS, Instrument

Answers = Sequence[int | None]
"""The answers of one respondent in the order of the instrument's questions; None where nothing was answered."""

Counts = Mapping[str, Mapping[int, int]]
"""question → value → how often it was given."""


class Layout:
    """The places of a survey's counts: first the respondents, then each question's values from the lowest up.

    A survey keeps its instrument, so its layout never changes.
    """

    def __init__(self, instrument: Instrument) -> None:
        self._questions = instrument.questions
        self._offsets: list[int] = []
        size = 1
        for question in self._questions:
            self._offsets.append(size - question.lowest)
            size += question.highest - question.lowest + 1
        self.size = size
        asked = [place for place, question in enumerate(self._questions) if question.measure != NPS]
        asked = asked or list(range(len(self._questions)))
        self._values_of_questions = itemgetter(*asked, asked[0])  # two at least, so that it always gives a tuple
        self._nothing = (None,) * (len(asked) + 1)

    def places(self, answers: Answers) -> list[int]:
        """The places that one respondent adds 1 to. Who gave a score of NPS alone did not answer the questionnaire."""
        places = [offset + value for offset, value in zip(self._offsets, answers, strict=True) if value is not None]
        if self.is_answered(answers):
            places.append(0)
        return places

    def is_answered(self, answers: Answers) -> bool:
        """Whether it counts as a respondent: who answered nothing, or gave a score of NPS alone, does not."""
        return bool(self._values_of_questions(answers) != self._nothing)

    def is_complete(self, answers: Answers) -> bool:
        """Whether every question was answered; the score of NPS may be missing."""
        return None not in self._values_of_questions(answers)

    def tally(self, rows: Iterable[Answers]) -> list[int]:
        """The counts of many respondents."""
        cells = [0] * self.size
        for answers in rows:
            for place in self.places(answers):
                cells[place] += 1
        return cells

    def read(self, cells: Sequence[int]) -> tuple[Counts, int]:
        """The counts by question and value, and the number of respondents."""
        counts = {
            question.code: {
                value: cells[offset + value]
                for value in range(question.lowest, question.highest + 1)
                if cells[offset + value]
            }
            for question, offset in zip(self._questions, self._offsets, strict=True)
        }
        return counts, cells[0]
