"""Who is told what, by which way, and how much of an address staff see."""

from datetime import timedelta

import pytest

from services.notify.domain.notices import Way, reason_to_tell, way_for, way_to
from shared.events import JoinedData, Person, TicketJoined, TicketReopened
from shared.ids import new_id
from tests.factories import ticket_joined
from tests.services.notify.given import DUE, EVERY_EVENT, NOW, TRACE, alerted, escalated, opened, ticket


@pytest.mark.parametrize("reason", EVERY_EVENT)
def test_each_step_owes_somebody_a_word(reason: str) -> None:
    assert reason_to_tell(EVERY_EVENT[reason]) == reason


def test_case_that_goes_up_when_its_time_is_over_is_not_promised_for_a_day_that_is_past() -> None:
    late = escalated()
    assert reason_to_tell(late.model_copy(update={"time": DUE + timedelta(seconds=1)})) is None


def test_staff_is_told_at_the_address_that_the_chain_names_whoever_the_citizen_is() -> None:
    assert way_for(alerted()) == Way("email", "kepala@dinas.example")


@pytest.mark.parametrize("status", ["escalated", "resolved"])
def test_what_the_booth_did_at_once_is_told_once(status: str) -> None:
    """The notice of the escalation, or of the settling, comes in the same second and says it all."""
    assert reason_to_tell(opened(status=status)) is None


def test_citizens_own_words_are_not_told_back() -> None:
    data = JoinedData.model_validate(ticket(contact_id=new_id()))
    for kind in (TicketJoined, TicketReopened):
        assert reason_to_tell(kind.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)) is None


@pytest.mark.parametrize(
    ("citizen", "way"),
    [
        (Person(email="a@x.example", phone="+6281234567890"), Way("email", "a@x.example")),
        (Person(email="a@x.example"), Way("email", "a@x.example")),
        (Person(phone="+6281234567890"), Way("sms", "+6281234567890")),
        (Person(email="", phone="+6281234567890"), Way("sms", "+6281234567890")),
        (Person(name="Warga Satu"), None),
        (Person(), None),
    ],
)
def test_mail_if_there_is_an_address_else_an_sms_else_nothing(citizen: Person, way: Way | None) -> None:
    assert way_to(citizen) == way


def test_who_could_be_reached_only_later_is_told_then_that_the_case_was_opened() -> None:
    late = ticket_joined()
    assert reason_to_tell(late) is None
    first = late.model_copy(update={"data": late.data.model_copy(update={"newly_reachable": True})})
    assert reason_to_tell(first) == "opened"


def test_case_that_a_machine_began_is_not_told_to_it() -> None:
    assert reason_to_tell(opened(is_automatic=True)) is None
    assert reason_to_tell(opened(is_automatic=False)) == "opened"
