"""Questionnaires as data. An element (unsur) is known by its slug, never by its position: the regulation has
U8 = pengaduan and U9 = sarana, most questionnaires in use have it the other way round (docs/domain.md, "Elements").

An instrument is versioned, and a survey keeps the whole of the one that it began with.
"""

import re
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from importlib import resources
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.survey_index.domain.editions import Edition
from shared.text import tidied

Measure = Literal["ikm", "ipak", "csat", "nps"]
SCALES: Mapping[Measure, tuple[int, int]] = {"ikm": (1, 4), "ipak": (1, 4), "csat": (1, 3), "nps": (0, 10)}
"""The lowest and the highest value of an answer."""
_WORDS: Mapping[Measure, int] = {"ikm": 4, "ipak": 4, "csat": 3, "nps": 2}

NPS: Measure = "nps"
DEFAULT_INSTRUMENT = "skm14_2017"
"""What a survey asks of which nothing else is said: the nine elements in force."""
REGULATION = "Peraturan Menteri PANRB Nomor 14 Tahun 2017"
REGULATION_ORDER = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "pengaduan",
    "sarana",
)
"""The nine elements as the regulation numbers them; most questionnaires in use swap the last two."""
_MOST_ELEMENTS = 40
RESERVED = frozenset(
    [
        "respondent",
        "date",
        "day",
        "unit",
        "service",
        "channel",
        "age",
        "sex",
        "education",
        "occupation",
        "comment",
        "comment_about",
        "ikm",
        "ipak",
        "n",
    ]
)
"""Columns of a file of answers and names of figures: no element may be called so."""


def wording(text: str) -> str:
    """The words of a text, however they are written and punctuated: `Biaya / Tarif:` as `Biaya/tarif`."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _as_text(value: object) -> object:
    """0.25 as the text "0.25": a weight means what is written, not the nearest binary fraction."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _tidied(value: object) -> object:
    return tidied(value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_tidied), StringConstraints(min_length=1, max_length=300)]
"""A text of a questionnaire. What is not seen in it is dropped and not refused: one that is kept can always be read."""
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Weight = Annotated[
    str, BeforeValidator(_as_text), StringConstraints(max_length=20, pattern=r"^(\d+/[1-9]\d*|\d*\.?\d+)$")
]


class Frozen(BaseModel):
    """A value that came from data: it refuses what it does not know, and does not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Frozen):
    """A text in Indonesian and English."""

    id: Line
    en: Line


class ScaleWords(Frozen):
    """The words for the values, from the lowest; for NPS those of both ends."""

    id: tuple[Line, ...] = Field(max_length=11)
    en: tuple[Line, ...] = Field(max_length=11)


class QuestionText(Frozen):
    text: Words
    words: ScaleWords


class Element(Frozen):
    """One unsur: its questions are averaged, and it weighs once. Without `weight` all of a measure weigh the same."""

    slug: Code
    measure: Measure = "ikm"
    name: Words
    weight: Weight | None = None
    questions: tuple[QuestionText, ...] = Field(min_length=1, max_length=9)


class Question(NamedTuple):
    """One question: `code` is the element's slug, or `slug.1`, `slug.2` where it has several."""

    code: str
    element: str
    measure: Measure
    text: QuestionText

    @property
    def lowest(self) -> int:
        return SCALES[self.measure][0]

    @property
    def highest(self) -> int:
        return SCALES[self.measure][1]


