"""The acceptance edge: many share a commit, nobody is answered before it, one's mistake is one's own answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.intake.domain.chats import Allowance, ChatFull
from services.intake.models.contacts import NewContact
from services.intake.service import group_commit
from services.intake.service.acceptance import Acceptor
from services.intake.service.arrivals import Arrivals
from services.intake.service.group_commit import QueueLimits
from services.local.engines import free_port
from shared import idempotency
from shared.db import Database
from shared.errors import IdempotencyKeyReused, Unavailable
from shared.settings import CommonSettings
from tests.services.intake.given import contact, count, line, open_chat, rows

Answer = str | BaseException
ALLOWANCE = Allowance(lines_per_minute=30, lines=500, characters=500_000)


@dataclass
class Edge:
    """An acceptor that steps only when a test says so."""

    db: Database

    def acceptor(self, allowance: Allowance = ALLOWANCE, **limits: int) -> Acceptor:
        usual = {"queue": 1_000, "queue_bytes": 10**9, "batch": 1_000, "batch_bytes": 10**9}
        return Acceptor(db=self.db, limits=QueueLimits(**usual | limits), arrivals=Arrivals(), allowance=allowance)


@pytest_asyncio.fixture
async def edge(common: CommonSettings) -> AsyncIterator[Edge]:
    db = Database(common.database_url, schema="intake")
    yield Edge(db)
    await db.close()


async def together(acceptor: Acceptor, *items: NewContact) -> list[Answer]:
    """The answer to each of `items` when all of them arrive before one step."""
    answers = await asyncio.gather(*map(acceptor.accept, items), acceptor.step(), return_exceptions=True)
    return [answer for answer in answers[:-1] if answer is not None]


async def commits(db: Database) -> int:
    """How many transactions wrote the contacts that are there."""
    return int((await rows(db, "SELECT count(DISTINCT xmin::text) FROM intake.contacts"))[0][0])


async def test_contacts_that_arrive_together_share_one_commit(edge: Edge) -> None:
    items = [contact() for _ in range(300)]
    ring = edge.db.outbox_bell.next
    assert await together(edge.acceptor(), *items) == [item.answer for item in items]
    assert (await count(edge.db, "contacts"), await count(edge.db, "outbox")) == (300, 300)
    assert await commits(edge.db) == 1
    assert ring.is_set(), "the relay is woken"


async def test_commit_takes_no_more_than_its_limit(edge: Edge) -> None:
    acceptor = edge.acceptor(batch=100)
    waiting = [asyncio.create_task(acceptor.accept(contact())) for _ in range(250)]
    for _ in range(3):
        await acceptor.step()
    await asyncio.gather(*waiting)
    assert (await count(edge.db, "contacts"), await commits(edge.db)) == (250, 3)


async def test_contact_is_answered_after_its_commit(edge: Edge) -> None:
    acceptor = edge.acceptor()
    waiting = asyncio.create_task(acceptor.accept(contact()))
    await asyncio.wait([waiting], timeout=0)
    assert not waiting.done()
    assert await count(edge.db, "contacts") == 0
    await acceptor.step()
    assert await waiting
    assert await count(edge.db, "contacts") == 1


async def test_full_queue_refuses_at_once_and_says_when_to_come_again(edge: Edge) -> None:
    *kept, refused = await together(edge.acceptor(queue=2), contact(), contact(), contact())
    assert all(isinstance(answer, str) for answer in kept)
    assert isinstance(refused, Unavailable)
    assert refused.headers == {"Retry-After": "1"}
    assert await count(edge.db, "contacts") == 2


@pytest.mark.parametrize("place", [0, 3, 7])
async def test_bad_row_is_refused_alone(edge: Edge, place: int) -> None:
    """A NUL character cannot be kept in PostgreSQL; whoever sent it must not spoil the others' batch."""
    items = [contact() for _ in range(8)]
    items[place] = contact("a\0b")
    answers = await together(edge.acceptor(), *items)
    assert [isinstance(answer, str) for answer in answers] == [i != place for i in range(8)]
    assert (await count(edge.db, "contacts"), await count(edge.db, "outbox")) == (7, 7)


async def test_key_twice_in_a_batch_is_one_contact_and_one_answer(edge: Edge) -> None:
    answers = await together(edge.acceptor(), *(contact(key="k-1") for _ in range(5)), contact(key="k-2"))
    assert len(set(answers[:5])) == 1
    assert answers[5] != answers[0]
    assert (await count(edge.db, "contacts"), await count(edge.db, "outbox")) == (2, 2)


async def test_key_with_two_bodies_in_a_batch_belongs_to_the_first(edge: Edge) -> None:
    first, second = contact("Satu.", key="k-1"), contact("Dua.", key="k-1")
    answers = await together(edge.acceptor(), first, second)
    assert answers[0] == first.answer
    assert isinstance(answers[1], IdempotencyKeyReused)
    assert [row.body for row in await rows(edge.db, "SELECT body FROM intake.contacts")] == ["Satu."]


async def test_key_is_the_clients_own(edge: Edge) -> None:
    answers = await together(
        edge.acceptor(), contact(key="k-1", client="key:one"), contact(key="k-1", client="key:two")
    )
    assert len(set(answers)) == 2
    assert await count(edge.db, "contacts") == 2


