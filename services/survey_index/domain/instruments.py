"""Questionnaires as data. An element (unsur) is known by its slug, never by its position: the regulation has
U8 = pengaduan and U9 = sarana, the seed and most questionnaires in use have it the other way round."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

LOWEST, HIGHEST = 1, 4


@dataclass(frozen=True, slots=True)
class Element:
    """One unsur: its question and the words for the values 1 to 4."""

    slug: str
    name: str
    question: str
    scale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire. Its elements stand in the seed's order, which is what U1, U2, … mean unless mapped."""

    code: str
    name: str
    elements: tuple[Element, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(element.slug for element in self.elements)

    def by_position(self) -> dict[str, str]:
        """`U1` → slug, in the seed's order."""
        return {f"U{place}": slug for place, slug in enumerate(self.slugs, start=1)}


@lru_cache(maxsize=1)
def instruments() -> Mapping[str, Instrument]:
    """Every instrument, by its code."""
    raw = json.loads((resources.files("services.survey_index") / "data/instruments.json").read_text("utf-8"))
    return {
        code: Instrument(
            code=code,
            name=instrument["name"],
            elements=tuple(
                Element(e["slug"], e["name"], e["question"], tuple(e["scale"])) for e in instrument["elements"]
            ),
        )
        for code, instrument in raw.items()
    }
