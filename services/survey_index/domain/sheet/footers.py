"""Which rows are no respondents: sums, averages, notes and signatures, as recaps have them below the data.

A row that says what it is, or that holds text where answers stand, never counts and is told. Whatever could be a
respondent, with a slip of the pen or with a name that begins as a label does, is left to be refused: who is passed over
is missing in every figure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.sheet.cells import UNSAID, Off, answer
from services.survey_index.domain.sheet.header import Columns
from services.survey_index.domain.sheet.labels import Label, is_number_like, label_of
from services.survey_index.domain.sheet.rules import Rules

TEXT = "text where answers stand"
NOTHING = "no answers"
_Verdict = Literal["footer", "doubtful", "respondent"]
_Place = Literal["number", "first", "fact", "any", "comment"]
"""Where a label stands: in the respondent's cell; in a file without numbers in the first cell that holds anything,
which may be one that names a service or a unit, or where people say freely what they think; where the respondent's cell
is empty in any other.
"""
_UNITS = frozenset(["IKM", "SKM", "IPAK", "Kinerja", "Mutu", "Kategori"])
"""Labels by which a unit or a service may be called: Industri Kecil Menengah is one."""
_NOBODYS = frozenset(["Jumlah", "Subtotal", "Rata-rata", "NRR"])
"""Labels by which nothing else is called, whatever stands beside them: `Rata-rata KTP` is no service."""
_WORD = re.compile(r"[^\W\d_]{3}")
_SHORTEST_NIP = 12
"""Digits of a number that is no figure, such as that of a civil servant under his signature."""


@dataclass(slots=True)
class _Answers:
    """What stands where answers stand: how many cells hold an answer, a figure that is none, a text, or a mark."""

    counted: int = 0
    figures: int = 0
    texts: int = 0
    words: int = 0
    """Texts that are words of the scale, such as `Baik`: somebody answered, though not with a number."""
    marks: int = 0
    """Letters that are no word: an `x` may be somebody's answer, too."""

    @property
    def filled(self) -> int:
        return self.counted + self.figures + self.texts + self.marks


class Footers:
    """Tells what a row is that may be no respondent."""

    def __init__(self, columns: Columns, rules: Rules) -> None:
        self._width = len(columns)
        places = {asks: place for place, (_, asks) in enumerate(columns) if asks is not None}
        self._respondent = places.pop("respondent", None)
        self._questions = [(q, places.pop(q.code)) for q in rules.instrument.questions if q.code in places]
        self._facts = [*places.values()]
        self._said_freely = {place for asks, place in places.items() if asks in ("comment", "comment_about")}

    def reason_to_pass_over(self, cells: Sequence[str]) -> str | None:
        """Why the row is no respondent, as `PassedOver` tells it; None where it is one, or nobody can tell."""
        texts = [cell.strip() for cell in cells] + [""] * (self._width - len(cells))
        answers = self._answers(texts)
        for label, verdict in self._verdicts(texts, answers):
            if verdict == "footer":
                return label.word
        if not answers.filled:  # a questionnaire that came back empty is nobody's answer, whatever else it tells
            return None if any(texts[place] for place in self._said_freely) else NOTHING
        return TEXT if self._is_text(texts, answers) else None

    def _is_text(self, texts: Sequence[str], answers: _Answers) -> bool:
        """Whether a row has text where answers stand, and nothing by which it could be a respondent's."""
        if answers.counted or answers.words:
            return False
        name = self._name(texts)
        if self._respondent is not None and not name:
            return bool(answers.texts or answers.marks)
        if name == UNSAID or is_number_like(name) or any(texts[place] for place in self._facts):
            return False
        return bool(answers.texts and not answers.marks and 2 * answers.filled <= len(self._questions))

    def in_doubt(self, cells: Sequence[str]) -> Label | None:
        """The label that makes a row with answers either a respondent's or none, so that somebody must say which."""
        texts = [cell.strip() for cell in cells]
        verdicts = self._verdicts(texts, self._answers(texts))
        return next((label for label, verdict in verdicts if verdict == "doubtful"), None)

    def _name(self, texts: Sequence[str]) -> str:
        return "" if self._respondent is None else texts[self._respondent]

    def _answers(self, texts: Sequence[str]) -> _Answers:
        found = _Answers()
        for question, place in self._questions:
            cell = texts[place]
            if not cell:
                continue
            if _is_answer(question, cell):
                found.counted += 1
            elif _WORD.search(cell) or sum(map(str.isdigit, cell)) >= _SHORTEST_NIP:
                found.texts += 1
                found.words += cell.casefold() in _scale_words(question)
            elif any(map(str.isalpha, cell)):
                found.marks += 1
            else:
                found.figures += 1
        return found

    def _verdicts(self, texts: Sequence[str], answers: _Answers) -> list[tuple[Label, _Verdict]]:
        """The labels that may be the row's, and what each makes of it."""
        found = [(label_of(text), place) for text, place in self._places(texts)]
        return [(label, _verdict(label, answers, place)) for label, place in found if label is not None]

    def _places(self, texts: Sequence[str]) -> list[tuple[str, _Place]]:
        """The cells in which a label may stand."""
        if name := self._name(texts):
            return [(name, "number")]
        filled = [(text, place) for place, text in enumerate(texts) if text]
        if self._respondent is None:
            return [(text, self._kind_of(place)) for text, place in filled[:1]]
        return [(text, "any") for text, place in filled if place not in self._said_freely]

    def _kind_of(self, place: int) -> _Place:
        if place in self._said_freely:
            return "comment"
        return "fact" if place in self._facts else "first"


def _verdict(label: Label, answers: _Answers, place: _Place) -> _Verdict:
    """What a row with these answers is, if this is what it says.

    An average may be exactly 3 and a sum 4, and somebody may be called `Nilai`, or a service `Kategori 1`. So beside
    answers a label decides only where it says nothing else.
    """
    match label.kind:
        case "signature" | "code":
            return "respondent" if answers.counted or answers.figures else "footer"
        case "count":
            if not answers.counted:
                return "footer"
            return "respondent" if label.beside == "nothing" else "doubtful"
        case "name":
            if label.beside == "words":
                return "respondent"
            return "doubtful" if answers.counted else "footer"
        case "figure":
            if not answers.counted:
                return "footer"
            return _figure_beside_answers(label, place)


def _figure_beside_answers(label: Label, place: _Place) -> _Verdict:
    beside = label.beside
    if place == "comment":
        return "respondent" if beside == "words" else "doubtful"
    if place == "fact" and beside != "nothing" and label.word not in _NOBODYS:
        return "respondent"
    if place == "fact" and label.word in _UNITS:
        return "doubtful"
    if beside == "nothing" or (beside == "figures" and place in ("number", "any")):
        return "footer"
    return "doubtful"


def _is_answer(question: Question, cell: str) -> bool:
    try:
        answer(question, cell)
    except Off:
        return False
    return True


def _scale_words(question: Question) -> frozenset[str]:
    return frozenset(map(str.casefold, (*question.text.words.id, *question.text.words.en)))
