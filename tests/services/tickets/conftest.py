"""The running, wired for tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import text

from services.tickets.consumers import NOTICE_HANDLERS, contact_handlers
from services.tickets.domain.topics import Topic
from services.tickets.domain.units import Unit, slug_of
from services.tickets.main import build
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.settings import TicketsSettings
from shared.consumer import Handlers
from shared.events import AnyEvent, ContactReceived, NoticeFailed, NoticeSettled, decode
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.factories import contact
from tests.serving import serving


def desk_topics() -> list[Topic]:
    """The topics that the first migration brings, docs/domain.md, "Topics"."""
    migration = import_module("migrations.tickets.versions.0001_tickets")
    return [
        Topic(
            slug=slug,
            name=name,
            unit=Unit(slug_of(unit), unit),
            phrases=tuple(phrases.split("|")),
            required=tuple(migration.PRAKERJA_REQUIRED) if slug in migration.PRAKERJA else ("body",),
        )
        for slug, name, unit, phrases in migration.TOPICS
    ]


@dataclass
class Running:
    """The running, and a way to bring it batches as its consumer would."""

    service: Service
    handlers: Handlers
    clock: FrozenClock

    async def receive(self, *contacts: ContactReceived) -> None:
        """One batch, in one transaction."""
        async with self.service.db.transaction() as session:
            await self.handlers[ContactReceived](session, contacts, self.clock())

    async def notice(self, *published: NoticeFailed | NoticeSettled) -> None:
        async with self.service.db.transaction() as session:
            for kind, events in groupby(published, type):
                await NOTICE_HANDLERS[kind](session, list(events), self.clock())

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.service.db.autocommit() as session:
            return list((await session.execute(text(sql), values)).all())

    async def change(self, sql: str, **values: Any) -> None:
        async with self.service.db.transaction() as session:
            await session.execute(text(sql), values)

    async def published(self) -> list[AnyEvent]:
        """What tickets told the others, in its order."""
        return [decode(row.payload) for row in await self.rows("SELECT payload FROM outbox ORDER BY seq")]

    async def kinds_published(self) -> list[str]:
        return [row.type for row in await self.rows("SELECT type FROM outbox ORDER BY seq")]

    async def bring(self, **changes: Any) -> str:
        """The id of the ticket of one new contact."""
        brought = contact(**changes)
        await self.receive(brought)
        found = await self.rows("SELECT id FROM tickets WHERE contact_id = :id", id=brought.data.contact_id)
        return str(found[0].id)


def refusal(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """What `answer` refuses, after a look that it does so as every refusal does (RFC 9457)."""
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() - {"errors"} == {"type", "title", "status", "code", "detail", "request_id"}
    assert problem["type"] == f"urn:satuatap:problem:{code}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert status not in (401, 403, 409, 410) or problem["errors"], "it names what was wrong, and what was expected"
    assert all(error.keys() == {"field", "message", "expected"} for error in problem.get("errors", ()))
    return problem


def faults(answer: httpx.Response, status: int = 422, code: str = "invalid") -> list[str]:
    """The names of the fields for which `answer` refuses."""
    return [error["field"] for error in refusal(answer, status, code).get("errors", ())]


@pytest_asyncio.fixture
async def running(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    told = TicketsSettings()
    service = build(common, told, clock)
    arrivals = Arrivals(rulebook=Rulebook(policy=told.policy, default_unit=told.default_unit))
    yield Running(service, contact_handlers(arrivals), clock)
    for worker in service.workers:
        await worker.close()
    await service.db.close()


@pytest_asyncio.fixture
async def http(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, served over HTTP. Nothing works in the background."""
    async with serving(running.service) as client:
        yield client
