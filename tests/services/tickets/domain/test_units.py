"""A unit is named by a slug: which, and that the one which a migration made is the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.units import LONGEST_SLUG, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Prakerja / pencairan", "prakerja-pencairan"),
        ("  Loket AK.1 ", "loket-ak-1"),
        ("PHI/Jamsos", "phi-jamsos"),
        ("setjen", "setjen"),
        ("x" * 80, "x" * LONGEST_SLUG),
        ("人社局", "unit-5b300a61"),
    ],
)
def test_slug_of_a_unit_is_its_name_as_programs_write_it(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@given(st.text(min_size=1))
def test_slug_of_a_slug_is_itself(name: str) -> None:
    assert slug_of(slug_of(name)) == slug_of(name)
    assert 0 < len(slug_of(name)) <= LONGEST_SLUG
