"""What happened is kept as JSON and read again, also what another release wrote; and the audit trail's words for it."""

import json
from typing import Any, get_args
from uuid import UUID

import pytest

from services.tickets.domain.audit import record_of
from services.tickets.domain.happenings import (
    CitizenChanged,
    Escalated,
    Happened,
    Happening,
    Joined,
    Known,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Replied,
    Resolved,
    Separated,
    Settled,
    Unrecognised,
    Withdrawn,
    data_of,
    kind_of,
    read,
)
from tests.factories import NOW

CONTACT = UUID(int=7)
TOLD: list[tuple[Happening, str, str, str]] = [
    (Opened("form"), "door", "opened", "form"),
    (Opened("email", mention="7K3Q-WM9X-TB40"), "door", "opened", "email, mentions 7K3Q-WM9X-TB40"),
    (Joined(CONTACT, newly_reachable=True), "door", "joined", ""),
    (Reopened(CONTACT), "door", "reopened", ""),
    (Replied(UUID(int=8)), "staff:1", "replied", ""),
    (Escalated(2, "perlu data bank"), "staff:1", "escalated", "level 2: perlu data bank"),
    (Escalated(1), "staff:1", "escalated", "level 1"),
    (Escalated(1), "booth", "escalated", ""),
    (Settled(), "booth", "settled", ""),
    (Resolved(), "staff:1", "resolved", ""),
    (Joined(CONTACT, because=("same topic +0.06",), score=0.8), "door", "joined", "0.80: same topic +0.06"),
    (Withdrawn(CONTACT), "door", "withdrawn", ""),
    (Separated(CONTACT, UUID(int=9)), "staff:1", "separated", ""),
    (CitizenChanged(UUID(int=9)), "staff:1", "citizen_changed", ""),
    (NoticeFailed("email", "opened", "failed", "SMTP 550"), "notify", "notice_failed", "email about opened: SMTP 550"),
    (NoticeSettled("sms", "resolved", "sent_again"), "staff:1", "notice_sent_again", "sms about resolved"),
    (Unrecognised("merged", {"with": "another"}), "staff:1", "merged", ""),
    (Unrecognised("escalated", {"detail": "as it was said"}), "staff:1", "escalated", "as it was said"),
]


def test_every_kind_is_told() -> None:
    assert {type(what) for what, *_ in TOLD} == {*get_args(Known), Unrecognised}


@pytest.mark.parametrize(("what", "actor", "verb", "detail"), TOLD)
def test_happening_is_read_as_it_was_kept(what: Happening, actor: str, verb: str, detail: str) -> None:
    assert read(kind_of(what), json.loads(json.dumps(data_of(what)))) == what


@pytest.mark.parametrize(("what", "actor", "verb", "detail"), TOLD)
def test_record_says_it_in_the_words_of_the_trail(what: Happening, actor: str, verb: str, detail: str) -> None:
    record = record_of(Happened(UUID(int=1), 3, what, actor, NOW))
    assert (record.version, record.actor, record.verb, record.detail, record.at) == (3, actor, verb, detail, NOW)


@pytest.mark.parametrize(
    ("kind", "data", "what"),
    [
        ("merged", {"with": 1}, Unrecognised("merged", {"with": 1})),
        ("opened", {"door": "form"}, Unrecognised("opened", {"door": "form"})),
        ("opened", {"channel": "form", "language": "id"}, Opened("form")),
        ("joined", {}, Joined()),
    ],
)
def test_happening_of_another_release_is_never_an_error(kind: str, data: dict[str, Any], what: Happening) -> None:
    assert read(kind, data) == what
