"""Who waits for work is woken by the commit that brings it, waits for no poll, and is not woken by what was undone."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import text

from shared import outbox
from shared.bell import Bell, rings_within
from shared.db import after_commit
from shared.outbox import relay as relaying
from tests.conftest import eventually
from tests.factories import ticket_opened
from tests.shared.conftest import Bench


async def test_call_registered_on_a_transaction_is_made_after_the_commit_and_once(bench: Bench) -> None:
    seen: list[int] = []

    async with bench.writer.transaction() as session, bench.writer.transaction() as other:
        await outbox.add(session, "tickets", [ticket_opened()])

        def look() -> None:
            seen.append(1)

        after_commit(session, look)
        after_commit(session, look)
        assert await other.scalar(text("SELECT count(*) FROM outbox")) == 0
    assert seen == [1]


async def test_call_registered_on_a_transaction_is_not_made_when_it_is_undone(bench: Bench) -> None:
    ring = bench.writer.outbox_bell.next
    with pytest.raises(RuntimeError):
        async with bench.writer.transaction() as session:
            await outbox.add(session, "tickets", [ticket_opened()])
            raise RuntimeError
    assert not ring.is_set()


async def test_bell_that_rings_between_the_look_and_the_wait_is_heard() -> None:
    bell = Bell()
    ring = bell.next
    bell.ring()
    assert await rings_within(ring, 30)
    assert not await rings_within(bell.next, 0)


async def test_relay_publishes_what_is_committed_without_waiting_for_its_poll(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_POLL_SECONDS", 3_600)

    async def relay() -> None:
        while True:
            await bench.relay.step()

    async def published(count: int) -> bool:
        return await bench.on_stream() == count

    relaying_on = asyncio.create_task(relay())
    for count in (1, 2, 3):
        await bench.say()
        await eventually(partial(published, count))
    relaying_on.cancel()
