"""WhatsApp, as Meta's Cloud API hands it over: up to a thousand messages and statuses in one body."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.intake.channels.channel import Channel, Handshake, Webhook
from services.intake.channels.placeholders import LOCATION, UNSHOWABLE, is_media, media_line
from services.intake.channels.signatures import SignedWith, check_signature
from services.intake.domain.files import plain_name
from services.intake.domain.phones import NotAPhone, normalise_phone
from services.intake.domain.texts import storable
from services.intake.domain.utterances import Attachment, Item, Receipt, Renaming, Unreadable, Utterance, Withdrawal
from services.intake.models.raw import Raw
from shared.events import DeliveryStatus, Person

_SIGNED = SignedWith("X-Hub-Signature-256", "sha256", lambda digest: f"sha256={digest.hex()}")
_STATUSES: Mapping[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_NO_WORDS = frozenset({"reaction", "request_welcome"})
"""Kinds that a person sends and that say nothing to a case."""
_BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError)
"""What taking apart raises that has not the form it should have."""


class WhatsApp(Channel):
    """WhatsApp. `secrets` are those of the app, two while one replaces the other."""

    name = "whatsapp"

    def __init__(self, *, secrets: Sequence[str], verify_token: str) -> None:
        self._secrets = secrets
        self._handshake = Handshake(verify_token)

    def authenticate(self, webhook: Webhook) -> str:
        check_signature(webhook.headers.get("x-hub-signature-256", ""), webhook.content, self._secrets, _SIGNED)
        return ""  # one body may be for several numbers: each utterance says which

    def greet(self, query: Mapping[str, str]) -> str:
        return self._handshake.answer(query)

    def parse(self, raw: Raw) -> Sequence[Item]:
        return [item for place, change in _changes(json.loads(raw.content)) for item in _items_of(place, change)]


def _changes(body: Any) -> Iterator[tuple[str, Any]]:
    """Every change that is about messages, and where it stands. What else Meta tells of an account is passed over."""
    for number, entry in enumerate(body["entry"]):
        for place, change in enumerate(entry["changes"]):
            if change.get("field") == "messages":
                yield f"entry[{number}].changes[{place}]", change["value"]


def _items_of(place: str, value: Any) -> Iterator[Item]:
    """What there is in a change, each part on its own."""
    try:
        account = str(value["metadata"]["phone_number_id"])
        people = _people(value.get("contacts") or ())
    except _BROKEN as error:
        yield Unreadable(place, f"{type(error).__name__}: it names the number of ours, and who writes")
        return
    for number, message in enumerate(value.get("messages") or ()):
        yield from _readable(f"{place}.messages[{number}]", _message, account, message, people)
    for number, status in enumerate(value.get("statuses") or ()):
        yield from _readable(f"{place}.statuses[{number}]", _status, account, status)


def _readable(place: str, read: Any, *parts: Any) -> Iterator[Item]:
    try:
        item = read(*parts)
    except _BROKEN as error:
        yield Unreadable(place, f"{type(error).__name__}: not as Meta documents it")
        return
    if item is not None:
        yield item


def _people(contacts: Sequence[Any]) -> dict[str, str]:
    """What people call themselves, by each of their ids. They stand in another order than the messages."""
    names: dict[str, str] = {}
    for contact in contacts:
        name = (contact.get("profile") or {}).get("name") or ""
        names |= {str(contact[key]): storable(name) for key in ("wa_id", "user_id") if contact.get(key)}
    return names


def _message(account: str, message: Any, people: Mapping[str, str]) -> Item | None:
    kind, external_id = message["type"], str(message["id"])
    if message.get("group_id") or kind in _NO_WORDS:
        return None
    if kind == "system":
        return _renaming(account, message)
    if kind == "revoke":
        return Withdrawal(account, str(message["revoke"]["original_message_id"]))
    if kind == "edit":  # what stood there before stays: the case shows both
        return _message(account, {**message, **message["edit"]["message"], "id": external_id}, people)
    ids = tuple(str(message[key]) for key in ("from_user_id", "from") if message.get(key))
    number = str(message.get("from") or "")
    name = next((people[each] for each in ids if people.get(each)), None)
    return Utterance(
        account=account,
        external_id=external_id,
        sender=ids[0],
        said_at=datetime.fromtimestamp(int(message["timestamp"]), UTC),
        body=storable(_words(kind, message)) or UNSHOWABLE,
        citizen=Person(name=name or None, phone=_phone(number)),
        names=ids,
        goes_on_with=ids,
        attachments=tuple(_attachments(kind, message)),
    )


def _words(kind: str, message: Any) -> str:
    """What a message says, or what stands for it. A kind of tomorrow, or one that lacks its own part, says nothing."""
    part = message.get(kind)
    if not isinstance(part, Mapping | list):
        return ""
    match kind, part:
        case "text", {"body": str(body)}:
            return body
        case "interactive", {"button_reply": {"title": str(title)}}:
            return title
        case "interactive", {"list_reply": {"title": str(title), **rest}}:
            return "\n".join(filter(None, (title, str(rest.get("description") or ""))))
        case "interactive", {"nfm_reply": {"body": str(body)}}:
            return body
        case "button", {"text": str(text)}:
            return text
        case "location", {"latitude": latitude, "longitude": longitude, **rest}:
            named = [str(rest[key]) for key in ("name", "address") if rest.get(key)]
            return " ".join([LOCATION, ", ".join([*named, f"{latitude}, {longitude}"])])
        case _ if is_media(kind) and isinstance(part, Mapping):
            return media_line(kind, str(part.get("caption") or part.get("filename") or ""))
    return ""


def _attachments(kind: str, message: Any) -> Iterator[Attachment]:
    part = message.get(kind)
    if is_media(kind) and isinstance(part, Mapping) and part.get("id"):
        name, media_type = part.get("filename") or kind, part.get("mime_type") or "application/octet-stream"
        yield Attachment(plain_name(str(name)), str(media_type), reference=str(part["id"]))


def _renaming(account: str, message: Any) -> Renaming | None:
    """Somebody has another number, or another id, from now on. Other things that the system says make no case."""
    system = message["system"]
    before = message.get("from_user_id") if system.get("user_id") else message.get("from")
    after = system.get("user_id") or system.get("wa_id") or system.get("new_wa_id")
    if not str(system.get("type", "")).startswith("user_changed") or not before or not after:
        return None
    return Renaming(account, str(before), str(after))


def _status(account: str, status: Any) -> Receipt:
    errors = status.get("errors") or [{}]
    return Receipt(
        account=account,
        external_id=str(status["id"]),
        status=_STATUSES[status["status"]],
        at=datetime.fromtimestamp(int(status["timestamp"]), UTC),
        reason=str(errors[0].get("code", "")),
    )


def _phone(number: str) -> str | None:
    try:
        return normalise_phone(f"+{number.removeprefix('+')}") if number else None
    except NotAPhone:
        return None
