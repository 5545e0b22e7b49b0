"""Intake with every channel, and tickets, which works when the test lets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.tickets.main import build as build_tickets
from services.tickets.settings import TicketsSettings
from shared.caller import SCOPES
from shared.clock import utcnow
from shared.runner import Service, keep_stepping
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually, staff_header
from tests.services.intake.channels.conftest import SECRET, Open
from tests.services.intake.conftest import Running
from tests.services.intake.given import api_key, rows
from tests.serving import serving

ACCEPTING = ("acceptor", "keeper of raw bytes", "parser")
PASSING_ON = ("relay of contacts", "reader of contacts", "relay of tickets", "reader of tickets")
SUPERVISOR = staff_header("supervisor")


class House(Open, Running):
    """Both services. Contacts are accepted all the time, and become tickets while `tickets_at_work`."""

    def __init__(
        self, service: Service, tickets: Service, http: httpx.AsyncClient, key: dict[str, str], clock: FrozenClock
    ) -> None:
        self.service, self.tickets, self.http, self.key, self.clock = service, tickets, http, key, clock

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.http.post(path, headers=self.key | headers, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def do(self, sql: str, **values: object) -> None:
        """Changes rows behind the back of the service."""
        async with self.service.db.transaction() as session:
            await session.execute(text(sql), values)

    @asynccontextmanager
    async def tickets_at_work(self) -> AsyncIterator[None]:
        """Lets contacts become tickets; at the end of the block each has one."""
        stop = asyncio.Event()
        workers = [worker for each in (self.service, self.tickets) for worker in each.workers]
        stepping = [asyncio.create_task(keep_stepping(worker, stop)) for worker in workers if worker.name in PASSING_ON]
        try:
            yield
            await eventually(self._all_ticketed)
        finally:
            stop.set()
            await asyncio.gather(*stepping)

    async def _all_ticketed(self) -> bool:
        await self.is_parsed()
        found = await rows(
            self.service.db,
            "SELECT 1 FROM contacts c WHERE NOT EXISTS "
            "(SELECT FROM contact_tickets t WHERE t.contact_id = c.id) LIMIT 1",
        )
        return not found

    async def report(self, **query: str) -> Any:
        """What the route says, after the grace of all that came until now is over."""
        self.clock.now = max(self.clock.now, utcnow()).replace(microsecond=0)
        self.clock.forward(minutes=6)
        answer = await self.http.get("/v1/intake/gaps", headers=SUPERVISOR, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def gaps(self) -> dict[str, list[Any]]:
        """What is missing or doubled, by channel, as kind and names."""
        found = await self.report()
        return {
            each["channel"]: [(gap["kind"], gap["names"]) for gap in each["missing_items"] + each["doubled_items"]]
            for each in found["channels"]
            if each["missing"] or each["doubled"]
        }


@pytest.fixture
def clock() -> FrozenClock:
    """Now: ids tell the real time."""
    return FrozenClock(utcnow())


@pytest_asyncio.fixture
async def house(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[House]:
    secret = SecretStr(SECRET)
    settings = IntakeSettings(
        attachments_dir=tmp_path / "attachments",
        line_channel_secret=secret,
        whatsapp_app_secret=secret,
        whatsapp_verify_token=secret,
    )
    service, tickets = build(common, settings, clock), build_tickets(common, TicketsSettings(), clock)
    workers = [worker for worker in service.workers if worker.name in ACCEPTING]
    async with serving(service, workers=workers) as http:
        yield House(service, tickets, http, await api_key(service.db, *SCOPES), clock)
    await tickets.close()
