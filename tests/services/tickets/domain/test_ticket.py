"""A case and its verbs: what each does, when it refuses, and that each makes one new version."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.ticket import CATEGORY, HIGHEST_LEVEL, HighestLevel, Ticket, TicketResolved
from shared.errors import VersionConflict
from shared.events import Person
from tests.factories import DUE, NOW

LATER = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


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


def test_a_reply_waits_for_the_citizen_and_the_first_one_is_remembered() -> None:
    once = ticket().replied(NOW)
    assert (once.status, once.status_category, once.first_replied_at) == ("answered", "waiting", NOW)
    assert once.replied(LATER).first_replied_at == NOW


def test_an_escalation_goes_one_level_up_and_stays_open() -> None:
    up = ticket().escalated("Setjen")
    assert (up.status, up.status_category, up.escalation_level, up.unit) == ("escalated", "open", 1, "Setjen")
    assert up.escalated(None).unit == "Setjen"


def test_the_clock_runs_on_from_the_filing() -> None:
    up = ticket().escalated("Setjen")
    assert (up.opened_at, up.resolution_due_at) == (NOW, DUE)


def test_there_is_nobody_above_the_highest_level() -> None:
    top = ticket(escalation_level=HIGHEST_LEVEL, status="escalated")
    with pytest.raises(HighestLevel):
        top.escalated(None)
    assert top.replied(NOW).status == "answered"


def test_resolving_says_when() -> None:
    done = ticket().resolved(LATER)
    assert (done.status, done.status_category, done.resolved_at) == ("resolved", "resolved", LATER)


@pytest.mark.parametrize("verb", ["replied", "escalated", "resolved"])
def test_a_resolved_case_takes_no_verb_of_the_desk(verb: str) -> None:
    with pytest.raises(TicketResolved):
        getattr(ticket().resolved(NOW), verb)(LATER)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ticket(), "open"),
        (ticket().escalated(None), "escalated"),
        (ticket().replied(NOW), "open"),
        (ticket().escalated(None).replied(NOW), "escalated"),
        (ticket().resolved(NOW), "open"),
        (ticket().escalated(None).resolved(NOW), "escalated"),
    ],
)
def test_the_citizens_word_makes_it_open_again(before: Ticket, after: str) -> None:
    joined = before.joined(None, "anywhere")
    assert (joined.status, joined.status_category, joined.resolved_at) == (after, "open", None)


def test_a_case_that_has_a_topic_keeps_it_and_one_without_may_get_one() -> None:
    kept = ticket().joined("upah", "pengawas")
    assert (kept.topic, kept.unit) == ("insentif", "Prakerja / pencairan")
    nameless = ticket(topic=None, unit="contact centre")
    routed, unrouted = nameless.joined("upah", "pengawas"), nameless.joined(None, "pengawas")
    assert (routed.topic, routed.unit) == ("upah", "pengawas")
    assert (unrouted.topic, unrouted.unit) == (None, "contact centre")


def test_what_was_not_known_of_the_citizen_is_learnt_and_what_was_known_stays() -> None:
    said = Person(name="Nama Lain", email="warga@surel.example")
    assert ticket().joined(None, "", said).citizen == Person(name="Warga Satu", email="warga@surel.example")
    assert ticket().joined(None, "").citizen == Person(name="Warga Satu")


@pytest.mark.parametrize("expected", [None, 4])
def test_the_version_that_was_read_or_none_may_go_on(expected: int | None) -> None:
    ticket(version=4).check_version(expected)


@pytest.mark.parametrize("expected", [3, 5])
def test_another_version_is_refused_with_the_present_one(expected: int) -> None:
    with pytest.raises(VersionConflict) as refused:
        ticket(version=4).check_version(expected)
    assert [(error.field, error.expected) for error in refused.value.errors] == [("If-Match", '"4"')]


def test_moments_are_told_in_the_zone_of_the_unit() -> None:
    told = ticket(zone="Asia/Jayapura").replied(NOW).resolved(LATER).in_zone()
    assert told.opened_at.isoformat() == "2026-03-13T11:00:00+09:00"
    assert told.resolved_at is not None
    assert told.resolved_at.isoformat() == "2026-03-14T11:00:00+09:00"
    assert told == ticket(zone="Asia/Jayapura").replied(NOW).resolved(LATER)


VERBS = st.lists(st.sampled_from(("replied", "escalated", "resolved", "joined")), max_size=20)


@given(verbs=VERBS)
def test_each_verb_that_is_not_refused_makes_one_new_version_and_keeps_the_case_sound(verbs: list[str]) -> None:
    case = ticket()
    for verb in verbs:
        arguments: dict[str, tuple[Any, ...]] = {
            "replied": (LATER,),
            "escalated": (None,),
            "resolved": (LATER,),
            "joined": (None, ""),
        }
        try:
            changed = getattr(case, verb)(*arguments[verb])
        except TicketResolved:
            assert case.status == "resolved"
            assert verb != "joined"
        except HighestLevel:
            assert case.escalation_level == HIGHEST_LEVEL
            assert verb == "escalated"
        else:
            assert changed.version == case.version + 1
            assert changed.escalation_level == case.escalation_level + (verb == "escalated")
            assert (changed.id, changed.tracking_code, changed.opened_at) == (case.id, case.tracking_code, NOW)
            case = changed
        assert case.status in CATEGORY
        assert (case.resolved_at is not None) is (case.status == "resolved")
        assert 0 <= case.escalation_level <= HIGHEST_LEVEL
