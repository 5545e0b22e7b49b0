"""The sandbox: stands in for the mail server and the SMS gateway of a real installation.

It speaks real SMTP and the HTTP of the SMS provider, keeps on disk what it got, and shows it, so that a newcomer
sees what the citizen would get. What it acknowledged survives its own sudden end; what it has no room for, it says
that it did not take.
"""

import asyncio
import email
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.policy import default as modern
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import uvicorn
from fastapi import FastAPI, Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.sandbox.mail import MailSession
from shared.clock import utcnow
from shared.errors import Refusal, Unauthenticated, Unavailable
from shared.ids import new_id
from shared.problems import problem

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
        insert = "INSERT INTO messages (kind, recipient, at, content) VALUES (?, ?, ?, ?)"
        try:
            if len(rows) == 1:  # as nearly always: a statement is a transaction
                self._db.execute(insert, rows[0])
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(insert, rows)
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


_SMS_PATH = "/sms/3/messages"
_PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}


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
    """`GET /messages` for people and tests, and before it the provider's `POST /sms/3/messages`."""
    app = FastAPI(title="Satu Atap: sandbox")
    app.add_exception_handler(Refusal, _refused)
    app.add_middleware(_Gateway, store=store)

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

    return app


class _Gateway:
    """The provider's way in for SMS, before the layers that a framework has around a route: they were most of it."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", _SMS_PATH):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = self._taken(request.headers.get("authorization", ""), await request.body())
        except Refusal as refusal:
            response = problem(refusal, new_id().hex)
        await response(scope, receive, send)

    def _taken(self, authorization: str, body: bytes) -> Response:
        """What each message is answered with, when all are kept."""
        if not authorization.startswith("App "):
            raise Unauthenticated("Send `Authorization: App <key>`, as to the provider.")
        try:
            messages = SmsRequest.model_validate_json(body).messages
        except ValidationError:
            return Response(b'{"error": "no messages as the provider takes them"}', 400, media_type="application/json")
        answers, caught = [], []
        for message in messages:
            for destination in message.destinations:
                name = destination.messageId or new_id().hex
                content = {"sender": message.sender, "text": message.content.text, "messageId": name}
                caught.append((f"+{destination.to.lstrip('+')}", json.dumps(content).encode()))
                answers.append({"messageId": name, "destination": destination.to, "status": _PENDING})
        self._store.keep_all("sms", caught)
        answer = json.dumps({"bulkId": new_id().hex, "messages": answers}).encode()
        return Response(answer, media_type="application/json")


async def _refused(_: object, error: Exception) -> Any:
    return problem(cast(Refusal, error), new_id().hex)


def _refused_recipient(address: str) -> str | None:
    return "550 5.1.1 No such mailbox here" if address.lower().endswith(f"@{REFUSED_DOMAIN}") else None


def _caught_mail(store: Store, recipients: Sequence[str], text: bytes) -> str:
    try:
        store.keep("email", recipients, text)
    except NotKept:
        return "452 4.3.1 No room for it just now"
    return f"250 2.0.0 Ok: caught as {new_id().hex}"


@dataclass(frozen=True, slots=True)
class SandboxPorts:
    host: str
    smtp: int
    http: int


async def serve(folder: Path, ports: SandboxPorts) -> None:
    """Catches mail and SMS until SIGTERM or SIGINT."""
    store = Store(folder)
    loop = asyncio.get_running_loop()

    def session() -> MailSession:
        return MailSession(refused=_refused_recipient, take=partial(_caught_mail, store))

    smtp = await loop.create_server(session, ports.host, ports.smtp)
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
