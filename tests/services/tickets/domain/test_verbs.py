"""A case and its verbs: what each does, when it refuses, and that each makes one new version."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import introduced
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Escalated, Joined, Opened, Reopened, Replied, Resolved, Settled
from services.tickets.domain.policies import days_policy
from services.tickets.domain.status import CATEGORY
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.timeline import begin
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit
from services.tickets.domain.verbs import (
    HIGHEST_LEVEL,
    AlreadyResolved,
    HighestLevel,
    escalate,
    join,
    open_case,
    reply,
    resolve,
)
from shared.errors import VersionConflict
from shared.events import Person
from shared.visibility import EVERYTHING
from tests.factories import DUE, NOW, TRACE, contact
from tests.services.tickets.domain.given import OFFICE

LATER = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
DISBURSING = Unit("prakerja-pencairan", "Prakerja / pencairan")
SETJEN = Unit("setjen", "Setjen")
WAGES = Topic("upah", "upah", Unit("pengawas", "Pengawas"), (), ())
NOBODY = Person()
SEVEN_DAYS = days_policy("ptsa", 1, 7, "calendar_days", "Asia/Jakarta", OFFICE)
BY_NAME = Person(name="Warga Satu")
WORDS = Entry(UUID(int=3), UUID(int=1), "agent", None, "Ya.", NOW)


def new_case(citizen: Person = BY_NAME, **changes: Any) -> Case:
    """An open case about an incentive, just filed."""
    words: dict[str, Any] = {
        "id": UUID(int=1),
        "tracking_code": "7K3Q-WM9X-TB40",
        "contact_id": UUID(int=2),
        "chat_id": None,
        "channel": "form",
        "status": "open",
        "topic": "insentif",
        "unit": DISBURSING.slug,
        "subject": "",
        "zone": "Asia/Jakarta",
        "opened_at": NOW,
        "correlation_id": "c-1",
    }
    whose = introduced(contact(citizen=citizen).data)
    ticket = Ticket(**{**words, **changes}, citizen_id=whose.id)
    return Case(ticket, begin(ticket.id, SEVEN_DAYS, NOW), Unit(ticket.unit, DISBURSING.name), whose)


def standing(case: Case) -> tuple[str, str]:
    return case.ticket.status, case.ticket.status_category


def act(now: datetime = NOW, actor: str = "staff:1") -> Act:
    return Act(actor, TRACE, now, EVERYTHING)


def replied(case: Case, now: datetime = NOW) -> Case:
    return reply(case, WORDS, act(now)).after


def escalated(case: Case, unit: Unit | None = None) -> Case:
    return escalate(case, unit, "", act()).after


def resolved(case: Case, now: datetime = LATER) -> Case:
    return resolve(case, None, act(now)).after


def joining(case: Case, topic: Topic | None = None, citizen: Person = NOBODY, **said: Any) -> Change:
    brought = contact(citizen=citizen, **said).data
    return join(case, brought, introduced(brought), topic, WORDS, act(actor="door"))


def joined(case: Case, topic: Topic | None = None, citizen: Person = NOBODY, **said: Any) -> Case:
    return joining(case, topic, citizen, **said).after


def test_reply_waits_for_the_citizen_and_the_first_one_is_remembered() -> None:
    once = replied(new_case())
    assert (*standing(once), once.ticket.first_replied_at) == ("answered", "waiting", NOW)
    assert replied(once, LATER).ticket.first_replied_at == NOW


def test_escalation_goes_one_level_up_and_stays_open() -> None:
    up = escalated(new_case(), SETJEN)
    assert (*standing(up), up.ticket.escalation_level, up.ticket.unit) == ("escalated", "open", 1, "setjen")
    assert escalated(up).ticket.unit == "setjen"


def test_clock_runs_on_from_the_filing() -> None:
    for verb in (escalated, replied, joined):
        clock = verb(new_case()).resolution
        assert (clock.started_at, clock.due_at, clock.stopped_at) == (NOW, DUE, None)


def test_clock_is_stopped_by_resolving_and_runs_on_when_the_citizen_writes_again() -> None:
    done = resolved(new_case())
    assert (done.resolution.stopped_at, done.resolution.due_at) == (LATER, DUE)
    assert joined(done).resolution == new_case().resolution


def test_there_is_nobody_above_the_highest_level() -> None:
    top = new_case(escalation_level=HIGHEST_LEVEL, status="escalated")
    with pytest.raises(HighestLevel):
        escalated(top)
    assert replied(top).ticket.status == "answered"


def test_resolving_says_when() -> None:
    done = resolved(new_case())
    assert (*standing(done), done.ticket.resolved_at) == ("resolved", "resolved", LATER)


@pytest.mark.parametrize("verb", [replied, escalated, resolved])
def test_resolved_case_takes_no_verb_of_an_agent(verb: Any) -> None:
    with pytest.raises(AlreadyResolved):
        verb(resolved(new_case()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (new_case(), "open"),
        (escalated(new_case()), "escalated"),
        (replied(new_case()), "open"),
        (replied(escalated(new_case())), "escalated"),
        (resolved(new_case()), "open"),
        (resolved(escalated(new_case())), "escalated"),
    ],
)
def test_citizens_word_makes_it_open_again(before: Case, after: str) -> None:
    case = joined(before)
    assert (*standing(case), case.ticket.resolved_at) == (after, "open", None)


def test_case_that_has_a_topic_keeps_it_and_one_without_may_get_one() -> None:
    kept = joined(new_case(), WAGES).ticket
    assert (kept.topic, kept.unit) == ("insentif", "prakerja-pencairan")
    nameless = new_case(topic=None, unit="contact-centre")
    routed, unrouted = joined(nameless, WAGES).ticket, joined(nameless).ticket
    assert (routed.topic, routed.unit) == ("upah", "pengawas")
    assert (unrouted.topic, unrouted.unit) == (None, "contact-centre")
    sent = joined(escalated(nameless, SETJEN), WAGES).ticket
    assert (sent.topic, sent.unit) == (None, "setjen")


def test_what_was_not_known_of_the_citizen_is_learnt_and_what_was_known_stays() -> None:
    said = Person(name="Nama Lain", email="warga@surel.example")
    assert joined(new_case(), None, said).citizen.person == Person(name="Warga Satu", email="warga@surel.example")
    assert joined(new_case()).citizen.person == BY_NAME


@pytest.mark.parametrize("expected", [None, 4])
def test_version_that_was_read_or_none_may_go_on(expected: int | None) -> None:
    new_case(version=4).ticket.check_version(expected)


@pytest.mark.parametrize("expected", [3, 5])
def test_another_version_is_refused_with_the_present_one(expected: int) -> None:
    with pytest.raises(VersionConflict) as refused:
        new_case(version=4).ticket.check_version(expected)
    assert [(error.field, error.expected) for error in refused.value.errors] == [("If-Match", '"4"')]


def test_moments_are_told_in_the_zone_of_the_unit() -> None:
    resting = resolved(replied(new_case(zone="Asia/Jayapura"))).ticket
    told = resting.in_zone()
    assert told.opened_at.isoformat() == "2026-03-13T11:00:00+09:00"
    assert told.resolved_at is not None
    assert told.resolved_at.isoformat() == "2026-03-14T11:00:00+09:00"
    assert told == resting


VERBS: dict[str, Callable[[Case], Case]] = {
    "reply": replied,
    "escalate": escalated,
    "resolve": resolved,
    "join": joined,
}


@given(verbs=st.lists(st.sampled_from(tuple(VERBS)), max_size=20))
def test_each_verb_that_is_not_refused_makes_one_new_version_and_keeps_the_case_sound(verbs: list[str]) -> None:
    case = new_case()
    for verb in verbs:
        try:
            after = VERBS[verb](case)
        except AlreadyResolved:
            assert case.ticket.status == "resolved"
            assert verb != "join"
        except HighestLevel:
            assert case.ticket.escalation_level == HIGHEST_LEVEL
            assert verb == "escalate"
        else:
            was, now = case.ticket, after.ticket
            assert now.version == was.version + 1
            assert now.escalation_level == was.escalation_level + (verb == "escalate")
            assert (now.id, now.tracking_code, now.opened_at) == (was.id, was.tracking_code, NOW)
            case = after
        assert case.ticket.status in CATEGORY
        assert (case.ticket.resolved_at is not None) is (case.ticket.status == "resolved")
        assert case.resolution.stopped_at == case.ticket.resolved_at
        assert 0 <= case.ticket.escalation_level <= HIGHEST_LEVEL


# -- what happened ----------------------------------------------------------------------------------------------


def happened(change: Change) -> list[tuple[int, str, Any]]:
    return [(each.version, each.actor, each.happening) for each in change.happened]


def test_change_says_what_happened_by_whom_and_in_which_version() -> None:
    case = new_case()
    assert happened(reply(case, WORDS, act())) == [(2, "staff:1", Replied(WORDS.id))]
    assert happened(escalate(case, None, "bank", act())) == [(2, "staff:1", Escalated(1, "bank"))]
    assert happened(resolve(case, None, act())) == [(2, "staff:1", Resolved())]


@pytest.mark.parametrize(
    ("outcome", "status", "at_once"),
    [
        ("open", "open", []),
        ("of tomorrow", "open", []),
        ("escalated", "escalated", [(2, "booth", Escalated(1))]),
        ("settled", "resolved", [(2, "booth", Settled(LATER))]),
    ],
)
def test_case_is_opened_as_the_channel_left_it(outcome: str, status: str, at_once: list[Any]) -> None:
    change = open_case(new_case(), outcome, LATER, WORDS, act(actor="door"))
    assert change.before is None
    ticket = change.after.ticket
    assert (ticket.status, ticket.version) == (status, 1 + len(at_once))
    assert ticket.resolved_at == change.after.resolution.stopped_at == (LATER if outcome == "settled" else None)
    assert happened(change) == [(1, "door", Opened("form")), *at_once]


def test_join_tells_whether_the_case_was_resolved_and_whether_he_can_be_told_only_now() -> None:
    mail = Person(email="warga@surel.example")
    for before, kind in ((new_case(), Joined), (replied(new_case()), Joined), (resolved(new_case()), Reopened)):
        for citizen, newly_reachable in ((NOBODY, False), (mail, True)):
            change = joining(before, None, citizen, contact_id=UUID(int=9))
            assert happened(change) == [(before.ticket.version + 1, "door", kind(UUID(int=9), newly_reachable))]
