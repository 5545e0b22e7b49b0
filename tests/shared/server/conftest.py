"""Clients that leave at the end of the test, and intakes that all tests of a file share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from tests.conftest import Databases, Engines
from tests.shared.server.given import BRISK, USUAL, Connect, Intake, Raw, World


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes clients that say `pieces` to a server, and leave at the end of the test."""
    made: list[Raw] = []

    async def connected(port: int, *pieces: bytes) -> Raw:
        made.append(Raw(*await asyncio.open_connection("127.0.0.1", port)))
        for piece in pieces:
            await made[-1].say(piece)
        return made[-1]

    yield connected
    for raw in made:
        raw.writer.transport.abort()
        with contextlib.suppress(OSError):
            await raw.writer.wait_closed()


@pytest_asyncio.fixture(scope="module")
async def world(databases: Databases, running_engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> World:
    async with Redis.from_url(running_engines.redis_url, protocol=2) as client:
        await client.flushall()  # an event of tomorrow that a test before left there would stop a reader
    return World(databases, running_engines, tmp_path_factory.mktemp("intake"))


@pytest_asyncio.fixture(scope="module")
async def usual(world: World) -> AsyncIterator[Intake]:
    async with world.intake(asdict(USUAL)) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def brisk(world: World) -> AsyncIterator[Intake]:
    """One that waits for nobody."""
    async with world.intake(asdict(BRISK)) as running:
        yield running
