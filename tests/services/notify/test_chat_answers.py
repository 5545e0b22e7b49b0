"""An answer that is shown in a chat is sent only if it is not read there, once; whatever intake tells, and when."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.notify.domain.delivery import Acceptance
from services.notify.domain.holds import READ_IN_CHAT, SHOWN_IN_CHAT
from services.notify.jobs.sweeper import Sweeper
from shared.events import TicketReplied
from shared.ids import new_id
from tests.services.notify.conftest import MOST_AN_HOUR, Running
from tests.services.notify.given import answered_in_chat, holds, opened, readings, replied, resolved


async def stands(running: Running) -> list[tuple[str, str | None, str | None]]:
    """Of each notice its status, what it is held for, and why."""
    return [(row.status, row.hold, row.error) for row in await running.notices()]


HELD = ("suppressed", "chat", SHOWN_IN_CHAT)
READ = ("suppressed", None, READ_IN_CHAT)
GOES = ("queued", None, None)


def answers(count: int, **changes: Any) -> list[TicketReplied]:
    """Answers in one chat."""
    case = {"ticket_id": new_id(), "chat_id": new_id()} | changes
    return [answered_in_chat(**case, body=f"jawaban {number}") for number in range(count)]


async def test_answer_in_a_chat_is_held_and_says_why(running: Running) -> None:
    await running.enter(answered_in_chat())
    assert await stands(running) == [HELD]
    assert await running.claim() == []


async def test_answer_that_was_not_read_is_sent_and_one_that_was_is_not(running: Running) -> None:
    first, second = answers(2)
    await running.enter(first, second)
    await running.learn(readings(second, read=[first]))
    assert await stands(running) == [READ, GOES]
    [notice] = await running.claim()
    assert "jawaban 1" in notice.body


async def test_answers_that_were_not_read_go_in_one_message(running: Running) -> None:
    some = answers(3)
    await running.enter(*some)
    await running.learn(readings(*some))
    message = running.letters.together(await running.claim())
    assert [f"jawaban {number}" in message.body for number in range(3)] == [True] * 3


@pytest.mark.parametrize("is_read", [True, False])
async def test_answer_that_comes_after_its_reading_is_not_held(running: Running, is_read: bool) -> None:
    """Two streams: nobody promises which is faster."""
    answer = answered_in_chat()
    await running.learn(readings(read=[answer]) if is_read else readings(answer))
    await running.enter(answer)
    assert await stands(running) == [READ if is_read else GOES]


@pytest.mark.parametrize("is_read", [True, False])
async def test_reading_that_is_told_twice_or_otherwise_later_changes_nothing(running: Running, is_read: bool) -> None:
    answer = answered_in_chat()
    told, otherwise = readings(read=[answer]), readings(answer)
    if not is_read:
        told, otherwise = otherwise, told
    await running.enter(answer)
    for event in (told, told, otherwise):
        await running.learn(event)
    await running.enter(answer)
    assert await stands(running) == [READ if is_read else GOES]


async def test_answer_that_was_sent_is_not_sent_again_by_another_reading(running: Running) -> None:
    answer = answered_in_chat()
    await running.enter(answer)
    await running.learn(readings(answer))
    await running.close(await running.claim(), Acceptance())
    await running.learn(readings(answer))
    assert [row.status for row in await running.notices()] == ["accepted"]


async def test_answer_of_which_nothing_is_heard_for_a_day_is_sent_after_a_restart_too(running: Running) -> None:
    await running.enter(answered_in_chat())
    running.clock.forward(hours=23, minutes=59)
    assert await running.release_overdue() == 0
    running.clock.forward(minutes=1)
    successor = Sweeper(
        db=running.db, ledger=running.ledger, holds=holds(most_an_hour=MOST_AN_HOUR), instance="b", clock=running.clock
    )
    await successor.sweep()
    assert await stands(running) == [GOES]
    [notice] = await running.claim()
    assert notice.give_up_at == running.clock() + timedelta(hours=24)


async def test_answers_and_readings_that_come_at_once_leave_nothing_held(running: Running) -> None:
    some = answers(8)
    await asyncio.gather(*(verb for one in some for verb in (running.enter(one), running.learn(readings(one)))))
    assert await stands(running) == [GOES] * 8


async def test_answer_by_another_channel_goes_at_once(running: Running) -> None:
    """A case that came by mail has a chat as well, by which it is threaded: nobody reads there."""
    await running.enter(replied(), answered_in_chat(channel="email"), answered_in_chat(channel="whatsapp"))
    assert await stands(running) == [GOES] * 3


async def test_answer_to_a_visitor_without_an_address_is_not_held(running: Running) -> None:
    answer = answered_in_chat(citizen={})
    await running.enter(answer)
    await running.learn(readings(answer))
    [row] = await running.notices()
    assert (row.status, row.hold) == ("suppressed", None)
    assert "left neither" in row.error


async def test_resolution_of_a_chat_does_not_wait_for_answers_that_are_held(running: Running) -> None:
    [answer] = answers(1)
    await running.enter(answer, resolved(channel="chat", chat_id=answer.data.chat_id, ticket_id=answer.data.ticket_id))
    assert [notice.reason for notice in await running.claim()] == ["resolved"]


async def test_held_answers_are_none_of_the_notices_that_an_address_was_told(running: Running) -> None:
    await running.enter(*answers(MOST_AN_HOUR), opened())
    assert (await stands(running))[-1] == GOES
