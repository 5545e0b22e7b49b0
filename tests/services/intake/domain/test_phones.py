"""Telephone numbers: however it is written, one telephone is one number."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.domain.phones import NotAPhone, normalise_phone

mobiles = st.from_regex(r"8(11|12|13|14|21|22|23|51|52|53|57|58|78|81|95|96|99)[0-9]{6,9}", fullmatch=True).filter(
    lambda national: phonenumbers.is_valid_number(phonenumbers.parse(f"+62{national}"))
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("081234567890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+6281234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("0812.3456.7890", "+6281234567890"),
        (" (0812) 3456 - 7890 ", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("+62 0812-3456-7890", "+6281234567890"),
        ("62 0812 3456 7890", "+6281234567890"),
        ("812 3456 7890", "+6281234567890"),
        ("021-525 5733", "+62215255733"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_phone_is_kept_as_e164_however_it_is_written(written: str, kept: str) -> None:
    assert normalise_phone(written) == kept


@pytest.mark.parametrize("written", ["0800-150-3001", "08001503001", "+628001503001", "628001503001"])
def test_toll_free_number_is_kept(written: str) -> None:
    assert normalise_phone(written) == "+628001503001"


def test_bare_country_code_is_not_the_area_0628() -> None:
    """`phonenumbers` alone would read `62811…` as a landline, `+6262811…` (docs/domain.md, "Telephones")."""
    trap = phonenumbers.format_number(phonenumbers.parse("62811123456", "ID"), phonenumbers.PhoneNumberFormat.E164)
    assert trap == "+6262811123456"
    assert normalise_phone("62811123456") == "+62811123456"


def test_landline_of_the_area_0628_is_still_one() -> None:
    assert normalise_phone("0628-21234") == "+6262821234"


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        " ",
        "-",
        "+",
        "12",
        "abc",
        "0812",
        "+62",
        "+62-0812",
        "0812+34567890",
        "08123456789012345",
        "110",
        "0000000000",
    ],
)
def test_phone_that_cannot_be_called_is_refused(rubbish: str) -> None:
    with pytest.raises(NotAPhone):
        normalise_phone(rubbish)


@given(mobiles, st.sampled_from(["", " ", "-", "."]))
def test_mobile_is_one_number_in_all_its_spellings(national: str, gap: str) -> None:
    spaced = gap.join((national[:3], national[3:7], national[7:]))
    spellings = (f"0{spaced}", f"62{spaced}", f"+62{spaced}", f"+62{gap}{spaced}")
    assert {normalise_phone(spelling) for spelling in spellings} == {f"+62{national}"}


@given(st.text("0123456789", min_size=1, max_size=13) | mobiles, st.sampled_from(["", "0", "62", "+62", "+", "+65"]))
def test_phone_is_the_same_when_it_is_normalised_again(digits: str, before: str) -> None:
    try:
        normalised = normalise_phone(before + digits)
    except NotAPhone:
        assume(False)
    assert normalise_phone(normalised) == normalised


@given(st.text(max_size=32))
def test_text_is_a_phone_or_is_refused(text: str) -> None:
    try:
        number = normalise_phone(text)
    except NotAPhone:
        return
    assert phonenumbers.is_valid_number(phonenumbers.parse(number))
