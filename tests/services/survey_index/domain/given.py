"""Instruments as a unit might write its own."""

from collections.abc import Sequence
from typing import Any

from services.survey_index.domain.instruments import Element, Instrument, Measure

_FOUR = ("Buruk", "Cukup", "Baik", "Sangat baik")


def element(
    slug: str, *, weight: Any = None, measure: Measure = "ikm", questions: int = 1, words: Sequence[str] = _FOUR
) -> Element:
    """An element with invented words."""
    asked = {
        "text": {"id": f"Bagaimana {slug}?", "en": f"How is {slug}?"},
        "words": {"id": list(words), "en": list(words)},
    }
    name = {"id": slug.title(), "en": slug.title()}
    return Element.model_validate(
        {"slug": slug, "name": name, "weight": weight, "measure": measure, "questions": [asked] * questions}
    )


def instrument(*elements: Element, code: str = "milik_unit", version: int = 1) -> Instrument:
    """An instrument of these elements."""
    return Instrument.model_validate(
        {
            "code": code,
            "version": version,
            "name": {"id": "Milik unit", "en": "A unit's own"},
            "source": "Diciptakan untuk pengujian",
            "elements": [known.model_dump() for known in elements],
        }
    )
