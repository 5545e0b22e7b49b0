"""What notify listens to: each event that owes a word becomes a notice, and the couriers are woken."""

from services.notify.consumers import contact_handlers, ticket_handlers
from shared.events import EVENT_TYPES, ChatUnread, CitizenErased, TicketJoined
from tests.services.notify.conftest import Running
from tests.services.notify.given import EVERY_EVENT, answered_in_chat, holds, readings


async def test_every_event_that_owes_a_word_becomes_a_notice_and_wakes_a_courier(running: Running) -> None:
    woken: list[None] = []
    handlers = ticket_handlers(running.ledger, lambda: woken.append(None))
    for event in EVERY_EVENT.values():
        async with running.db.transaction() as session:
            await handlers[type(event)](session, [event], running.clock())
    assert [row.reason for row in await running.notices()] == list(EVERY_EVENT)
    assert len(woken) == len(EVERY_EVENT)


async def test_readings_in_chats_release_an_answer_and_wake_a_courier(running: Running) -> None:
    woken: list[None] = []
    handlers = contact_handlers(holds(), lambda: woken.append(None))
    answer = answered_in_chat()
    await running.enter(answer)
    assert set(handlers) == {ChatUnread}
    async with running.db.transaction() as session:
        await handlers[ChatUnread](session, [readings(answer)], running.clock())
    assert len(await running.claim()) == len(woken) == 1


def test_nothing_else_is_listened_to(running: Running) -> None:
    handlers = ticket_handlers(running.ledger, lambda: None)
    owed = {type(event) for event in EVERY_EVENT.values()}
    assert (
        set(handlers) == owed | {TicketJoined, CitizenErased} < set(EVENT_TYPES)
    )  # a late first line may owe the opening notice
