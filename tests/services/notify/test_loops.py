"""Automatic answers to mails that may be part of a loop are held for a person, whoever the machine says that it is."""

from typing import Any

import pytest

from services.notify.domain.loops import TO_ONE_TICKET, TO_OURSELVES
from shared.events import JoinedData, NoticeFailed, TicketJoined, TicketOpened
from shared.ids import new_id
from tests.services.notify.conftest import Running
from tests.services.notify.given import MOST_ANSWERS, NOW, OWN, TRACE, opened, replied, ticket


def case_of_a_mail(address: str, digest: str = "", **changes: Any) -> TicketOpened:
    """A case that a mail from this address began."""
    return opened(**{"channel": "email", "citizen": {"email": address}, "body_digest": digest, **changes})


def now_reachable(**changes: Any) -> TicketJoined:
    """A case of which somebody can be told only now."""
    data = JoinedData.model_validate(ticket(contact_id=new_id(), newly_reachable=True, **changes))
    return TicketJoined.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


async def held(running: Running) -> list[bool]:
    """Of each notice whether it is held for a person."""
    return [row.hold == "loop" for row in await running.notices()]


SENT, HELD = [False], [True]


@pytest.mark.parametrize("at_once", [True, False])
async def test_loop_with_an_address_that_changes_each_time_ends(running: Running, at_once: bool) -> None:
    """E14: an autoresponder whose From changes by one character."""
    events = [case_of_a_mail(f"robot{number}@mesin.example") for number in range(MOST_ANSWERS + 3)]
    for batch in [events] if at_once else [[event] for event in events]:
        await running.enter(*batch)
    assert await held(running) == SENT * MOST_ANSWERS + HELD * 3
    assert len(await running.claim()) == MOST_ANSWERS


async def test_loop_with_a_domain_that_changes_each_time_ends_by_its_text(running: Running) -> None:
    await running.enter(*(case_of_a_mail(f"robot@mesin{number}.example", "d") for number in range(MOST_ANSWERS + 1)))
    assert await held(running) == SENT * MOST_ANSWERS + HELD


async def test_loop_of_two_processes_is_counted_together(running: Running) -> None:
    for number in range(MOST_ANSWERS):
        await running.enter(case_of_a_mail(f"a{number}@mesin.example"))
    other = Running(running.db, running.letters, running.ledger, running.clock)
    await other.enter(case_of_a_mail("b@mesin.example"))
    assert (await held(running))[-1]


async def test_loop_is_answered_again_after_an_hour(running: Running) -> None:
    events = [case_of_a_mail(f"robot{number}@mesin.example") for number in range(MOST_ANSWERS + 2)]
    await running.enter(*events[:-1])
    running.clock.forward(hours=1)
    await running.enter(events[-1])
    assert await held(running) == SENT * MOST_ANSWERS + HELD + SENT


async def test_citizens_of_one_large_provider_are_no_loop(running: Running) -> None:
    """Many write from there, and each says something else."""
    some = [case_of_a_mail(f"warga{number}@gmail.com", f"teks {number}") for number in range(MOST_ANSWERS + 5)]
    await running.enter(*some)
    assert await held(running) == SENT * (MOST_ANSWERS + 5)


async def test_cases_that_did_not_begin_with_a_mail_are_no_loop(running: Running) -> None:
    """No machine answers into a form; and what an agent says is not automatic."""
    citizens = [{"email": f"warga{number}@mesin.example"} for number in range(MOST_ANSWERS + 5)]
    forms = [opened(citizen=citizen) for citizen in citizens]
    await running.enter(*forms, *(replied(channel="email", citizen=citizen) for citizen in citizens))
    assert not any(await held(running))


@pytest.mark.parametrize("address", [OWN[0], OWN[0].upper(), OWN[1].replace("@", "+token@")])
async def test_address_of_ours_is_not_written_to(running: Running, address: str) -> None:
    await running.enter(opened(citizen={"email": address}), replied(citizen={"email": address}))
    assert [row.error for row in await running.notices()] == [TO_OURSELVES] * 2
    assert await running.claim() == []


@pytest.mark.parametrize("at_once", [True, False])
async def test_case_is_told_once_a_day_that_it_was_opened(running: Running, at_once: bool) -> None:
    """However often somebody else turns out to be its citizen."""
    case = new_id()
    events = [now_reachable(ticket_id=case, citizen={"email": f"w{number}@x.example"}) for number in range(3)]
    for batch in [events] if at_once else [[event] for event in events]:
        await running.enter(*batch)
    assert [row.error for row in await running.notices()] == [None, TO_ONE_TICKET, TO_ONE_TICKET]
    running.clock.forward(days=1)
    await running.enter(now_reachable(ticket_id=case))
    assert (await held(running))[-1] is False


async def test_case_that_could_not_be_told_of_before_is_told_now(running: Running) -> None:
    case = new_id()
    await running.enter(opened(ticket_id=case, citizen={}), now_reachable(ticket_id=case))
    assert [row.status for row in await running.notices()] == ["suppressed", "queued"]


async def test_held_answer_is_told_to_the_ticket_and_waits_for_a_person(running: Running) -> None:
    await running.enter(*(case_of_a_mail(f"robot{number}@mesin.example") for number in range(MOST_ANSWERS + 1)))
    [told] = [event.data for event in await running.events() if isinstance(event, NoticeFailed)]
    [row] = [row for row in await running.notices() if row.hold]
    assert (told.notice_id, told.ticket_id, told.outcome, told.error) == (row.id, row.ticket_id, "held", row.error)
    assert "mesin" not in row.error
    running.clock.forward(days=30)
    assert await running.release_overdue() == 0
    decided = await running.decide("send_again", row)
    assert [(one.status, one.hold) for one in decided.notices] == [("queued", None)]
    assert [outcome for _, outcome, _ in await running.settlements()] == ["sent_again"]


async def test_counts_say_nothing_of_whom_they_count(running: Running) -> None:
    await running.enter(case_of_a_mail("warga@mesin.example", "d"))
    counts = await running.rows("SELECT * FROM notify.answer_counts")
    assert [row.answers for row in counts] == [1, 1]
    assert not any("mesin" in row.key for row in counts)
