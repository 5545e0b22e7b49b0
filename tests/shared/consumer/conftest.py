"""Consumers that lose no time, and what may trouble them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.consumer import Consumer, replays
from shared.consumer import consumer as consuming
from shared.consumer.consumer import Stopped
from tests.shared.conftest import Bench


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "pause_before", lambda _: timedelta())
    monkeypatch.setattr(consuming, "BLOCK_MS", 2)
    monkeypatch.setattr(replays, "_LOOK_SECONDS", 0)


async def settle(bench: Bench, steps: int = 4, **options: Any) -> Consumer:
    """Lets a consumer make its group and read what there is; the relay fills what is asked for."""
    consumer = bench.consumer(**options)
    for _ in range(steps):
        await consumer.step()
        bench.relay._verified = False
        await bench.relay.step()
    return consumer


async def ready(bench: Bench, **options: Any) -> Consumer:
    """A consumer whose group is there, before anything is published: what is filled again comes once."""
    await bench.relay.step()
    consumer = bench.consumer(**options)
    await consumer.step()
    bench.relay._verified = False
    await bench.relay.step()
    return consumer


async def stopped(consumer: Consumer) -> str:
    """What a step that must stop says."""
    with pytest.raises(Stopped) as raised:
        await consumer.step()
    return str(raised.value)


async def fails(session: AsyncSession) -> None:
    raise LookupError("a fault of the handler")


def says(sqlstate: str) -> Any:
    """Trouble that PostgreSQL tells with this SQLSTATE."""

    async def trouble(session: AsyncSession) -> None:
        await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"))

    return trouble
