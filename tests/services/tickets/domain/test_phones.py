"""Telephone numbers: writings of one number meet, and no two numbers do."""

import pytest

from services.tickets.domain.phones import canonical_phone, is_personal, writings_of

MOBILE, LANDLINE = "+6281234567890", "+62215550123"


@pytest.mark.parametrize("text", ["0812-3456-7890", "6281234567890", "+62 812 3456 7890", "(0812) 3456 7890", MOBILE])
def test_writings_of_a_mobile_number_meet(text: str) -> None:
    assert canonical_phone(text) == MOBILE
    assert {"6281234567890", "081234567890", MOBILE, text} <= set(writings_of(text)) | {text}
    assert is_personal(text)


@pytest.mark.parametrize("text", ["021-555-0123", "(021) 5550123", "+62 21 5550123"])
def test_landline_keeps_its_area_and_is_nobodys_alone(text: str) -> None:
    assert canonical_phone(text) == LANDLINE
    assert not is_personal(text)
    assert not any(writing.startswith(("+628", "08", "628")) for writing in writings_of(text))


def test_bare_number_of_the_area_0811_is_no_landline_of_the_area_0628() -> None:
    assert canonical_phone("6281155501234") == "+6281155501234"


@pytest.mark.parametrize("text", ["", "12", "call me", "0800-150-3001"])
def test_what_is_no_mobile_number_is_nobodys_alone(text: str) -> None:
    assert not is_personal(text)
