"""What happened is kept as JSON and read again, also what another release wrote; and the audit trail's words for it."""

import json
from typing import Any, get_args
from uuid import UUID

import pytest

from services.tickets.domain.audit import record_of
from services.tickets.domain.happenings import (
    Alerted,
    Assigned,
    Breached,
    CitizenChanged,
    Claimed,
    Closed,
    DueSet,
    Escalated,
    Forwarded,
    Happened,
    Happening,
    Held,
    HoldEnded,
    InfoReceived,
    InfoRequested,
    Joined,
    Known,
    Linked,
    Merged,
    Noted,
    NoticeFailed,
    NoticeSettled,
    Opened,
    PolicyChanged,
    Prioritised,
    PrivacySet,
    Recomputed,
    Rejected,
    Reopened,
    ReopenedByAgent,
    Replied,
    Resolved,
    Separated,
    Settled,
    Split,
    Unassigned,
    Unmerged,
    Unrecognised,
    Warned,
    Withdrawn,
    data_of,
    kind_of,
    read,
)
from tests.factories import DUE, NOW

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
    (InfoRequested(UUID(int=8), ("email", "nik")), "staff:1", "info_requested", "email, nik"),
    (InfoReceived(UUID(int=8), ("nik",)), "door", "info_received", "nik"),
    (
        Opened("form", because=("intensif … belum cair",), confidence=0.95),
        "door",
        "opened",
        "form, because of: intensif … belum cair (95%)",
    ),
    (Joined(CONTACT, because=("same topic +0.06",), score=0.8), "door", "joined", "0.80: same topic +0.06"),
    (Withdrawn(CONTACT), "door", "withdrawn", ""),
    (Separated(CONTACT, UUID(int=9)), "staff:1", "separated", ""),
    (CitizenChanged(UUID(int=9)), "staff:1", "citizen_changed", ""),
    (NoticeFailed("email", "opened", "failed", "SMTP 550"), "notify", "notice_failed", "email about opened: SMTP 550"),
    (NoticeSettled("sms", "resolved", "sent_again"), "staff:1", "notice_sent_again", "sms about resolved"),
    (Claimed("staff:1"), "staff:1", "claimed", "staff:1"),
    (Assigned("staff:2"), "staff:1", "assigned", "staff:2"),
    (Assigned("staff:2", "staff:1", "topik"), "staff:1", "assigned", "staff:1 → staff:2: topik"),
    (Unassigned("staff:2", "cuti"), "staff:1", "unassigned", "staff:2: cuti"),
    (Noted(UUID(int=8)), "staff:1", "noted", ""),
    (Held(NOW, "bank"), "staff:1", "held", "until 2026-03-13T02:00:00+00:00: bank"),
    (HoldEnded(), "clock", "hold_ended", ""),
    (Forwarded("Disnaker"), "staff:1", "forwarded", "Disnaker"),
    (ReopenedByAgent("resolved", "keliru"), "staff:1", "reopened_by_agent", "keliru"),
    (Closed("resolved", "selesai"), "staff:1", "closed", "selesai"),
    (Rejected("open", "bukan aduan"), "staff:1", "rejected", "bukan aduan"),
    (Prioritised("normal", "urgent"), "staff:1", "prioritised", "normal → urgent"),
    (PrivacySet("none", "anonymous"), "staff:1", "privacy_set", "none → anonymous"),
    (Linked(CONTACT), "staff:1", "linked", str(CONTACT)),
    (Merged(CONTACT, "source", NOW, "open"), "staff:1", "merged", f"into {CONTACT}"),
    (Merged(CONTACT, "target", NOW), "staff:1", "merged", f"with {CONTACT}"),
    (Unmerged(CONTACT, "source", NOW, "open"), "staff:1", "unmerged", f"from {CONTACT}"),
    (Split(CONTACT, "origin", (CONTACT,)), "staff:1", "split", f"into {CONTACT}"),
    (Split(CONTACT, "new"), "staff:1", "split", f"from {CONTACT}"),
    (Unrecognised("sung_about", {"with": "another"}), "staff:1", "sung_about", ""),
    (Warned("resolution", DUE), "clock", "warned", "resolution, due 2026-03-20T16:59:59+00:00"),
    (Breached("resolution", DUE), "clock", "breached", "resolution, due 2026-03-20T16:59:59+00:00"),
    (
        Alerted("resolution", 2, DUE, "setjen", "unit-head", "kepala@dinas.example"),
        "clock",
        "alerted",
        "unit-head of setjen: resolution, step 2",
    ),
    (
        DueSet("resolution", DUE, "menunggu bank"),
        "staff:1",
        "due_set",
        "resolution due 2026-03-20T16:59:59+00:00: menunggu bank",
    ),
    (DueSet("resolution", None), "staff:1", "due_set", "resolution due by its policy"),
    (
        PolicyChanged("k14", 2, "ptsa", 1),
        "staff:1",
        "policy_changed",
        "k14, version 2; before ptsa, version 1",
    ),
    (
        Recomputed("resolution", "indonesia", 2, NOW, DUE),
        "clock",
        "recomputed",
        "resolution due 2026-03-20T16:59:59+00:00, before 2026-03-13T02:00:00+00:00, by version 2 of indonesia",
    ),
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
