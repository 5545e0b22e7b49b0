"""What is missing of a complaint, what an answer has of it, and that nobody is asked twice for the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.tickets.domain.cases import Case, new_case
from services.tickets.domain.change import Act
from services.tickets.domain.citizens import introduced
from services.tickets.domain.clocks import Policy
from services.tickets.domain.completeness import (
    AlreadyAsked,
    NothingMissing,
    found_in,
    known_fields,
    missing_fields,
    question,
    receive_info,
    request_info,
)
from services.tickets.domain.happenings import InfoReceived
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit
from services.tickets.domain.verbs import AlreadyResolved, resolve
from shared.visibility import EVERYTHING
from tests.factories import TRACE, contact

UNIT = Unit("pencairan", "pencairan")
ASKED = Topic("insentif", "insentif", UNIT, ("insentif",), ("name", "email", "body"), {"chat": ("body",)})
ACT = Act("staff:1", TRACE, datetime(2026, 3, 13, 3, 0, tzinfo=UTC), EVERYTHING)
NIK = "3171234101990001"


def case() -> Case:
    brought = contact().data
    policy = Policy("ptsa", 1, 7, "calendar_days", "Asia/Jakarta")
    return new_case(brought, introduced(brought), ASKED, UNIT, policy, TRACE)


def test_topic_says_what_is_missing_and_no_topic_misses_nothing() -> None:
    assert missing_fields(ASKED, "form", {"name", "body"}) == ["email"]
    assert missing_fields(ASKED, "form", {"name", "body", "email", "phone"}) == []
    assert missing_fields(None, "form", set()) == []


def test_channel_may_require_other_fields_than_the_topic() -> None:
    assert missing_fields(ASKED, "chat", {"body"}) == []
    assert missing_fields(ASKED, "email", {"body"}) == ["name", "email"]


def test_citizen_is_asked_once_for_each_missing_set_whatever_its_order() -> None:
    change, asked = request_info(case(), ["nik", "email"], [], ACT)
    with pytest.raises(AlreadyAsked):
        request_info(change.after, ["email", "nik", "nik"], [asked], ACT)
    _, other = request_info(change.after, ["email"], [asked], ACT)
    assert other.names == ("email",)


def test_citizen_is_asked_for_nothing_where_nothing_is_missing_or_the_case_is_resolved() -> None:
    with pytest.raises(NothingMissing):
        request_info(case(), [], [], ACT)
    with pytest.raises(AlreadyResolved):
        request_info(resolve(case(), None, ACT).after, ["nik"], [], ACT)


def test_question_names_the_fields_in_plain_words_in_the_conversation() -> None:
    change, _ = request_info(case(), ["programme_number", "email"], [], ACT)
    assert change.entry is not None
    assert (change.entry.author, change.entry.body) == ("agent", question(["programme_number", "email"]))
    assert "nomor Kartu Prakerja" in change.entry.body
    assert "alamat e-mail" in change.entry.body
    assert change.before is not None
    assert change.after.ticket.status == "waiting"
    assert (change.after.clocks, change.after.unit) == (change.before.clocks, change.before.unit)


def test_answer_is_told_with_the_fields_that_were_found() -> None:
    change, asked = request_info(case(), ["nik", "email"], [], ACT)
    received = receive_info(change.after, asked, ["nik"], replace(ACT, actor="door"))
    assert [happened.happening for happened in received.happened] == [InfoReceived(asked.id, ("nik",))]


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        (f"ini nik saya {NIK} makasih", {"nik"}, {"nik": NIK}),
        ("nomornya 3171 2341 0199 0001", {"programme_number"}, {"programme_number": NIK}),
        (f"ini {NIK}", {"nik", "programme_number"}, {}),
        (f"ini {NIK}", {"email"}, {}),
        (f"{NIK} atau {NIK[:-1]}2", {"nik"}, {}),
        (f"{NIK} ya, {NIK}", {"nik"}, {"nik": NIK}),
        (f"{NIK}7", {"nik"}, {}),
        ("email Budi.S+1@Surel.Example ya", {"email"}, {"email": "budi.s+1@surel.example"}),
        ("tanya admin@a.example atau b@b.example", {"email"}, {}),
        ("wa 0812-3456-7890", {"phone"}, {"phone": "+6281234567890"}),
        ("62 812 3456 7890", {"phone"}, {"phone": "+6281234567890"}),
        ("+6281234567890", {"phone"}, {"phone": "+6281234567890"}),
        (f"0{NIK}", {"phone"}, {}),
        ("nanti saya kirim", {"nik", "email", "phone", "name"}, {}),
        ("nama saya Warga", {"name"}, {}),
    ],
)
def test_answer_has_what_was_asked_for_and_can_be_told_by_its_form(
    text: str, asked: set[str], found: dict[str, str]
) -> None:
    assert found_in(text, asked) == found


def test_fields_that_are_known_are_those_that_he_said() -> None:
    assert known_fields(case().citizen) == {"name", "email", "phone", "body"}
