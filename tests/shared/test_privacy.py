"""What is left of something that a citizen could be found by."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.privacy import masked_address, masked_number, masked_text

mail_locals = st.from_regex(r"[a-z0-9._+-]{2,30}", fullmatch=True)
phones = st.from_regex(r"\+[1-9]\d{7,14}", fullmatch=True)
long_numbers = st.from_regex(r"[1-9]\d{8,19}", fullmatch=True)


@pytest.mark.parametrize(("last4", "masked"), [("0001", "************0001"), (None, "************")])
def test_programme_number_keeps_its_last_four_digits(last4: str | None, masked: str) -> None:
    assert masked_number(last4) == masked


@given(mail_locals)
def test_mail_address_keeps_its_first_letter_and_its_domain(local: str) -> None:
    assert masked_address(f"{local}@surel.example") == f"{local[0]}***@surel.example"


@given(phones)
def test_telephone_keeps_its_length_and_its_last_four_digits(phone: str) -> None:
    masked = masked_address(phone)
    assert masked.strip("*") == phone[-4:]
    assert len(masked) == len(phone)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("NIK saya 3174012345670001, tolong", "NIK saya ••••••••••••0001, tolong"),
        ("hubungi 0812-3456-7890 ya", "hubungi ••••••••••7890 ya"),
        ("+62 812 3456 7890", "•••••••••••••7890"),
        ("NIK 3201  0101  0190  0001", "NIK ••••••••••••••••••0001"),
        ("HP (0812) 3456\u20137890", "HP ••••••••••••7890"),
        ("0812\u200b3456\u200b7890", "••••••••••7890"),
        ("surel warga@surel.example saja", "surel (alamat surel) saja"),
        ("antre 45 menit di loket 3, 12.30", "antre 45 menit di loket 3, 12.30"),
    ],
)
def test_text_keeps_its_words_without_what_its_writer_may_be_found_by(text: str, masked: str) -> None:
    assert masked_text(text) == masked


@given(st.text(), long_numbers, st.text())
def test_text_never_keeps_a_long_number(before: str, number: str, after: str) -> None:
    masked = masked_text(f"{before} {number} {after}")
    assert re.search(r"[0-9]{9}", masked) is None
