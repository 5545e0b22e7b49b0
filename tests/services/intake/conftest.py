"""The running, wired for tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Browser, Page

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.api_keys import new_api_key
from shared.caller import SCOPES
from shared.keystore import save_key
from shared.runner import Service
from shared.settings import CommonSettings
from tests.browser import chromium
from tests.conftest import FrozenClock
from tests.serving import serving

NARROW: Any = {"width": 320, "height": 568}


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


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page as on a cheap telephone: narrow, and without JavaScript."""
    context = await browser.new_context(viewport=NARROW, java_script_enabled=False, locale="id-ID")
    yield await context.new_page()
    await context.close()
