"""SMS over HTTP, in the form of Infobip's `POST /sms/3/messages`: many messages in one request, an answer for each.

A request that is refused for one of its messages is sent again, each message alone. While nobody can tell what became
of the request before, one message tries whether the gateway can be understood again, and the others wait.
"""

from collections.abc import Sequence
from typing import Any

import httpx

from services.notify.domain.delivery import Accepted, Deferred, NotHanded, Outcome, Refused, Uncertain
from services.notify.domain.notices import Kind
from services.notify.models import Notice
from services.notify.settings import NotifySettings

_TIMEOUT_SECONDS = 10
_TRY_LATER = (408, 425, 429, 503)
_OUR_CREDENTIAL = (401, 403)
_BAD_MESSAGE = (400, 413, 422)
_WRONG_ADDRESS = (301, 302, 303, 307, 308, 404, 405, 410, 501)
_NOT_TAKEN = ("REJECTED", "UNDELIVERABLE", "EXPIRED")


class SmsProvider:
    """One connection to the provider."""

    kind: Kind = "sms"

    def __init__(self, settings: NotifySettings) -> None:
        self._sender = settings.sms_sender
        self._is_in_doubt = False
        self._client = httpx.AsyncClient(
            base_url=str(settings.sms_url),
            headers={"Authorization": f"App {settings.sms_api_key.get_secret_value()}"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )

    async def send(self, notices: Sequence[Notice]) -> list[Outcome]:
        together = notices[:1] if self._is_in_doubt else notices
        outcomes = await self._post(together)
        if outcomes is None:
            outcomes = [await self._alone(notice) for notice in together]
        self._is_in_doubt = all(isinstance(outcome, Uncertain) for outcome in outcomes)
        waits = NotHanded("the gateway cannot be understood" if self._is_in_doubt else "after the one that was tried")
        return [*outcomes, *[waits] * (len(notices) - len(together))]

    async def _alone(self, notice: Notice) -> Outcome:
        outcomes = await self._post([notice])
        return outcomes[0] if outcomes else Refused("the gateway refuses the message")

    async def _post(self, notices: Sequence[Notice]) -> list[Outcome] | None:
        """What became of each; None when the gateway refused the request for what stands in one of them."""
        messages = [
            {
                "sender": self._sender,
                "destinations": [{"to": (notice.address or "").lstrip("+"), "messageId": str(notice.id)}],
                "content": {"text": notice.body},
            }
            for notice in notices
        ]
        try:
            response = await self._client.post("/sms/3/messages", json={"messages": messages})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError) as error:
            return [NotHanded(type(error).__name__)] * len(notices)
        except httpx.HTTPError as error:
            return [Uncertain(f"broke off: {type(error).__name__}")] * len(notices)
        if response.status_code in _BAD_MESSAGE:
            return None if len(notices) > 1 else [Refused(f"HTTP {response.status_code}")]
        return _read(response, notices)

    async def close(self) -> None:
        await self._client.aclose()


def _read(response: httpx.Response, notices: Sequence[Notice]) -> list[Outcome]:
    said = f"HTTP {response.status_code}"
    if response.status_code in _OUR_CREDENTIAL + _WRONG_ADDRESS:
        return [NotHanded(said)] * len(notices)
    if response.status_code in _TRY_LATER:
        return [Deferred(said)] * len(notices)
    if response.is_client_error:
        return [Refused(said)] * len(notices)
    if not response.is_success:
        return [Uncertain(said)] * len(notices)
    try:
        by_id = {str(message["messageId"]): message for message in response.json()["messages"]}
    except (ValueError, KeyError, TypeError):
        return [Uncertain("the provider's answer could not be read")] * len(notices)
    return [_one(by_id.get(str(notice.id))) for notice in notices]


def _one(message: dict[str, Any] | None) -> Outcome:
    if message is None:
        return Uncertain("the provider did not mention it")
    status = message.get("status")
    if not isinstance(status, dict):
        return Uncertain("the provider's answer could not be read")
    group = status.get("groupName")
    if group in _NOT_TAKEN:
        return Refused(str(status.get("name", group))[:100])
    return Accepted(str(message["messageId"]))
