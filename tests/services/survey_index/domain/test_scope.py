"""A survey asks about its own unit and services."""

import pytest

from services.survey_index.domain.scope import Scope

ONE = Scope("Disnaker", ("Kartu AK.1",))
TWO = Scope("", ("Kartu AK.1", "Legalisasi"))


@pytest.mark.parametrize(
    ("scope", "said", "found"),
    [
        (Scope(), "", ""),
        (Scope(), "Setjen", "Setjen"),
        (ONE, "", "Disnaker"),
        (ONE, "  DISNAKER ", "Disnaker"),
        (ONE, "Setjen", None),
        (TWO, "", ""),
    ],
)
def test_which_unit_is_meant(scope: Scope, said: str, found: str | None) -> None:
    assert scope.find("unit", said) == found


@pytest.mark.parametrize(
    ("scope", "said", "found"),
    [
        (Scope(), "", ""),
        (Scope(), "Legalisasi", "Legalisasi"),
        (ONE, "", "Kartu AK.1"),
        (ONE, "kartu ak.1", "Kartu AK.1"),
        (ONE, "Legalisasi", None),
        (TWO, "", ""),
        (TWO, "legalisasi", "Legalisasi"),
        (TWO, "Lain", None),
    ],
)
def test_which_service_is_meant(scope: Scope, said: str, found: str | None) -> None:
    assert scope.find("service", said) == found
