"""What is written is written set-wise: how many statements there are does not grow with the batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from shared.events import ContactReceived
from tests.factories import contact, notice_failed
from tests.services.tickets.conftest import Running
from tests.services.tickets.test_arrivals import chat_of


@contextmanager
def statements(running: Running) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(*seen: object) -> None:
        sent.append(str(seen[2]))

    engine = running.service.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def mixed(count: int) -> list[ContactReceived]:
    """So many forms, visits of a booth, and chats of two lines."""
    kinds: list[Callable[[], list[ContactReceived]]] = [
        lambda: [contact()],
        lambda: [contact(channel="booth", outcome="settled")],
        lambda: chat_of(2),
    ]
    return [each for kind in kinds for _ in range(count) for each in kind()]


async def test_number_of_statements_is_the_same_for_a_small_batch_and_a_large_one(running: Running) -> None:
    await running.receive(contact())  # the rules are read once
    sent: dict[int, list[str]] = {}
    for count in (1, 40):
        known = [chat_of(2) for _ in range(count)]
        await running.receive(*(chat[0] for chat in known))
        with statements(running) as sent[count]:
            await running.receive(*mixed(count), *(chat[1] for chat in known))
    assert sent[1] == sent[40]


async def test_number_of_statements_of_notices_is_the_same_too(running: Running) -> None:
    tickets = [await running.bring() for _ in range(9)]
    sent: dict[int, list[str]] = {}
    for count in (1, 9):
        with statements(running) as sent[count]:
            await running.notice(*(notice_failed(ticket_id=ticket) for ticket in tickets[:count]))
    assert sent[1] == sent[9]
