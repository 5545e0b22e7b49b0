"""Secrets of telephone systems: one for each account, and the old one beside the new while it is replaced."""

import hmac
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import HttpUrl, SecretStr

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.calls.given import PUBLIC_URL
from tests.services.intake.conftest import Running
from tests.services.intake.given import problem_of
from tests.serving import serving

BOTH = SecretStr("of-one-account, of-another")
SYSTEMS = IntakeSettings(
    public_url=HttpUrl(PUBLIC_URL),
    twilio_auth_token=BOTH,
    twilio_shared_key=BOTH,
    cti_token=BOTH,
    asterisk_token=BOTH,
)
EACH = pytest.mark.parametrize(
    ("secret", "status"), [("of-one-account", 200), ("of-another", 200), ("of-nobody", 401), ("", 401)]
)


@pytest_asyncio.fixture
async def opened(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    service = build(common, SYSTEMS, clock)
    async with serving(service) as http:
        yield Running(service, http, {})


@EACH
@pytest.mark.parametrize(
    ("settings", "algorithm"), [({}, "sha1"), ({"key": "1", "algorithm": "HMAC_SHA256"}, "sha256")]
)
async def test_form_of_twilio_is_taken_with_the_secret_of_each_account(
    opened: Running, secret: str, status: int, settings: dict[str, str], algorithm: str
) -> None:
    told = ",".join(f"{name}={value}" for name, value in settings.items())
    text = f"{PUBLIC_URL}/v1/hooks/twilio/statusCallSidCA77CallStatuscompleted"
    mark = b64encode(hmac.digest(secret.encode(), text.encode(), algorithm)).decode()
    headers = {"X-Twilio-Signature": mark} | ({"X-Twilio-Webhooks-Signature-Settings": told} if told else {})
    form = {"CallSid": "CA77", "CallStatus": "completed"}
    answer = await opened.http.post("/v1/hooks/twilio/status", data=form, headers=headers)
    assert answer.status_code == status


@EACH
async def test_event_of_a_pbx_is_taken_with_the_token_of_each_account(
    opened: Running, secret: str, status: int
) -> None:
    form = {"event": "newCall", "callId": "k-1", "direction": "in", "from": "081255501207", "to": "1708"}
    answer = await opened.http.post(f"/v1/hooks/cti/{secret or '-'}", json=form)
    assert answer.status_code == status


@EACH
async def test_queue_log_is_taken_with_the_token_of_each_account(opened: Running, secret: str, status: int) -> None:
    header = {"Authorization": f"Bearer {secret}"} if secret else {}
    answer = await opened.http.post("/v1/hooks/asterisk", json=[], headers=header)
    assert answer.status_code == status
    if status != 200:
        assert problem_of(answer)[0] == 401
