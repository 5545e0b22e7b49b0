"""What notify listens to: each event that owes a word becomes a notice, and the couriers are woken."""

from services.notify.consumers import ticket_handlers
from shared.events import EVENT_TYPES, TicketJoined
from tests.services.notify.conftest import Running
from tests.services.notify.given import EVERY_EVENT


async def test_every_event_that_owes_a_word_becomes_a_notice_and_wakes_a_courier(running: Running) -> None:
    woken: list[None] = []
    handlers = ticket_handlers(running.ledger, lambda: woken.append(None))
    for event in EVERY_EVENT.values():
        async with running.db.transaction() as session:
            await handlers[type(event)](session, [event], running.clock())
    assert [row.reason for row in await running.notices()] == list(EVERY_EVENT)
    assert len(woken) == len(EVERY_EVENT)


def test_nothing_else_is_listened_to(running: Running) -> None:
    handlers = ticket_handlers(running.ledger, lambda: None)
    owed = {type(event) for event in EVERY_EVENT.values()}
    assert set(handlers) == owed | {TicketJoined} < set(EVENT_TYPES)  # a late first line may owe the opening notice
