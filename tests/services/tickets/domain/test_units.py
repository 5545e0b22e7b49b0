"""A unit is named by a slug: which, and that the one which a migration made is the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.units import LONGEST_SLUG, slug_of, with_all_below

PARENTS = st.dictionaries(st.sampled_from("abcdefg"), st.none() | st.sampled_from("abcdefg"))


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


def test_units_below_are_found_at_every_depth() -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": "a", "e": None}
    assert with_all_below(["a"], parents) == set("abcd")
    assert with_all_below(["b", "e"], parents) == set("bce")
    assert with_all_below(["unknown"], parents) == {"unknown"}
    assert with_all_below([], parents) == set()


@given(PARENTS, st.sets(st.sampled_from("abcdefg")))
def test_unit_is_below_just_when_going_up_leads_there_even_in_a_ring(
    parents: dict[str, str | None], units: set[str]
) -> None:
    def leads_there(unit: str) -> bool:
        seen: set[str] = set()
        at: str | None = unit
        while at is not None and at not in seen:
            if at in units:
                return True
            seen.add(at)
            at = parents.get(at)
        return False

    assert with_all_below(units, parents) == {unit for unit in {*parents, *units} if leads_there(unit)}
