"""SMS over HTTP, in the form of Infobip's `POST /sms/3/messages`, a message at a time.

The gateway would take many in one request. Then a process that is killed would leave all of them in doubt, and one bad
message would have all of them refused.
"""

import asyncio
import json

import httpx

from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.domain.notices import Kind
from services.notify.models import Notice
from services.notify.settings import NotifySettings

_EXTENSIONS = {"timeout": httpx.Timeout(10).as_dict()}
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
        self._url = httpx.URL(f"{str(settings.sms_url).rstrip('/')}/sms/3/messages")
        self._headers = {
            "Authorization": f"App {settings.sms_api_key.get_secret_value()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._transport = httpx.AsyncHTTPTransport(trust_env=False)

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
            response = await self._answer_to(json.dumps({"messages": [message]}).encode())
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError) as error:
            return NoHandover(type(error).__name__)
        except httpx.HTTPError as error:
            return Doubt(f"broke off: {type(error).__name__}")
        return _read(response, notice)

    async def _answer_to(self, content: bytes) -> httpx.Response:
        """What the gateway answers. A client costs twice as much, for redirects and cookies that nobody wants here."""
        request = httpx.Request("POST", self._url, headers=self._headers, content=content, extensions=_EXTENSIONS)
        response = await self._transport.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response

    async def close(self) -> None:
        await self._transport.aclose()


def _read(response: httpx.Response, notice: Notice) -> Outcome:
    status_line = f"HTTP {response.status_code}"
    if response.status_code in _OUR_CREDENTIAL + _WRONG_ADDRESS:
        return NoHandover(status_line, ProviderTrouble.REFUSES_US)
    if response.status_code in _TRY_LATER:
        return Deferral(status_line)
    if response.is_client_error:
        return Rejection(status_line)
    if not response.is_success:
        return Doubt(status_line)
    try:
        [message] = [m for m in response.json()["messages"] if str(m["messageId"]) == str(notice.id)]
        status = dict(message["status"])
    except (ValueError, KeyError, TypeError):
        return Doubt("the provider's answer could not be read")
    group = status.get("groupName")
    return (
        Rejection(str(status.get("name", group))[:100])
        if group in _NOT_TAKEN
        else Acceptance(str(message["messageId"]))
    )
