"""LINE, as its Messaging API hands it over."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.intake.channels.channel import Channel, Webhook
from services.intake.channels.placeholders import LOCATION, UNSHOWABLE, is_media, media_line
from services.intake.channels.signatures import SignedWith, check_signature
from services.intake.domain.files import plain_name
from services.intake.domain.texts import storable
from services.intake.domain.utterances import Attachment, Item, Unreadable, Utterance, Withdrawal
from services.intake.models.raw import Raw

_SIGNED = SignedWith("X-Line-Signature", "sha256", lambda digest: base64.b64encode(digest).decode())
_DUMMY = frozenset({"0" * 32, "f" * 32})
"""Reply tokens of the events with which LINE's console tries an address."""
_BROKEN = (AttributeError, KeyError, TypeError, ValueError, OverflowError)


class Line(Channel):
    """LINE. `secrets` are those of the channel, two while one replaces the other."""

    name = "line"

    def __init__(self, *, secrets: Sequence[str]) -> None:
        self._secrets = secrets

    def authenticate(self, webhook: Webhook) -> str:
        check_signature(webhook.headers.get("x-line-signature", ""), webhook.content, self._secrets, _SIGNED)
        return ""

    def parse(self, raw: Raw) -> Sequence[Item]:
        body = json.loads(raw.content)
        account = str(body["destination"])
        return [item for number, event in enumerate(body["events"]) for item in _items(account, number, event)]


def _items(account: str, number: int, event: Any) -> Iterator[Item]:
    try:
        item = _item(account, event)
    except _BROKEN as error:
        yield Unreadable(f"events[{number}]", f"{type(error).__name__}: not as LINE documents it")
        return
    if item is not None:
        yield item


def _item(account: str, event: Any) -> Item | None:
    """What an event says. In a group people talk to each other; on standby, another program answers."""
    source = event.get("source") or {}
    if event.get("replyToken") in _DUMMY or source.get("type") != "user" or event.get("mode") == "standby":
        return None
    match event["type"]:
        case "unsend":
            return Withdrawal(account, str(event["unsend"]["messageId"]))
        case "message":
            message = event["message"]
            return _utterance(account, event, str(message["id"]), _words(message), tuple(_attachments(message)))
        case "postback":
            return _utterance(account, event, str(event["webhookEventId"]), str(event["postback"]["data"]), ())
    return None


def _utterance(account: str, event: Any, external_id: str, words: str, files: tuple[Attachment, ...]) -> Utterance:
    sender = str(event["source"]["userId"])
    return Utterance(
        account=account,
        external_id=external_id,
        sender=sender,
        said_at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        body=storable(words) or UNSHOWABLE,
        names=(sender,),
        goes_on_with=(sender,),
        attachments=files,
    )


def _words(message: Mapping[str, Any]) -> str:
    kind = message["type"]
    if kind == "text":
        return str(message["text"])
    if kind == "location":
        parts = [str(message[key]) for key in ("title", "address", "latitude", "longitude") if message.get(key)]
        return f"{LOCATION} {', '.join(parts)}"
    if kind == "sticker":
        return media_line(kind, str(message.get("text") or ""))
    return media_line(kind, str(message.get("fileName") or "")) if is_media(kind) else ""


def _attachments(message: Mapping[str, Any]) -> Iterator[Attachment]:
    kind = message["type"]
    if is_media(kind) and kind != "sticker":
        outside = (message.get("contentProvider") or {}).get("originalContentUrl")
        yield Attachment(
            plain_name(str(message.get("fileName") or kind)),
            "application/octet-stream",
            reference=str(outside or message["id"]),
        )
