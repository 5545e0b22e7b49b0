"""Headers as they are in the wild: one that is broken costs itself alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.channels.mail.headers import words
from tests.services.intake.given import NOW
from tests.services.intake.mail.given import items, mail, utterance

BAD_HEADERS: dict[str, list[str | bytes]] = {
    "Message-ID": ["<[83c4@corp.example]>", "<>", "< >", "<\x00>", "\xff", "<" + "a" * 5_000 + "@x.example>"],
    "Content-Type": ["text/plain; name*", "text/plain; charset=bogus", "text/plain; charset=1252", "text", ";", "/"],
    "To": ["(c):", '"', "(" * 2_000, "", "a@b, ", "undisclosed-recipients:;", "<<<>>>"],
    "Cc": [b"J\xf6rn <joern@surel.example>", "a@b.example, "],
    "Reply-To": [b"=?utf-8?b?" + "Jörn".encode() + b"?= <x>", "=?utf-8?b?4p?=", "<>"],
    "Content-Transfer-Encoding": ["utf-8", "", "8-bit", "\xe9"],
    "Content-Disposition": ["attachment; filename*=us-ascii''b%F6rse.pdf", "inline; filename*0*=", "x;;"],
    "Date": ["kemarin", "", "Fri, 13 Mar 99999 08:59:00 +0700", "Fri, 13 Mar 2026 25:61:00 +9999"],
    "References": ["<", "<<>>", "x" * 10_000, "\xe9"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD_HEADERS.items() for value in values])
def test_bad_header_costs_itself_alone(name: str, value: str | bytes) -> None:
    """E5, E6."""
    encoded = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    found = utterance(mail(**{name.replace("-", "_"): encoded}))
    assert (found.subject, found.sender) == ("Insentif", "warga@surel.example")
    assert "Insentif belum cair." in found.body or found.attachments


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Warga <warga@surel.example>", "Warga", "warga@surel.example"),
        ('"Satu, Warga" <WARGA@surel.example>', "Satu, Warga", "warga@surel.example"),
        ("=?utf-8?q?W=C3=A4rga?= <warga@surel.example>", "Wärga", "warga@surel.example"),
        ("=?utf-8?q?warga=40surel=2Eexample?=", None, "warga@surel.example"),
        (b"W\xe4rga <warga@surel.example>", "Wärga", "warga@surel.example"),
        ("Wärga <warga@surel.example>", "Wärga", "warga@surel.example"),
        ("warga (rumah) <warga@surel.example>", "warga (rumah)", "warga@surel.example"),
        ("Warga Satu warga@surel.example", None, "warga@surel.example"),
        ("(" * 3_000 + " warga@surel.example", None, "warga@surel.example"),
        ("tidak ada", None, ""),
    ],
)
def test_sender_is_found(value: str | bytes, name: str | None, address: str) -> None:
    found = utterance(mail(From=value))
    assert (found.citizen.name, found.sender) == (name, address)
    assert (found.citizen.email or "").lower() == address


def test_answer_goes_to_where_the_sender_wants_it() -> None:
    found = utterance(mail(Reply_To="Warga <rumah@surel.example>"))
    assert (found.sender, found.citizen.email) == ("warga@surel.example", "rumah@surel.example")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?B?SW5zZW50aWY=?=", "Insentif"),
        ("=?utf-8?b?4p?= =?utf-8?b?yT?=", "\u2713"[:0]),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?=E2=9C?= =?utf-8?q?=93?=", "\u2713"),
        ("=?iso-8859-1*id?q?b=F6rse?=", "börse"),
        ("=?bogus?q?halo?=", "halo"),
        ("Re: =?utf-8?Q?keluhan_saya?= (2)", "Re: keluhan saya (2)"),
        ("=?utf-8?x?halo?=", "=?utf-8?x?halo?="),
    ],
)
def test_encoded_words_are_decoded(written: str, meant: str) -> None:
    if meant:
        assert words(written) == meant
    else:
        words(written)  # torn in the middle of a letter: whatever it is, it can be kept


@given(st.binary(max_size=300))
def test_mail_of_any_bytes_becomes_a_contact(content: bytes) -> None:
    utterance(content)


@given(st.text(max_size=200), st.sampled_from(["From", "Subject", "Message-ID", "Content-Type", "References", "Date"]))
def test_mail_with_any_header_becomes_a_contact(value: str, name: str) -> None:
    utterance(mail(**{name.replace("-", "_"): value.encode("utf-8", "surrogatepass")}))


def test_header_that_is_none_does_not_make_text_of_those_behind_it() -> None:
    found = utterance(b"From: warga@surel.example\r\nini bukan kepala\r\nSubject : Insentif\r\n\r\nisi")
    assert (found.subject, found.body, found.sender) == ("Insentif", "isi", "warga@surel.example")


def test_text_without_an_empty_line_before_it_is_text() -> None:
    found = utterance(b"Subject: Insentif\r\nInsentif saya\r\nbelum cair")
    assert (found.subject, found.body) == ("Insentif", "Insentif saya\nbelum cair")


def test_moment_is_that_of_the_mail_or_else_when_it_came() -> None:
    assert utterance(mail()).said_at == datetime(2026, 3, 13, 1, 59, tzinfo=UTC)
    assert utterance(mail(Date="nanti")).said_at == NOW


def test_ten_thousand_headers_are_passed_over() -> None:
    found = utterance(b"X-A: b\r\n" * 10_000 + mail())
    assert found.body == "Insentif belum cair."
    found = utterance(mail(**{f"X-{number}": "x" for number in range(10_000)}))
    assert (found.subject, found.body) == ("Insentif", "Insentif belum cair.")


def test_five_thousand_recipients_are_passed_over() -> None:
    many = ", ".join(f"Warga {number} <w{number}@surel.example>" for number in range(5_000))
    assert utterance(mail(To=many, Cc=many)).body == "Insentif belum cair."


def test_line_of_a_million_letters_is_read_in_one_go() -> None:
    assert utterance(b"x" * 1_000_000).sender == ""
    assert utterance(mail(Subject="x" * 1_000_000)).subject == "x" * 300
    assert len(items(mail(From="(" * 1_000_000))) == 1
    assert len(items(mail(From="<" * 1_000_000, Subject="=?" * 500_000, To='"' * 1_000_000))) == 1
