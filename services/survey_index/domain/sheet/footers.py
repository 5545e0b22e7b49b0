"""Which rows are no respondents: sums, averages, notes and signatures, as recaps have them below the data.

A row that says what it is, or that holds text where answers stand, never counts and is told. Whatever could be a
respondent with a slip of the pen is left to be refused: who is passed over is missing in every figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.sheet.cells import UNSAID, Off, answer
from services.survey_index.domain.sheet.header import Columns
from services.survey_index.domain.sheet.labels import Label, is_number_like, label_of
from services.survey_index.domain.sheet.rules import Rules

TEXT = "text where answers stand"
NOTHING = "no answers"
_SHORTEST_NIP = 12
"""Digits of a number that is no figure, such as that of a civil servant under his signature."""


@dataclass(slots=True)
class _Answers:
    """What stands where answers stand: how many cells hold an answer, a figure that is none, or a text."""

    given: int = 0
    figures: int = 0
    texts: int = 0
    words: int = 0
    """Texts that are words of the scale, such as `Baik`: somebody answered, though not with a number."""

    @property
    def filled(self) -> int:
        return self.given + self.figures + self.texts


class Footers:
    """Tells what a row is that may be no respondent."""

    def __init__(self, columns: Columns, rules: Rules) -> None:
        self._width = len(columns)
        places = {asks: place for place, (_, asks) in enumerate(columns) if asks is not None}
        self._respondent = places.pop("respondent", None)
        self._questions = [(q, places.pop(q.code)) for q in rules.instrument.questions if q.code in places]
        self._facts = [*places.values()]
        self._said_freely = {place for asks, place in places.items() if asks in ("comment", "comment_about")}

    def why(self, cells: Sequence[str]) -> str | None:
        """Why the row is no respondent, as `PassedOver` tells it; None where it is one, or nobody can tell."""
        texts = [cell.strip() for cell in cells] + [""] * (self._width - len(cells))
        answers = self._answers(texts)
        name = "" if self._respondent is None else texts[self._respondent]
        for label in self._labels(texts, name):
            if _heads(label, answers, in_its_place=bool(name)):
                return label.word
        if name == UNSAID or is_number_like(name):
            return None
        is_nobody = self._respondent is not None and not name
        is_sparse = 2 * answers.filled <= len(self._questions)
        if answers.texts and not answers.given and not answers.words and (is_nobody or is_sparse):
            return TEXT
        if not answers.filled and (is_nobody or self._tells_nothing(texts)):
            return NOTHING
        return None

    def _answers(self, texts: Sequence[str]) -> _Answers:
        found = _Answers()
        for question, place in self._questions:
            cell = texts[place]
            if not cell:
                continue
            if _is_answer(question, cell):
                found.given += 1
            elif any(map(str.isalpha, cell)) or sum(map(str.isdigit, cell)) >= _SHORTEST_NIP:
                found.texts += 1
                found.words += cell.casefold() in _scale_words(question)
            else:
                found.figures += 1
        return found

    def _labels(self, texts: Sequence[str], name: str) -> list[Label]:
        """The labels that may be the row's: in the respondent's cell, or, where that is empty, in any other; in a file
        without respondents' numbers in the first cell that holds anything.
        """
        if name:
            told = [name]
        elif self._respondent is None:
            told = [text for text in texts if text][:1]
        else:
            told = [text for place, text in enumerate(texts) if text and place not in self._said_freely]
        return [label for text in told if (label := label_of(text)) is not None]

    def _tells_nothing(self, texts: Sequence[str]) -> bool:
        """Whether a row without answers has nothing that somebody told of himself either."""
        if self._respondent is None and sum(map(bool, texts)) == 1:
            return True
        return not any(texts[place] for place in self._facts)


def _heads(label: Label, answers: _Answers, *, in_its_place: bool) -> bool:
    """Whether a row with these answers is what its label says, and no respondent who is called so.

    An average may be exactly 3 and a sum 4, so that a label decides where it says nothing else, or where only a
    respondent's number can stand. A service `Nilai Tanah` or a `Kepala Desa` with answers is a respondent's.
    """
    match label.kind:
        case "signature":
            return not answers.given and not answers.figures
        case "name":
            return label.alone
        case "count":
            return not answers.given
        case "figure":
            return label.alone or in_its_place or not answers.given


def _is_answer(question: Question, cell: str) -> bool:
    try:
        answer(question, cell)
    except Off:
        return False
    return True


def _scale_words(question: Question) -> frozenset[str]:
    return frozenset(map(str.casefold, (*question.text.words.id, *question.text.words.en)))
