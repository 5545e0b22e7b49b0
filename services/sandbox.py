"""The sandbox: stands in for the mail server and the SMS gateway of a real installation.

It speaks real SMTP and the HTTP of the SMS provider, keeps on disk what it got, and shows it, so that a newcomer
sees what the citizen would get. What it acknowledged survives its own sudden end; what it has no room for, it says
that it did not take.
"""

import asyncio
import email
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.policy import default as modern
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, Header, Query
from pydantic import BaseModel

from shared.clock import utcnow
from shared.errors import Refusal, Unauthenticated, Unavailable
from shared.ids import new_id
from shared.problems import problem

_MAX_MESSAGE_BYTES = 1_000_000
REFUSED_DOMAIN = "refused.example"
"""An address there is answered as a real server answers an unknown mailbox, so that a refusal can be seen."""


class Caught(BaseModel):
    """A message as the citizen would get it. `id` grows with arrival and is what `after` takes."""

    id: int
    kind: Literal["email", "sms"]
    to: str
    subject: str
    body: str
    headers: dict[str, str]
    at: datetime


class CaughtList(BaseModel):
    items: list[Caught]
    next_cursor: str | None = None


class NotKept(Unavailable):
    """What came could not be written down, and was not taken: it may be sent again."""


class Store:
    """Everything that was caught, in one SQLite file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "messages.sqlite", isolation_level=None)
        self._db.executescript("""
            PRAGMA journal_mode = wal;
            PRAGMA synchronous = normal;
            CREATE TABLE IF NOT EXISTS messages (
                id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, recipient TEXT NOT NULL, at TEXT NOT NULL,
                content BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS messages_recipient ON messages (recipient);
        """)

    def keep(self, kind: str, recipients: Sequence[str], content: bytes) -> None:
        """Keeps one message for each recipient, as it came: it is taken apart when somebody looks."""
        self.keep_all(kind, [(recipient, content) for recipient in recipients])

    def keep_all(self, kind: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Keeps messages, each for its recipient: all of them, or none and `NotKept`."""
        now = utcnow().isoformat()
        rows = [(kind, recipient, now, content) for recipient, content in messages]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO messages (kind, recipient, at, content) VALUES (?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:  # the disk is full, in one of several words
            self._undo()
            raise NotKept("There is no room for it.") from error

    async def read(self, *, to: str | None, kind: str | None, after: int, limit: int) -> list[Caught]:
        """Messages, oldest first. They are taken apart in a thread, so that mail comes in meanwhile."""
        rows = self._db.execute(
            "SELECT id, kind, recipient, at, content FROM messages WHERE id > ? AND (? IS NULL OR recipient = ?) "
            "AND (? IS NULL OR kind = ?) ORDER BY id LIMIT ?",
            (after, to, to, kind, kind, limit),
        ).fetchall()
        return await asyncio.to_thread(lambda: [_caught(*row) for row in rows])

    def _undo(self) -> None:
        if self._db.in_transaction:  # SQLite may have undone it already
            self._db.execute("ROLLBACK")

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM messages").fetchone()[0])


@lru_cache(maxsize=10_000)
def _caught(number: int, kind: Literal["email", "sms"], to: str, at: Any, content: bytes) -> Caught:
    if kind == "sms":
        message = json.loads(content)
        headers = {"sender": message["sender"], "messageId": message["messageId"]}
        return Caught(id=number, kind=kind, to=to, subject="", body=message["text"], headers=headers, at=at)
    mail = email.message_from_bytes(content, policy=modern)
    part = mail.get_body(("plain", "html"))
    return Caught(
        id=number,
        kind=kind,
        to=to,
        subject=str(mail["Subject"] or ""),
        body=_text(part) if part else "",
        headers={name: str(value) for name, value in mail.items()},
        at=at,
    )


def _text(part: Any) -> str:
    """The text of a part, also where its charset is none that we know."""
    try:
        content = str(part.get_content())
    except LookupError:
        content = part.get_payload(decode=True).decode("utf-8", errors="replace")
    return content.replace("\r\n", "\n")


class _Catcher:
    """What aiosmtpd calls for each mail."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Envelope,  # noqa: ARG002
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Takes commands in groups (RFC 2920), as mail servers do. aiosmtpd does so, and does not say it."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        if address.lower().endswith(f"@{REFUSED_DOMAIN}"):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        try:
            self._store.keep("email", envelope.rcpt_tos, cast(bytes, envelope.content))
        except NotKept:
            return "452 4.3.1 No room for it just now"
        return f"250 2.0.0 Ok: caught as {new_id().hex}"


class SmsDestination(BaseModel):
    to: str
    messageId: str | None = None  # noqa: N815 - the provider's word


class SmsContent(BaseModel):
    text: str


class SmsMessage(BaseModel):
    sender: str
    destinations: list[SmsDestination]
    content: SmsContent


class SmsRequest(BaseModel):
    messages: list[SmsMessage]


def app_of(store: Store) -> FastAPI:
    """The provider's `POST /sms/3/messages`, and `GET /messages` for people and tests."""
    app = FastAPI(title="Satu Atap: sandbox")
    app.add_exception_handler(Refusal, _refused)

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/messages")
    async def messages(
        to: str | None = None,
        kind: Literal["email", "sms"] | None = None,
        after: Annotated[int, Query(ge=0, description="The `id` of the last message that you have")] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000_000)] = 1_000_000,
    ) -> CaughtList:
        """What was caught, oldest first. A `+` in `to` may arrive as a space: both are understood."""
        address = "+" + to.strip() if to and to.startswith(" ") else to
        items = await store.read(to=address, kind=kind, after=after, limit=limit)
        return CaughtList(items=items, next_cursor=str(items[-1].id) if len(items) == limit else None)

    @app.get("/messages/count")
    async def count() -> dict[str, int]:
        return {"count": store.count()}

    @app.post("/sms/3/messages")
    async def send(request: SmsRequest, authorization: Annotated[str, Header()] = "") -> Mapping[str, Any]:
        if not authorization.startswith("App "):
            raise Unauthenticated("Send `Authorization: App <key>`, as to the provider.")
        answers, caught = [], []
        for message in request.messages:
            for destination in message.destinations:
                name = destination.messageId or new_id().hex
                content = {"sender": message.sender, "text": message.content.text, "messageId": name}
                caught.append((f"+{destination.to.lstrip('+')}", json.dumps(content).encode()))
                status = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
                answers.append({"messageId": name, "destination": destination.to, "status": status})
        store.keep_all("sms", caught)
        return {"bulkId": new_id().hex, "messages": answers}

    return app


async def _refused(_: object, error: Exception) -> Any:
    return problem(cast(Refusal, error), new_id().hex)


@dataclass(frozen=True, slots=True)
class SandboxPorts:
    host: str
    smtp: int
    http: int


async def serve(folder: Path, ports: SandboxPorts) -> None:
    """Catches mail and SMS until SIGTERM or SIGINT."""
    store = Store(folder)
    loop = asyncio.get_running_loop()
    catcher = _Catcher(store)
    smtp = await loop.create_server(
        lambda: SMTP(catcher, data_size_limit=_MAX_MESSAGE_BYTES, enable_SMTPUTF8=True, hostname="sandbox", loop=loop),
        ports.host,
        ports.smtp,
    )
    config = uvicorn.Config(
        app_of(store),
        host=ports.host,
        port=ports.http,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        smtp.close()
