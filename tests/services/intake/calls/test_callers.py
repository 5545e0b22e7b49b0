"""Who calls, as telephone systems say it: no number is refused, and a withheld one is nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.callers import WITHHELD, Caller, better, caller_of


@pytest.mark.parametrize(
    "given_as",
    [
        *("anonymous", "Anonymous", "", " ", "Restricted", "unknown", "sip:anonymous@anonymous.invalid"),
        *("+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533"),
    ],
)
def test_caller_who_withholds_his_number_is_nobody(given_as: str) -> None:
    """P7."""
    assert caller_of(given_as) == WITHHELD
    assert WITHHELD.phone is None


@pytest.mark.parametrize(
    ("given_as", "number"),
    [
        ("+62 812-5550-1207", "+6281255501207"),
        ("0812/5550-1207", "+6281255501207"),
        ("6281255501207", "+6281255501207"),
        ("sip:+6281255501207@pbx.example;transport=udp", "+6281255501207"),
        ("493023125741", "+493023125741"),
        ("021-525 5733", "+62215255733"),
    ],
)
def test_caller_with_a_number_can_be_called(given_as: str, number: str) -> None:
    assert caller_of(given_as) == Caller(number, is_callable=True)


@pytest.mark.parametrize("given_as", ["client:agnes", "112", "99999999999999999", "0", "PT MAJU JAYA"])
def test_caller_with_something_else_is_kept_as_given(given_as: str) -> None:
    assert caller_of(given_as) == Caller(given_as)


@given(st.text(max_size=200))
def test_caller_is_never_refused(text: str) -> None:
    caller = caller_of(text)
    assert "\0" not in caller.text
    assert len(caller.text) <= 64
    assert better(caller, WITHHELD) == caller
    caller.text.encode()


@given(st.text(max_size=20), st.text(max_size=20))
def test_better_of_two_callers_does_not_depend_on_their_order(one: str, other: str) -> None:
    first, second = caller_of(one), caller_of(other)
    assert better(first, second) == better(second, first)
