"""Intake with its mail channel at work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.events import AnyEvent
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually
from tests.services.intake.given import all_parsed, api_key, events_in_outbox
from tests.serving import serving

WORKERS = ("keeper of raw bytes", "parser")


@dataclass
class Post:
    """A running intake, and the header of an integration that may bring mails."""

    service: Service
    http: httpx.AsyncClient
    key: dict[str, str]

    async def bring(self, content: bytes, content_type: str = "message/rfc822") -> httpx.Response:
        return await self.http.post("/v1/mails", content=content, headers={**self.key, "Content-Type": content_type})

    async def events(self, number: int) -> list[Any]:
        """What became of all that was brought, once it is parsed and there are so many events."""
        await self.is_parsed()

        async def look() -> list[AnyEvent]:
            found = await events_in_outbox(self.service.db)
            return found if len(found) == number else []

        await eventually(look)
        return await look()

    async def is_parsed(self) -> None:
        await all_parsed(self.service.db)


@pytest_asyncio.fixture
async def post(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[Post]:
    settings = IntakeSettings(mail_bytes=300_000, attachments_dir=tmp_path / "attachments")
    service = build(common, settings, clock)
    workers = [worker for worker in service.workers if worker.name in WORKERS]
    async with serving(service, workers=workers) as http:
        yield Post(service, http, await api_key(service.db, "contacts:write"))