async def test_key_that_comes_again_to_another_instance_gets_the_first_answer(edge: Edge) -> None:
    answers = await asyncio.gather(*(together(edge.acceptor(), contact(key="k-1")) for _ in range(6)))
    assert len({answer for [answer] in answers}) == 1
    assert (await count(edge.db, "contacts"), await count(edge.db, "outbox")) == (1, 1)


async def test_client_that_goes_away_before_its_turn_takes_nobody_along_and_is_not_kept(edge: Edge) -> None:
    acceptor = edge.acceptor()
    gone, stays = asyncio.create_task(acceptor.accept(contact())), asyncio.create_task(acceptor.accept(contact()))
    await asyncio.wait([gone, stays], timeout=0)
    gone.cancel()
    await acceptor.step()
    assert await stays
    assert await count(edge.db, "contacts") == 1


async def test_contact_that_was_answered_503_before_its_turn_is_not_kept(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the batch before it hangs on a frozen database: kept later, it would be there twice."""
    monkeypatch.setattr(group_commit, "_LONGEST_WAIT_SECONDS", 0)
    acceptor = edge.acceptor()
    with pytest.raises(Unavailable) as refusal:
        await acceptor.accept(contact())
    assert refusal.value.headers == {"Retry-After": "1"}
    await acceptor.step()
    assert await count(edge.db, "contacts") == 0


async def test_outage_of_the_database_promises_nothing() -> None:
    """Nobody listens at the port: each may be sent again, and no answer was given."""
    nowhere = Database(f"postgresql://satuatap@127.0.0.1:{free_port()}/none", schema="intake")
    answers = await together(Edge(nowhere).acceptor(), contact(), contact(key="k-1"))
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert all(isinstance(answer, Unavailable) and answer.headers == {"Retry-After": "1"} for answer in answers)


async def test_shutdown_answers_503_to_contacts_that_wait(edge: Edge) -> None:
    acceptor = edge.acceptor()
    waiting = asyncio.create_task(acceptor.accept(contact()))
    await asyncio.wait([waiting], timeout=0)
    await acceptor.close()
    with pytest.raises(Unavailable):
        await waiting
    assert await count(edge.db, "contacts") == 0


async def test_contact_that_is_committed_is_answered_though_the_connection_breaks_after_it(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The query for repeated keys comes after the commit; if it fails, the new contacts are kept all the same."""

    async def breaks(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(idempotency, "first_answers", breaks)
    item = contact()
    assert await together(edge.acceptor(), item) == [item.answer]
    assert await count(edge.db, "contacts") == 1


# -- chats ------------------------------------------------------------------------------------------------------


async def test_line_behind_a_repeated_one_finds_the_last_room_of_its_chat(edge: Edge) -> None:
    """The repeated line takes no room, but that is known only when its key is refused."""
    opened = open_chat()
    small = Allowance(lines_per_minute=30, lines=3, characters=500_000)
    acceptor = edge.acceptor(small)
    await together(acceptor, opened)
    kept, last, none = line(opened, "satu", key="k-1"), line(opened, "dua", key="k-2"), line(opened, "tiga")
    assert await together(acceptor, kept) == [kept.answer]
    again = [line(opened, "satu", key="k-1") for _ in range(3)]
    *answers, refused = await together(edge.acceptor(small), *again, last, line(opened, "dua", key="k-2"), none)
    assert answers == [kept.answer] * 3 + [last.answer] * 2
    assert isinstance(refused, ChatFull)
    assert [tuple(row) for row in await rows(edge.db, "SELECT lines, last_position FROM intake.chats")] == [(3, 3)]
    assert [row.body for row in await rows(edge.db, "SELECT body FROM intake.contacts ORDER BY position")] == [
        "Halo",
        "satu",
        "dua",
    ]


# -- memory and the loop ----------------------------------------------------------------------------------------


async def test_queue_that_is_full_of_bytes_refuses_at_once(edge: Edge) -> None:
    items = [contact("x" * 10_000) for _ in range(5)]
    answers = await together(edge.acceptor(queue_bytes=35_000), *items)
    assert [isinstance(answer, Unavailable) for answer in answers] == [False] * 3 + [True] * 2
    assert await count(edge.db, "contacts") == 3


async def test_queue_of_bytes_takes_a_contact_that_is_larger_than_all_of_it_when_it_is_empty(edge: Edge) -> None:
    item = contact("x" * 10_000)
    assert await together(edge.acceptor(queue_bytes=100), item) == [item.answer]


async def test_queue_has_room_again_for_what_was_committed(edge: Edge) -> None:
    acceptor = edge.acceptor(queue_bytes=12_000)
    for _ in range(3):
        item = contact("x" * 10_000)
        assert await together(acceptor, item) == [item.answer]


async def test_commit_of_long_complaints_takes_no_more_than_its_bytes(edge: Edge) -> None:
    acceptor = edge.acceptor(batch_bytes=50_000)
    waiting = [asyncio.create_task(acceptor.accept(contact("x" * 20_000))) for _ in range(7)]
    await asyncio.sleep(0)
    for steps in range(1, 5):
        await acceptor.step()
        assert await count(edge.db, "contacts") == min(2 * steps, 7)
    await asyncio.gather(*waiting)
    assert await commits(edge.db) == 4


async def test_migration_under_way_refuses_what_may_be_sent_again(edge: Edge) -> None:
    async with edge.db.transaction() as session:
        await session.execute(text("ALTER TABLE intake.contacts RENAME TO contacts_of_tomorrow"))
    [answer] = await together(edge.acceptor(), contact())
    assert isinstance(answer, Unavailable)
