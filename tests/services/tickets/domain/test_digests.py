"""The digest of a text: the same for what a machine writes each time, with other numbers and another quotation."""

import pytest

from services.tickets.domain.digests import body_digest

ANSWER = "Saya sedang cuti sampai 3 Desember.\n\n> Pengaduan Anda [7K3Q-WM9X-TB40] kami terima.\n"


@pytest.mark.parametrize(
    "other",
    [
        "Saya sedang cuti sampai 14 Desember.\n> Pengaduan Anda [50K7-SF0Y-RFN1] kami terima.",
        "  SAYA sedang cuti sampai 3 Desember.  ",
    ],
)
def test_digest_of_what_a_machine_says_again_is_the_same(other: str) -> None:
    assert body_digest(other) == body_digest(ANSWER) != ""


def test_digest_of_another_text_is_another() -> None:
    assert body_digest("Insentif saya belum cair.") != body_digest("Sertifikat saya belum terbit.")


@pytest.mark.parametrize("text", ["", " \n", "> nur zitiert", "7K3Q-WM9X-TB40 12"])
def test_digest_of_no_words_is_none(text: str) -> None:
    """Two mails without a word of their own have nothing in common."""
    assert body_digest(text) == ""
