"""A case and its verbs: what each does, when it refuses, and that each makes one new version."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Escalated, Joined, Opened, Reopened, Replied, Resolved, Settled
from services.tickets.domain.ticket import CATEGORY, Ticket
from services.tickets.domain.topics import Topic
from services.tickets.domain.verbs import (
    HIGHEST_LEVEL,
    AlreadyResolved,
    HighestLevel,
    escalate,
    join,
    open_ticket,
    reply,
    resolve,
)
from shared.errors import VersionConflict
from shared.events import Person
from tests.factories import DUE, NOW, TRACE, contact

LATER = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
WAGES = Topic("upah", "upah", "pengawas", (), ())
NOBODY = Person()
WORDS = Entry(UUID(int=3), UUID(int=1), "agent", None, "Ya.", NOW)


def ticket(**changes: Any) -> Ticket:
    """An open ticket about an incentive, just filed."""
    words: dict[str, Any] = {
        "id": UUID(int=1),
        "tracking_code": "7K3Q-WM9X-TB40",
        "contact_id": UUID(int=2),
        "chat_id": None,
        "channel": "form",
        "status": "open",
        "topic": "insentif",
        "unit": "Prakerja / pencairan",
        "subject": "",
        "citizen": Person(name="Warga Satu"),
        "programme_number_sealed": None,
        "programme_number_last4": None,
        "policy_name": "ptsa",
        "policy_version": 1,
        "zone": "Asia/Jakarta",
        "opened_at": NOW,
        "resolution_due_at": DUE,
        "correlation_id": "c-1",
    }
    return Ticket(**{**words, **changes})


def act(now: datetime = NOW, actor: str = "staff:1") -> Act:
    return Act(actor, TRACE, now)


def replied(case: Ticket, now: datetime = NOW) -> Ticket:
    return reply(case, WORDS, act(now)).ticket


def escalated(case: Ticket, unit: str | None = None) -> Ticket:
    return escalate(case, unit, "", act()).ticket


def resolved(case: Ticket, now: datetime = LATER) -> Ticket:
    return resolve(case, None, act(now)).ticket


def joining(case: Ticket, topic: Topic | None = None, citizen: Person = NOBODY, **said: Any) -> Change:
    return join(case, contact(citizen=citizen, **said).data, topic, WORDS, act(actor="door"))


def joined(case: Ticket, topic: Topic | None = None, citizen: Person = NOBODY, **said: Any) -> Ticket:
    return joining(case, topic, citizen, **said).ticket


def test_a_reply_waits_for_the_citizen_and_the_first_one_is_remembered() -> None:
    once = replied(ticket())
    assert (once.status, once.status_category, once.first_replied_at) == ("answered", "waiting", NOW)
    assert replied(once, LATER).first_replied_at == NOW


def test_an_escalation_goes_one_level_up_and_stays_open() -> None:
    up = escalated(ticket(), "Setjen")
    assert (up.status, up.status_category, up.escalation_level, up.unit) == ("escalated", "open", 1, "Setjen")
    assert escalated(up).unit == "Setjen"


def test_the_clock_runs_on_from_the_filing() -> None:
    up = escalated(ticket(), "Setjen")
    assert (up.opened_at, up.resolution_due_at) == (NOW, DUE)


def test_there_is_nobody_above_the_highest_level() -> None:
    top = ticket(escalation_level=HIGHEST_LEVEL, status="escalated")
    with pytest.raises(HighestLevel):
        escalated(top)
    assert replied(top).status == "answered"


def test_resolving_says_when() -> None:
    done = resolved(ticket())
    assert (done.status, done.status_category, done.resolved_at) == ("resolved", "resolved", LATER)


@pytest.mark.parametrize("verb", [replied, escalated, resolved])
def test_a_resolved_case_takes_no_verb_of_an_agent(verb: Any) -> None:
    with pytest.raises(AlreadyResolved):
        verb(resolved(ticket()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ticket(), "open"),
        (escalated(ticket()), "escalated"),
        (replied(ticket()), "open"),
        (replied(escalated(ticket())), "escalated"),
        (resolved(ticket()), "open"),
        (resolved(escalated(ticket())), "escalated"),
    ],
)
def test_the_citizens_word_makes_it_open_again(before: Ticket, after: str) -> None:
    case = joined(before)
    assert (case.status, case.status_category, case.resolved_at) == (after, "open", None)


def test_a_case_that_has_a_topic_keeps_it_and_one_without_may_get_one() -> None:
    kept = joined(ticket(), WAGES)
    assert (kept.topic, kept.unit) == ("insentif", "Prakerja / pencairan")
    nameless = ticket(topic=None, unit="contact centre")
    routed, unrouted = joined(nameless, WAGES), joined(nameless)
    assert (routed.topic, routed.unit) == ("upah", "pengawas")
    assert (unrouted.topic, unrouted.unit) == (None, "contact centre")
    sent = joined(escalated(nameless, "Setjen"), WAGES)
    assert (sent.topic, sent.unit) == (None, "Setjen")


def test_what_was_not_known_of_the_citizen_is_learnt_and_what_was_known_stays() -> None:
    said = Person(name="Nama Lain", email="warga@surel.example")
    assert joined(ticket(), None, said).citizen == Person(name="Warga Satu", email="warga@surel.example")
    assert joined(ticket()).citizen == Person(name="Warga Satu")


@pytest.mark.parametrize("expected", [None, 4])
def test_the_version_that_was_read_or_none_may_go_on(expected: int | None) -> None:
    ticket(version=4).check_version(expected)


@pytest.mark.parametrize("expected", [3, 5])
def test_another_version_is_refused_with_the_present_one(expected: int) -> None:
    with pytest.raises(VersionConflict) as refused:
        ticket(version=4).check_version(expected)
    assert [(error.field, error.expected) for error in refused.value.errors] == [("If-Match", '"4"')]


def test_moments_are_told_in_the_zone_of_the_unit() -> None:
    told = resolved(replied(ticket(zone="Asia/Jayapura"))).in_zone()
    assert told.opened_at.isoformat() == "2026-03-13T11:00:00+09:00"
    assert told.resolved_at is not None
    assert told.resolved_at.isoformat() == "2026-03-14T11:00:00+09:00"
    assert told == resolved(replied(ticket(zone="Asia/Jayapura")))


VERBS: dict[str, Callable[[Ticket], Ticket]] = {
    "reply": replied,
    "escalate": escalated,
    "resolve": resolved,
    "join": joined,
}


@given(verbs=st.lists(st.sampled_from(tuple(VERBS)), max_size=20))
def test_each_verb_that_is_not_refused_makes_one_new_version_and_keeps_the_case_sound(verbs: list[str]) -> None:
    case = ticket()
    for verb in verbs:
        try:
            changed = VERBS[verb](case)
        except AlreadyResolved:
            assert case.status == "resolved"
            assert verb != "join"
        except HighestLevel:
            assert case.escalation_level == HIGHEST_LEVEL
            assert verb == "escalate"
        else:
            assert changed.version == case.version + 1
            assert changed.escalation_level == case.escalation_level + (verb == "escalate")
            assert (changed.id, changed.tracking_code, changed.opened_at) == (case.id, case.tracking_code, NOW)
            case = changed
        assert case.status in CATEGORY
        assert (case.resolved_at is not None) is (case.status == "resolved")
        assert 0 <= case.escalation_level <= HIGHEST_LEVEL


# -- what happened ----------------------------------------------------------------------------------------------


def happened(change: Change) -> list[tuple[int, str, Any]]:
    return [(each.version, each.actor, each.what) for each in change.happened]


def test_change_says_what_happened_by_whom_and_in_which_version() -> None:
    case = ticket()
    assert happened(reply(case, WORDS, act())) == [(2, "staff:1", Replied(WORDS.id))]
    assert happened(escalate(case, None, "bank", act())) == [(2, "staff:1", Escalated(1, "bank"))]
    assert happened(resolve(case, None, act())) == [(2, "staff:1", Resolved())]


@pytest.mark.parametrize(
    ("outcome", "status", "at_once"),
    [
        ("open", "open", []),
        ("of tomorrow", "open", []),
        ("escalated", "escalated", [(2, "booth", Escalated(1))]),
        ("settled", "resolved", [(2, "booth", Settled())]),
    ],
)
def test_case_is_opened_as_the_channel_left_it(outcome: str, status: str, at_once: list[Any]) -> None:
    change = open_ticket(ticket(), outcome, LATER, WORDS, act(actor="door"))
    assert change.before is None
    assert (change.ticket.status, change.ticket.version) == (status, 1 + len(at_once))
    assert change.ticket.resolved_at == (LATER if outcome == "settled" else None)
    assert happened(change) == [(1, "door", Opened("form")), *at_once]


def test_join_tells_whether_the_case_was_resolved_and_whether_he_can_be_told_only_now() -> None:
    mail = Person(email="warga@surel.example")
    for before, kind in ((ticket(), Joined), (replied(ticket()), Joined), (resolved(ticket()), Reopened)):
        for citizen, newly_reachable in ((NOBODY, False), (mail, True)):
            change = joining(before, None, citizen, contact_id=UUID(int=9))
            assert happened(change) == [(before.version + 1, "door", kind(UUID(int=9), newly_reachable))]
