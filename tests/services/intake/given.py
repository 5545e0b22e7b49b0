"""What a test of intake begins with, and how it looks at what was kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.intake.models.contacts import NewContact
from services.intake.schemas.chats import ChatIn, MessageIn
from services.intake.schemas.contacts import ContactIn
from services.intake.service.contacts import Contacts, Origin
from shared.api_keys import new_api_key
from shared.caller import Scope
from shared.db import Database
from shared.events import AnyEvent, RepliedData, TicketReplied, Trace, decode
from shared.fingerprints import fingerprint
from shared.ids import new_id
from shared.keystore import revoke_key, save_key
from shared.seal import Seal
from shared.signing import Capabilities
from tests.conftest import SECRETS, eventually

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
TRACE = Trace("c-1")
CONTACTS = Contacts(seal=Seal(SECRETS), chat_tokens=Capabilities(SECRETS, "chats"))
FORM = {"name": "Warga Satu", "email": "warga@surel.example", "phone": "0812-5550-1234", "body": "Insentif belum cair."}


async def rows(db: Database, sql: str, **values: object) -> list[Any]:
    """What `sql` finds."""
    async with db.autocommit() as session:
        return list((await session.execute(text(sql), values)).all())


async def count(db: Database, table: str) -> int:
    """How many rows `table` has."""
    return int((await rows(db, f"SELECT count(*) FROM intake.{table}"))[0][0])


async def events_in_outbox(db: Database) -> list[AnyEvent]:
    """The events in the outbox, in their order."""
    return [decode(row.payload) for row in await rows(db, "SELECT payload FROM intake.outbox ORDER BY seq")]


async def api_key(db: Database, *scopes: Scope, revoked: bool = False) -> dict[str, str]:
    """The header of an integration that may do `scopes`."""
    key, key_id, secret_hash = new_api_key()
    async with db.transaction() as session:
        await save_key(
            session,
            "intake",
            key_id=key_id,
            name="x",
            secret_hash=secret_hash,
            scopes=scopes,
            now=NOW,
        )
        if revoked:
            await revoke_key(
                session,
                "intake",
                key_id,
                NOW,
            )
    return {"Authorization": f"Bearer {key}"}


def contact(body: str = FORM["body"], *, key: str | None = None, client: str = "key:one") -> NewContact:
    """A web form on its way into the database. `body` is taken as it is, whatever the route would say of it."""
    return CONTACTS.from_form(ContactIn.model_construct(body=body), origin("/v1/contacts", body, key, client))


def open_chat(body: str = "Halo") -> NewContact:
    """A new chat on its way into the database."""
    return CONTACTS.from_new_chat(ChatIn(body=body), origin("/v1/chats", body))


def line(chat: NewContact, body: str, *, key: str | None = None) -> NewContact:
    """A further line of `chat`."""
    first = chat.event.data
    request = origin(f"/v1/chats/{first.contact_id}/messages", body, key)
    return CONTACTS.from_message(first.contact_id, first.tracking_code, MessageIn(body=body), request)


def origin(path: str, body: str, key: str | None = None, client: str = "key:one") -> Origin:
    """Who brought `body`, and by which request."""
    mark = fingerprint(f"POST {path}", orjson.dumps({"body": body}))
    return Origin(client=client, trace=TRACE, now=NOW, idempotency_key=key, fingerprint=mark)


def ticket_replied(chat_id: UUID | None, body: str = "Sedang kami periksa.") -> TicketReplied:
    """An agent's answer in the case of `chat_id`."""
    data = RepliedData.model_validate(
        {
            "ticket_id": new_id(),
            "tracking_code": "7K3Q-WM9X-TB40",
            "version": 2,
            "status": "answered",
            "channel": "chat",
            "chat_id": chat_id,
            "topic": None,
            "unit": "Prakerja",
            "subject": "",
            "opened_at": NOW,
            "resolution_due_at": NOW,
            "zone": "Asia/Jakarta",
            "escalation_level": 0,
            "citizen": {},
            "reply_id": new_id(),
            "body": body,
        }
    )
    return TicketReplied.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def problem_of(answer: Any) -> tuple[int, str]:
    """The status and the code of a refusal, which is problem+json with the same id in its body and its header."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, problem["code"]


def fields_of(answer: Any) -> Sequence[str]:
    """The fields that a refusal names."""
    return [error["field"] for error in answer.json().get("errors", ())]


async def all_parsed(db: Database) -> None:
    """Waits until nothing that a channel brought waits to be parsed."""

    async def nothing_waits() -> bool:
        return not await rows(db, "SELECT 1 FROM intake.raw WHERE status = 'waiting'")

    await eventually(nothing_waits)
