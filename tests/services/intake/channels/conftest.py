"""What a test of a channel begins with: intake served over HTTP, with the channel open, and its parser at work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from pydantic import SecretStr

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.events import AnyEvent
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.given import all_parsed, events_in_outbox, rows
from tests.serving import serving

SECRET = "the secret of an app"
NEW_SECRET = "the one that replaces it"
TOKEN = "agreed with Meta"


@dataclass
class Open:
    """Intake with its channels open."""

    service: Service
    http: httpx.AsyncClient

    async def rows(self, sql: str, **values: object) -> list[Any]:
        return await rows(self.service.db, sql, **values)

    async def is_parsed(self) -> None:
        """Waits until nothing waits to be parsed."""

        await all_parsed(self.service.db)

    async def events(self) -> list[AnyEvent]:
        """What was told the others, once nothing waits to be parsed."""
        await self.is_parsed()
        return await events_in_outbox(self.service.db)

    async def faults(self) -> list[str]:
        """Where something could not be understood."""
        await self.is_parsed()
        kept = await self.rows("SELECT faults FROM raw ORDER BY id")
        return [fault["place"] for row in kept for fault in row.faults]


@pytest_asyncio.fixture
async def opened(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Open]:
    both = SecretStr(f"{NEW_SECRET}, {SECRET}")
    settings = IntakeSettings(
        whatsapp_app_secret=both, whatsapp_verify_token=SecretStr(TOKEN), line_channel_secret=both
    )
    service = build(common, settings, clock)
    workers = [worker for worker in service.workers if worker.name in ("keeper of raw bytes", "parser")]
    async with serving(service, workers=workers) as http:
        yield Open(service, http)
