"""Intake with every telephone system opened."""

from collections.abc import AsyncIterator

import pytest_asyncio
from pydantic import HttpUrl, SecretStr

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.calls.given import ASTERISK_TOKEN, AUTH_TOKEN, CTI_TOKEN, PUBLIC_URL, SHARED_KEY
from tests.services.intake.conftest import Running
from tests.services.intake.given import api_key
from tests.serving import serving

OPENED = IntakeSettings(
    public_url=HttpUrl(PUBLIC_URL),
    twilio_auth_token=SecretStr(AUTH_TOKEN),
    twilio_shared_key=SecretStr(SHARED_KEY),
    cti_token=SecretStr(CTI_TOKEN),
    asterisk_token=SecretStr(ASTERISK_TOKEN),
)


@pytest_asyncio.fixture
async def opened(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    """Intake served over HTTP, with the tokens of `given`."""
    service = build(common, OPENED, clock)
    async with serving(service) as http:
        yield Running(service, http, await api_key(service.db, "calls:write"))
