"""What the post listens to: each event that owes a word becomes a notice, and the couriers are woken."""

from services.notify.consumers import ticket_handlers
from shared.events import EVENT_TYPES, TicketJoined
from tests.services.notify.conftest import Post
from tests.services.notify.given import EVERY_EVENT


async def test_every_event_that_owes_a_word_becomes_a_notice_and_wakes_a_courier(post: Post) -> None:
    woken: list[None] = []
    handlers = ticket_handlers(post.ledger, lambda: woken.append(None))
    for event in EVERY_EVENT.values():
        async with post.db.transaction() as session:
            await handlers[type(event)](session, [event], post.clock())
    assert [row.reason for row in await post.notices()] == list(EVERY_EVENT)
    assert len(woken) == len(EVERY_EVENT)


def test_nothing_else_is_listened_to(post: Post) -> None:
    handlers = ticket_handlers(post.ledger, lambda: None)
    owed = {type(event) for event in EVERY_EVENT.values()}
    assert set(handlers) == owed | {TicketJoined} < set(EVENT_TYPES)  # a late first line may owe the opening notice