class Instrument(Frozen):
    """A questionnaire. Its elements stand in the order that U1, U2, … mean unless mapped otherwise."""

    code: Code
    version: int = Field(default=1, ge=1, le=32_767)
    name: Words
    source: Line
    elements: tuple[Element, ...] = Field(min_length=1, max_length=_MOST_ELEMENTS + 1)
    edition: Edition | None = Field(
        default=None,
        exclude=True,  # it is kept beside the definition, which a process of the release before reads as well
        description="Whose bands belong to it, if that is known: they grade its surveys if these say nothing",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = Counter(element.slug for element in self.elements)
        for slug, count in names.items():
            if count > 1 or slug in RESERVED or re.fullmatch(r"u\d+", slug):
                raise PydanticCustomError(
                    "element_slug", "has a slug that is taken", {"expected": "a slug of its own for each element"}
                )
        for element in self.elements:
            asks = (element.slug, element.measure, len(element.questions))
            if NPS in asks and asks != (NPS, NPS, 1):
                expected = "one question, the slug nps and the measure nps, or another slug and measure"
                raise PydanticCustomError("nps", "has an element that only half asks for NPS", {"expected": expected})
            wanted = _WORDS[element.measure]
            for question in element.questions:
                if {len(question.words.id), len(question.words.en)} != {wanted}:
                    raise PydanticCustomError(
                        "scale_words",
                        "has an element without a word for each value",
                        {"expected": f"{wanted} words for a question of the measure {element.measure}"},
                    )
        if len(self.elements) - len(self.of(NPS)) > _MOST_ELEMENTS:
            expected = f"at most {_MOST_ELEMENTS} elements beside nps"
            raise PydanticCustomError("too_many", "has too many elements", {"expected": expected})
        for measure in SCALES:
            weights = [element.weight for element in self.of(measure) if element.weight is not None]
            whole = sum(map(Fraction, weights), Fraction())
            if weights and (len(weights) != len(self.of(measure)) or whole != 1):
                raise PydanticCustomError(
                    "weights",
                    "has weights that do not sum to exactly 1",
                    {"expected": f"a weight for each element of {measure}, such as 1/9, together exactly 1"},
                )
        return self

    def of(self, measure: Measure) -> tuple[Element, ...]:
        """The elements of one measure, in their order."""
        return tuple(element for element in self.elements if element.measure == measure)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in its order."""
        return tuple(
            Question(
                element.slug if len(element.questions) == 1 else f"{element.slug}.{place}",
                element.slug,
                element.measure,
                text,
            )
            for element in self.elements
            for place, text in enumerate(element.questions, start=1)
        )

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(question.code for question in self.questions)

    @cached_property
    def answerable(self) -> tuple[str, ...]:
        """The questions that a complete questionnaire has answered: all but the score of NPS."""
        return tuple(question.code for question in self.questions if question.measure != NPS)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The slug of an element → `U1`, its number in the questionnaire. NPS has none."""
        numbered = (element.slug for element in self.elements if element.measure != NPS)
        return {slug: f"U{place}" for place, slug in enumerate(numbered, start=1)}

    @property
    def swaps_the_last_two(self) -> bool:
        """Whether its last two elements are those of the regulation, the other way round."""
        last = REGULATION_ORDER[-2:]
        numbers = [self.numbers.get(slug) for slug in last]
        return numbers == [f"U{REGULATION_ORDER.index(slug) + 1}" for slug in reversed(last)]

    @cached_property
    def by_position(self) -> Mapping[str, str]:
        """`U1` → the code of its question; `U3.1`, `U3.2` where the third element has several."""
        found: dict[str, str] = {}
        for slug, number in self.numbers.items():
            own = [question.code for question in self.questions if question.element == slug]
            found |= {number if len(own) == 1 else f"{number}.{part}": code for part, code in enumerate(own, start=1)}
        return found

    @cached_property
    def by_wording(self) -> Mapping[str, str]:
        """A question's sentence, or the name of an element that asks only one, as `wording` folds it → its code.

        What could mean two questions is left out.
        """
        names = [(e.name, q.code) for e in self.elements for q in self.questions if e.slug == q.code]
        texts = [*names, *((question.text.text, question.code) for question in self.questions)]
        found: dict[str, set[str]] = {}
        for words, code in texts:
            for text in (words.id, words.en):
                found.setdefault(wording(text), set()).add(code)
        return {text: code for text, (code, *others) in found.items() if text and not others}

    def weight_of(self, element: Element) -> Fraction:
        """The element's own weight, or its equal share of its measure."""
        return Fraction(element.weight) if element.weight else Fraction(1, len(self.of(element.measure)))

    @property
    def has_own_weights(self) -> bool:
        return any(element.weight for element in self.elements)

    def asking_nps(self) -> "Instrument":
        """The same, with the question of NPS after the others."""
        if self.of("nps"):
            return self
        return self._with((*self.elements, *builtin()["nps"].elements))

    def without_nps(self) -> "Instrument":
        """The same without that question; itself if nothing else would be left."""
        others = tuple(element for element in self.elements if element.measure != NPS)
        return self._with(others) if others else self

    def in_order(self, slugs: tuple[str, ...]) -> "Instrument":
        """The elements that are named, in this order, for a file whose U8 and U9 mean other things.

        Raises `ValueError`, which says what there is to name.
        """
        known = {element.slug: element for element in self.elements}
        if len(set(slugs)) != len(slugs) or not set(slugs) <= known.keys():
            raise ValueError(f"each of these elements at most once: {', '.join(known)}")
        return self._with(tuple(known[slug] for slug in slugs))

    def reading(self, texts: Mapping[str, QuestionText], *, name: Words, source: str) -> "Instrument":
        """The same elements with these questions, by their codes: the questionnaire called `name`."""
        own = {element.slug: [q for q in self.questions if q.element == element.slug] for element in self.elements}
        elements = tuple(
            element.model_copy(update={"questions": tuple(texts.get(q.code, q.text) for q in own[element.slug])})
            for element in self.elements
        )
        return self._with(elements, name=name, source=source)

    def _with(self, elements: tuple[Element, ...], **changes: Any) -> "Instrument":
        kept = {field: getattr(self, field) for field in Instrument.model_fields}
        return Instrument(**kept | changes | {"elements": elements})


@lru_cache(maxsize=1)
def builtin() -> Mapping[str, Instrument]:
    """The instruments that come with the software, by their code."""
    folder = resources.files("services.survey_index") / "data/instruments"
    read = (Instrument.model_validate_json(file.read_bytes()) for file in folder.iterdir())
    return {instrument.code: instrument for instrument in sorted(read, key=lambda instrument: instrument.code)}
