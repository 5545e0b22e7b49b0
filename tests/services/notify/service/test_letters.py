"""The words: every letter is there in both languages, says what is owed, and cannot be bent by what it quotes."""

from collections.abc import Callable, Mapping
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.notices import Kind, Reason
from services.notify.service.letters import Letters
from shared.case_links import CaseLinks
from shared.events import AnyEvent
from shared.ids import new_id
from shared.secret import Secrets
from tests.conftest import SECRET
from tests.services.notify.given import (
    CODE,
    DUE,
    EVERY_EVENT,
    LINK,
    NOW,
    alerted,
    closed,
    escalated,
    forwarded,
    info_requested,
    invited,
    notice,
    opened,
    rejected,
    replied,
    resolved,
)

LANGUAGES = ("id", "en")
KINDS: tuple[Kind, ...] = get_args(Kind)
REASONS: tuple[Reason, ...] = get_args(Reason)
MUST_SAY = {
    "opened": ["20"],
    "escalated": ["Pencairan", "20"],
    "replied": ["Sedang kami periksa."],
    "info_requested": ["alamat e-mail"],
    "resolved": ["Insentif sudah cair."],
    "closed": ["Tidak ada jawaban."],
    "rejected": ["Bukan pengaduan."],
    "forwarded": ["Dinas Tenaga Kerja", "Upah wewenang kota."],
    "invited": [LINK],
    "alerted": ["pencairan", "20", "unit-head"],
}
LETTERS = [(reason, kind) for reason in REASONS for kind in KINDS if (reason, kind) != ("alerted", "sms")]
"""The staff is told by mail alone."""
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("reason", "kind"), LETTERS)
def test_every_letter_is_written_and_says_what_it_must(reason: Reason, kind: Kind, language: str) -> None:
    letter = Letters(language).write(reason, kind, EVERY_EVENT[reason])
    whole = f"{letter.subject}\n{letter.body}"
    assert [word for word in (CODE, "Satu Atap", *MUST_SAY[reason]) if word not in whole] == []
    assert [mark for mark in ("{{", "}}", "{%", "None", "Undefined") if mark in whole] == []
    assert bool(letter.subject) is (kind == "email")


@pytest.mark.parametrize("kind", KINDS)
def test_escalation_names_the_due_date_in_indonesian_words(kind: Kind) -> None:
    letter = Letters("id").write("escalated", kind, escalated())
    assert "Jumat, 20 Maret 2026" in letter.body
    if kind == "email":
        assert "Jumat, 20 Maret 2026" in letter.subject


def test_day_is_that_of_the_units_zone() -> None:
    """The same moment is still Friday in Jakarta and already Saturday in Jayapura."""
    letter = Letters("id").write("escalated", "sms", escalated(zone="Asia/Jayapura"))
    assert DUE.astimezone(ZoneInfo("Asia/Jayapura")).day == 21
    assert "Sabtu, 21 Maret 2026" in letter.body


def test_moment_of_settling_is_told_in_the_units_zone() -> None:
    assert "13 Maret 2026 09.00" in Letters("id").write("resolved", "email", resolved(resolved_at=NOW)).body
    assert "13 Maret 2026 11.00" in Letters("id").write("resolved", "email", resolved(zone="Asia/Jayapura")).body


@pytest.mark.parametrize(("language", "greeting"), [("id", "Bapak/Ibu"), ("en", "Sir or Madam")])
def test_who_left_no_name_is_greeted_all_the_same(language: str, greeting: str) -> None:
    letter = Letters(language).write("opened", "email", opened(citizen={"email": "warga@surel.example"}))
    assert greeting in letter.body


@pytest.mark.parametrize("privacy", ["anonymous", "confidential", "of tomorrow"])
def test_whose_case_is_hidden_is_not_greeted_by_his_name(privacy: str) -> None:
    hidden = opened()
    hidden = hidden.model_copy(update={"data": hidden.data.model_copy(update={"privacy": privacy})})
    letter = Letters("id").write("opened", "email", hidden)
    assert "Warga Satu" not in letter.body
    assert "Yth. Bapak/Ibu," in letter.body


def test_case_that_was_settled_without_words_is_told_without_a_gap() -> None:
    assert Letters("id").write("resolved", "sms", resolved(answer="")).body == (
        f"Pengaduan {CODE} selesai. Terima kasih. Satu Atap"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("reason", "kind"),
    [(reason, "email") for reason in REASONS if reason not in ("invited", "alerted")]
    + [("opened", "sms"), ("replied", "sms")],
)
def test_link_of_the_case_is_in_letters_where_there_is_an_address_for_it(
    reason: Reason, kind: Kind, language: str
) -> None:
    links, event = CaseLinks(Secrets.read(SECRET), "https://lapor.contoh.example/"), EVERY_EVENT[reason]
    link = links.link(event.data.ticket_id)
    assert link.startswith("https://lapor.contoh.example/t/")
    with_link = Letters(language, links).write(reason, kind, event).body
    assert with_link.count(link) == 1
    assert "\n\n\n" not in with_link
    assert "/t/" not in Letters(language).write(reason, kind, event).body


