"""CSAT in three levels: how large a share of the answers each level has (docs/domain.md, "CSAT")."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.survey_index.domain.instruments import SCALES, Instrument
from services.survey_index.domain.skm import half_up
from services.survey_index.domain.tallies import Counts


@dataclass(frozen=True, slots=True)
class Level:
    """One level: `percent` has two decimals, `printed` none. Without answers there is no share."""

    value: int
    name: str
    count: int
    share: Fraction | None
    percent: Decimal | None
    printed: Decimal | None


@dataclass(frozen=True, slots=True)
class Csat:
    """The levels of `n` answers of at least so many `people`, the best first. `score` is the share of the best."""

    n: int
    people: int
    levels: tuple[Level, ...]

    @property
    def exact(self) -> Fraction | None:
        return self.levels[0].share * 100 if self.levels and self.levels[0].share is not None else None

    @property
    def score(self) -> Decimal | None:
        return self.levels[0].percent if self.levels else None


def csat(counts: Counts, instrument: Instrument) -> Csat:
    """The levels over every question of the measure; an instrument that has none gives no levels."""
    questions = [question for question in instrument.questions if question.measure == "csat"]
    if not questions:
        return Csat(0, 0, ())
    lowest, highest = SCALES["csat"]
    words = questions[0].text.words.id
    found = {
        value: sum(counts.get(question.code, {}).get(value, 0) for question in questions)
        for value in range(highest, lowest - 1, -1)
    }
    n = sum(found.values())
    levels = []
    for value, count in found.items():
        share = Fraction(count, n) if n else None
        percent = half_up(share * 100, 2) if share is not None else None
        printed = half_up(share * 100, 0) if share is not None else None
        levels.append(Level(value, words[value - lowest], count, share, percent, printed))
    people = max(sum(counts.get(question.code, {}).values()) for question in questions)
    return Csat(n, people, tuple(levels))
