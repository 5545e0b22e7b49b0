"""The running, wired for tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.auth import SCOPES, new_api_key
from shared.keystore import save_key
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.serving import serving


@dataclass
class Running:
    service: Service
    http: httpx.AsyncClient
    key: dict[str, str]


@pytest_asyncio.fixture
async def running(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    """Intake served over HTTP, its acceptor at work, and the header of an integration with every scope."""
    service = build(common, IntakeSettings(), clock)
    key, key_id, key_hash = new_api_key()
    async with service.db.transaction() as session:
        await save_key(
            session,
            "intake",
            key_id=key_id,
            name="test",
            secret_hash=key_hash,
            scopes=SCOPES,
            now=clock(),
        )
    acceptor = service.workers[0]
    async with serving(service, workers=[acceptor]) as http:
        yield Running(service, http, {"Authorization": f"Bearer {key}"})
