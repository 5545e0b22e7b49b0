"""Instruments and code lists as a unit might write its own."""

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


EDUCATION = [("S1", "Sarjana", "Bachelor"), ("S2_KEATAS", "S2 Keatas", "Master"), ("SMA", "SMA", "High school")]


def codes(code: str = "jepara_2021", **changes: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """A code list as an officer brings it."""
    words: dict[str, Sequence[tuple[str, str, str]]] = {
        "sex": [("L", "Laki-laki", "Male"), ("P", "Perempuan", "Female")],
        "education": EDUCATION,
        "occupation": [("LAIN", "Lainnya", "Other")],
        **changes,
    }
    fields = {
        field: [{"code": c, "name": {"id": name, "en": english}} for c, name, english in known]
        for field, known in words.items()
    }
    return {"code": code, "name": {"id": "Kabupaten Jepara", "en": "Jepara"}, "source": "Data 2021", **fields}
