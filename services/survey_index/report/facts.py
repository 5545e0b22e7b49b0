"""Everything that a report tells, as plain facts. Printers compute nothing but what a spreadsheet computes again."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Literal

from services.survey_index.domain.csat import Csat
from services.survey_index.domain.editions import EDITIONS, Edition
from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.nps import Nps
from services.survey_index.domain.period import Period
from services.survey_index.domain.profile import NOT_TOLD, PROFILE, CodeList, ProfileField
from services.survey_index.domain.sampling import Adequacy
from services.survey_index.domain.sheet.notes import ElementsNamedBy
from services.survey_index.domain.skm import ElementIndex, Index, Missing, Weighting, half_up
from services.survey_index.domain.span import DaysTaken
from services.survey_index.domain.tallies import Answers
from services.survey_index.models import DEFAULT_PRIORITIES, CaseOutcome, FollowUp, Selection
from shared.privacy import masked_text

_LONGEST_NUMBER = 12

Questionnaire = Literal["recorded", "named", "ordered", "sentences", "columns", "mapped", "assumed"]
"""How far it is known what respondents were asked.

recorded  the survey was set up with its questionnaire, and asked by it
named     whoever had the report made said which questionnaire it was, or how its questions read
ordered   whoever had the report made said which elements U1, U2, … are; how the questions read is not known
sentences the columns of the file have the questions for names; the words of the scale are not known
columns   the columns of the file name the elements; how the questions read is not known
mapped    whoever brought a file said which elements some of its columns are; the others are as assumed
assumed   nobody said: the elements of the usual questionnaire are taken, in its order
"""


def how_far_told(named_by: AbstractSet[ElementsNamedBy | None]) -> Questionnaire:
    """How far it is known what was asked by files alone, of which one or more tell less than others. What was said of
    the columns of one may be all that is known of it, so that nothing can be stated as read in a header.
    """
    if named_by == {"sentences"}:
        return "sentences"
    if "mapping" in named_by:
        return "mapped"
    return "columns" if named_by <= {"sentences", "names"} else "assumed"


@dataclass(frozen=True, slots=True)
class Share:
    """How many respondents said this of themselves, and how large a share of all they are (two decimals)."""

    name: str
    count: int
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Checked:
    """How many respondents were asked again, and what was found (docs/domain.md, "Sampling": a fifth of them)."""

    confirmed: int = 0
    differs: int = 0
    not_reached: int = 0

    @property
    def all(self) -> int:
        return self.confirmed + self.differs + self.not_reached


@dataclass(frozen=True, slots=True)
class Row:
    """One respondent in the sheet: a number, not a name, and the answers in the instrument's order."""

    respondent: str
    answers: Answers


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A file of answers, how many respondents of the report came with it, and from which days it is.

    `name` is that of a file alone, `imported_on` the day of one that was imported.
    """

    respondents: int
    name: str = ""
    imported_on: date | None = None
    days: DaysTaken | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """How the respondents of a report came to answer: by an invitation, by another way in, in files.

    `cases` are the resolved cases of the survey by what became of them; None where a part is reported, or a file alone.
    """

    invited: int = 0
    direct: int = 0
    files: Sequence[AnswerFile] = ()
    cases: Mapping[CaseOutcome, int] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The facts of one survey over one period. `rows` are all respondents, or the complete ones by the policy.

    `answers` is the period of the answers themselves.
    """

    title: str
    unit: str
    period: Period
    made_on: date
    instrument: Instrument
    edition: Edition
    weighting: Weighting
    missing: Missing
    index: Index
    adequacy: Adequacy
    rows: Sequence[Row]
    code_list: CodeList
    profile: Mapping[ProfileField, Sequence[Share]]
    answers: Period = field(default_factory=Period)
    questionnaire: Questionnaire = "recorded"
    origins: Origins = field(default_factory=Origins)
    most_priorities: int = DEFAULT_PRIORITIES
    """How many elements are named as those to improve first; more where equal ones would be parted."""
    astride: int = 0
    """Respondents who are not in the report: it is only known that they answered within days that its period cuts."""
    services: Sequence[str] = ()
    channel: str = ""
    """The only channel that is reported, or "" for all of them."""
    ipak: Index | None = None
    nps: Nps | None = None
    csat: Csat | None = None
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the slug of the element that they are about; those about none under the empty slug."""
    follow_ups: Sequence[FollowUp] = ()
    selection: Selection = "everybody"
    checked: Checked | None = None
    """None where nobody knows, as with a file alone."""

    @property
    def has_own_numbers(self) -> bool:
        """Whether respondents go by the numbers that they came with. Where one is too long for its column, or may be
        a citizen's own (a telephone, a NIK), all go by their places in the sheet.
        """
        return all(
            len(row.respondent) <= _LONGEST_NUMBER and masked_text(row.respondent) == row.respondent
            for row in self.rows
        )

    @property
    def labels(self) -> Sequence[str]:
        """What the sheet calls each respondent, in the order of `rows`."""
        own = self.has_own_numbers
        return [row.respondent if own else str(place) for place, row in enumerate(self.rows, start=1)]

    @property
    def ranked(self) -> Sequence[ElementIndex]:
        """The elements from the lowest to the highest. Those without answers are not in it."""
        graded = [element for element in self.index.elements if element.nrr is not None]
        return sorted(graded, key=lambda element: printed_nrr(element) or Decimal())

    @property
    def priorities(self) -> Sequence[Sequence[ElementIndex]]:
        """What to improve first: the lowest elements, equal ones together. What has the best grade already is none."""
        best = EDITIONS[self.edition][0]
        needy = (element for element in self.ranked if element.band != best)
        chosen: list[Sequence[ElementIndex]] = []
        for _, equals in groupby(needy, key=printed_nrr):
            if sum(map(len, chosen)) >= self.most_priorities:
                break
            chosen.append(list(equals))
        return chosen


def printed_nrr(element: ElementIndex) -> Decimal | None:
    """The NRR as it is read: what looks equal is equal."""
    return None if element.nrr is None else half_up(element.nrr, 4)


def profile_of(people: Iterable[Mapping[ProfileField, str]], codes: CodeList) -> Mapping[ProfileField, Sequence[Share]]:
    """The tables of a profile, every code of the list in its order, and who said nothing if there are such."""
    told = list(people)
    tables = {}
    for field_ in PROFILE:
        counts = {known.code: 0 for known in codes.of(field_)} | {"": 0}
        for person in told:
            counts[person[field_]] += 1
        names = {known.code: known.name.id for known in codes.of(field_)} | {"": NOT_TOLD}
        n = len(told)
        tables[field_] = [
            Share(names[code], count, half_up(Fraction(100 * count, n), 2) if n else None)
            for code, count in counts.items()
            if code or count
        ]
    return tables