def test_what_is_quoted_is_no_template() -> None:
    quoted = "{{ 7 * 7 }} {% for x in y %} {# hilang #}"
    assert quoted in Letters("id").write("replied", "email", replied(body=quoted)).body


EVENTS: Mapping[Reason, Callable[..., AnyEvent]] = {
    "opened": opened,
    "escalated": escalated,
    "replied": replied,
    "info_requested": info_requested,
    "resolved": resolved,
    "closed": closed,
    "rejected": rejected,
    "forwarded": forwarded,
    "invited": invited,
    "alerted": alerted,
}


def test_message_that_asks_ends_each_sentence_once() -> None:
    lines = ("Kami masih menunggu dari Anda:", "- NIK (16 angka)", "Tanpa jawaban pengaduan ini kami tutup.")
    body = "\n".join(lines)
    told = Letters("id").write("info_requested", "sms", info_requested(body=body)).body
    assert "NIK (16 angka) Tanpa jawaban pengaduan ini kami tutup. Sampaikan kepada kami" in told


@given(texts, texts, st.sampled_from(REASONS))
def test_subject_is_one_line_whatever_is_quoted(code: str, name: str, reason: Reason) -> None:
    """A line break in a subject would be a header of the writer's choice."""
    words = {"tracking_code": f"{code}\r\nBcc: lain@surel.example", "citizen": {"name": name, "email": "a@x.example"}}
    event = EVENTS[reason](**words)
    subject = Letters("id").write(reason, "email", event).subject
    assert len(subject.splitlines()) == 1


@given(texts)
def test_sms_is_one_line_and_not_endless(body: str) -> None:
    letter = Letters("id").write("replied", "sms", replied(body=f"{body}\n" * 100))
    assert len(letter.body.splitlines()) == 1
    assert len(letter.body) < 700


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(
    "name",
    [
        "Pelanggan. Akun Anda diblokir, buka https://penipu.example",
        "buka penipu.example/masuk",
        "PENIPU.COM",
        "Hubungi 0812-0000-0000",
        "Budi\n\nAkun Anda diblokir",
        "Budi\u2028Akun Anda diblokir",
        "Budi\u202eTXET",
        "Pelanggan yang terhormat, akun Anda telah kami blokir dan harus dibuka",
        "a@penipu.example",
    ],
)
def test_name_that_carries_a_message_is_not_greeted(name: str, reason: Reason) -> None:
    event = EVENTS[reason](citizen={"name": name, "email": "warga@surel.example"})
    letter = Letters("id").write(reason, "email", event)
    assert name not in letter.body + letter.subject
    assert "Yth. Bapak/Ibu," in letter.body


@pytest.mark.parametrize(
    "name", ["Siti Nur'aini", "Drs. H. Budi, S.Kom., M.Si", "H.M.Yusuf", "Prof.Budi", "Ng", "林美玲"]
)
def test_name_of_a_person_is_greeted(name: str) -> None:
    letter = Letters("id").write("opened", "email", opened(citizen={"name": name, "email": "warga@surel.example"}))
    assert f"Yth. {name}," in letter.body


def test_unit_makes_no_paragraph_of_its_own() -> None:
    letter = Letters("id").write("escalated", "email", escalated(unit="Dinas\n\nAkun Anda\u202e diblokir"))
    assert "kepada Dinas Akun Anda diblokir untuk" in letter.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_several_notices_are_told_in_one_letter(kind: Kind, language: str) -> None:
    several = [
        notice(kind=kind, tracking_code=f"CODE-{i}", body=f"Isi ke-{i}.", subject=f"Kabar {i}") for i in range(30)
    ]
    together = Letters(language).together(several)
    assert (together.id, together.address, together.kind) == (several[0].id, several[0].address, kind)
    assert "30" in together.subject + together.body
    assert [mark for mark in ("{{", "}}", "{%", "None", "Undefined") if mark in together.body] == []
    if kind == "email":
        assert [i for i in range(20) if f"Isi ke-{i}." not in together.body] == []
        assert "CODE-29" in together.body
    else:
        assert "CODE-4" in together.body
        assert len(together.body) < 306, "two messages"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_were_not_read_in_a_chat_are_told_in_full_in_one_letter(kind: Kind, language: str) -> None:
    answers = [notice(kind=kind, reason="replied", reply_id=new_id(), body=f"Jawaban ke-{i}.") for i in range(3)]
    letter = Letters(language).together(answers)
    assert (letter.reason, CODE in letter.subject + letter.body) == ("replied", kind == "email")
    assert [i for i in range(3) if f"Jawaban ke-{i}." not in letter.body] == []
    assert [mark for mark in ("{{", "}}", "{%", "None", "Undefined") if mark in letter.body] == []
    other = Letters(language).together([*answers, notice(kind=kind)])
    assert other.reason == "together", "not all of them stand in the chat"


def test_single_notice_is_told_as_it_is() -> None:
    one = notice(held=True)
    assert Letters("id").together([one]) == one
