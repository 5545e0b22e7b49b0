"""SMS over HTTP, in the form of Infobip's `POST /sms/3/messages`, a message at a time.

The gateway would take many in one request. Then a process that is killed would leave all of them in doubt, and one bad
message would have all of them refused.
"""

import asyncio
import json
import ssl

import aiohttp
import certifi

from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.domain.notices import Kind
from services.notify.models import Notice
from services.notify.settings import NotifySettings

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_connect=10, sock_read=10)
_TRY_LATER = (408, 425, 429, 503)
_OUR_CREDENTIAL = (401, 403)
_WRONG_ADDRESS = (301, 302, 303, 307, 308, 404, 405, 410, 501)
_NOT_TAKEN = ("REJECTED", "UNDELIVERABLE", "EXPIRED")
_MOST_PUT_OFF = 3
"""After so many notices in a row that were put off, it is the gateway that cannot do more, and it is left alone."""


class SmsProvider:
    """One connection to the provider."""

    kind: Kind = "sms"

    def __init__(self, settings: NotifySettings) -> None:
        self._sender = settings.sms_sender
        self._put_off = 0
        self._url = f"{str(settings.sms_url).rstrip('/')}/sms/3/messages"
        self._headers = {
            "Authorization": f"App {settings.sms_api_key.get_secret_value()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._session: aiohttp.ClientSession | None = None

    async def send(self, notice: Notice, until: float) -> Outcome:
        if asyncio.get_running_loop().time() >= until:
            return NoHandover("the claim on it has ended")
        if self._put_off >= _MOST_PUT_OFF:
            self._put_off = 0
            return NoHandover("the gateway puts off one message after another")
        outcome = await self._post(notice)
        self._put_off = self._put_off + 1 if isinstance(outcome, Deferral) else 0
        return outcome

    async def _post(self, notice: Notice) -> Outcome:
        message = {
            "sender": self._sender,
            "destinations": [{"to": (notice.address or "").lstrip("+"), "messageId": str(notice.id)}],
            "content": {"text": notice.body},
        }
        try:
            status, content = await self._answer_to(json.dumps({"messages": [message]}).encode())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NoHandover(type(error).__name__)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Doubt(f"broke off: {type(error).__name__}")
        except ValueError as error:  # a key or an address that cannot be written into a request: nothing left here
            return NoHandover(type(error).__name__)
        return _read(status, content, notice)

    async def _answer_to(self, content: bytes) -> tuple[int, bytes]:
        """The gateway's status and answer."""
        if self._session is None:
            self._session = _session()
        request = self._session.post(self._url, data=content, headers=self._headers, allow_redirects=False)
        async with request as response:
            return response.status, await response.read()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _session() -> aiohttp.ClientSession:
    """A client without cookies, proxies and redirects, which trusts the same authorities on every machine."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certifi.where())),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_TIMEOUT,
    )


def _read(status_code: int, content: bytes, notice: Notice) -> Outcome:
    status = f"HTTP {status_code}"
    if status_code in _OUR_CREDENTIAL + _WRONG_ADDRESS:
        return NoHandover(status, ProviderTrouble.REFUSES_US)
    if status_code in _TRY_LATER:
        return Deferral(status)
    if 400 <= status_code < 500:
        return Rejection(status)
    if not 200 <= status_code < 300:
        return Doubt(status)
    try:
        [message] = [m for m in json.loads(content)["messages"] if str(m["messageId"]) == str(notice.id)]
        verdict = dict(message["status"])
    except (ValueError, KeyError, TypeError):
        return Doubt("the provider's answer could not be read")
    group = verdict.get("groupName")
    if group in _NOT_TAKEN:
        return Rejection(str(verdict.get("name", group))[:100])
    return Acceptance(str(message["messageId"]))
