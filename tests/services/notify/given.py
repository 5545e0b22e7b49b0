"""What a test of notify begins with, and how it looks at what the ledger says."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from fastapi import FastAPI
from pydantic import HttpUrl, SecretStr
from sqlalchemy import text

from services.notify.domain.delivery import Outcome
from services.notify.models import Notice
from services.notify.providers import Provider
from services.notify.service.holds import Holds
from services.notify.service.ledger import Ledger
from services.notify.service.letters import Letters
from services.notify.service.loops import Loops
from services.notify.settings import NotifySettings
from shared.clock import utcnow
from shared.db import Database
from shared.events import (
    AlertedData,
    AnyEvent,
    ChatUnread,
    ChatUnreadData,
    EndedData,
    EscalatedData,
    ForwardedData,
    InfoRequestedData,
    InvitedData,
    OpenedData,
    RepliedData,
    ResolvedData,
    SurveyInvited,
    TicketAlerted,
    TicketClosed,
    TicketEscalated,
    TicketForwarded,
    TicketInfoRequested,
    TicketOpened,
    TicketRejected,
    TicketReplied,
    TicketResolved,
    Trace,
)
from shared.ids import new_id
from shared.runner import Service
from shared.signing import Capabilities
from shared.wiring import Wiring, wire
from tests.conftest import SECRETS

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC)  # the last second of Friday in Jakarta
CODE = "7K3Q-WM9X-TB40"
CITIZEN = {"name": "Warga Satu", "email": "warga@surel.example", "phone": "+6281234567890"}
TRACE = Trace("c-1")
THREADS = Capabilities(SECRETS, "mail threads")
LINK = "https://survei.example/s/abc"


def ticket(**changes: Any) -> dict[str, Any]:
    """What every event of a ticket says."""
    return {
        "ticket_id": new_id(),
        "tracking_code": CODE,
        "version": 1,
        "status": "open",
        "channel": "form",
        "topic": None,
        "unit": "Pencairan",
        "subject": "Insentif",
        "opened_at": NOW,
        "resolution_due_at": DUE,
        "zone": "Asia/Jakarta",
        "escalation_level": 0,
        "citizen": CITIZEN,
    } | changes


def opened(**changes: Any) -> TicketOpened:
    data = OpenedData.model_validate(ticket(**changes))
    return TicketOpened.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def escalated(**changes: Any) -> TicketEscalated:
    data = EscalatedData.model_validate(ticket(status="escalated", escalation_level=1, **changes))
    return TicketEscalated.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def replied(**changes: Any) -> TicketReplied:
    said = {"status": "answered", "reply_id": new_id(), "body": "Sedang kami periksa."}
    data = RepliedData.model_validate(ticket(**said | changes))
    return TicketReplied.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def info_requested(**changes: Any) -> TicketInfoRequested:
    said = {"reply_id": new_id(), "fields": ("email",), "body": "Mohon lengkapi:\n- alamat e-mail"}
    data = InfoRequestedData.model_validate(ticket(**said | changes))
    return TicketInfoRequested.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def answered_in_chat(**changes: Any) -> TicketReplied:
    """An answer to a case that came by chat, where it is shown."""
    return replied(**{"channel": "chat", "chat_id": new_id()} | changes)


def readings(*unread: TicketReplied, read: Sequence[TicketReplied] = ()) -> ChatUnread:
    """What intake tells of answers in a chat when its quiet time is over."""
    some = (*unread, *read)[0]
    data = ChatUnreadData(
        chat_id=some.data.chat_id or new_id(),
        tracking_code=CODE,
        reply_ids=tuple(answer.data.reply_id for answer in unread),
        read_ids=tuple(answer.data.reply_id for answer in read),
    )
    return ChatUnread.of(data, subject=data.chat_id, now=NOW, trace=TRACE)


def resolved(**changes: Any) -> TicketResolved:
    said = {"status": "resolved", "resolved_at": NOW, "answer": "Insentif sudah cair."}
    data = ResolvedData.model_validate(ticket(**said | changes))
    return TicketResolved.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def closed(**changes: Any) -> TicketClosed:
    data = EndedData.model_validate(ticket(**{"status": "closed", "reason": "Tidak ada jawaban."} | changes))
    return TicketClosed.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def rejected(**changes: Any) -> TicketRejected:
    data = EndedData.model_validate(ticket(**{"status": "rejected", "reason": "Bukan pengaduan."} | changes))
    return TicketRejected.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def forwarded(**changes: Any) -> TicketForwarded:
    said = {"status": "forwarded", "to": "Dinas Tenaga Kerja", "body": "Upah wewenang kota."}
    data = ForwardedData.model_validate(ticket(**said | changes))
    return TicketForwarded.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def alerted(**changes: Any) -> TicketAlerted:
    said = {"unit": "prakerja-pencairan", "unit_name": "Prakerja / pencairan", "clock": "resolution", "due_at": DUE}
    to = {"is_late": True, "step": 1, "role": "unit-head", "email": "kepala@dinas.example"}
    data = AlertedData.model_validate(ticket(**said | to | changes))
    return TicketAlerted.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def invited(**changes: Any) -> SurveyInvited:
    said = {"invitation_id": new_id(), "survey": "skm-2026", "link": LINK, "expires_at": DUE}
    data = InvitedData.model_validate(ticket(**said | changes))
    return SurveyInvited.of(data, subject=data.invitation_id, now=NOW, trace=TRACE)


EVERY_EVENT: dict[str, AnyEvent] = {
    "opened": opened(),
    "escalated": escalated(),
    "closed": closed(),
    "rejected": rejected(),
    "forwarded": forwarded(),
    "replied": replied(),
    "info_requested": info_requested(),
    "resolved": resolved(),
    "invited": invited(),
    "alerted": alerted(),
}


def notice(**changes: Any) -> Notice:
    """A notice as its courier holds it, in its first attempt."""
    values: dict[str, Any] = {
        "id": new_id(),
        "event_id": new_id(),
        "reason": "opened",
        "ticket_id": new_id(),
        "tracking_code": CODE,
        "kind": "email",
        "address": "warga@surel.example",
        "subject": "Pengaduan Anda kami terima",
        "body": "Terima kasih.\n",
        "status": "sending",
        "next_attempt_at": NOW,
        "give_up_at": NOW + timedelta(hours=24),
        "correlation_id": "c-1",
        "created_at": NOW,
        "attempts": 1,
    }
    return Notice(**values | changes)


def sms(**changes: Any) -> Notice:
    """A notice that goes by SMS."""
    return notice(**{"kind": "sms", "address": "+6281234567890", "subject": "", "body": "Terima kasih."} | changes)


def settings(*, smtp_port: int = 1, sms_url: str = "http://127.0.0.1:1", **changes: Any) -> NotifySettings:
    """What notify is told: nobody listens, unless a test names a port."""
    values: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_tls": "none",
        "mail_from": "Satu Atap <layanan@satuatap.example>",
        "sms_url": HttpUrl(sms_url),
        "sms_api_key": SecretStr("invented"),
    }
    return NotifySettings(**values | changes)


OWN = ("layanan@satuatap.example", "lapor@satuatap.example")
MOST_ANSWERS = 5


def holds(*, most_an_hour: int = 200) -> Holds:
    """What holds notices back."""
    loops = Loops(own=OWN, most_an_hour=MOST_ANSWERS)
    return Holds(loops=loops, give_up_after=timedelta(hours=24), most_an_hour=most_an_hour)


def ledger(letters: Letters, **changes: Any) -> Ledger:
    """A ledger that gives up after a day."""
    return Ledger(letters=letters, holds=holds(**changes), give_up_after=timedelta(hours=24))


class _CountsNobody:
    async def close(self) -> None: ...


def stranger(app: FastAPI) -> Service:
    """Somebody else's app, so that it can be served over HTTP: it has no database of ours."""
    db = Database("postgresql://nobody@127.0.0.1:1/none", schema="none")
    wire(app, Wiring(db, cast("Any", None), utcnow, cast("Any", _CountsNobody())))
    return Service("stranger", app, db, ())


async def hand(provider: Provider, *notices: Notice) -> list[Outcome]:
    """What becomes of `notices` when they are handed over, one after the other, with time enough."""
    until = asyncio.get_running_loop().time() + 60
    return [await provider.send(one, until) for one in notices]


async def rows(db: Database, sql: str, **values: object) -> list[Any]:
    """What `sql` finds."""
    async with db.autocommit() as session:
        return list((await session.execute(text(sql), values)).all())


async def status_of(db: Database, notice_id: UUID) -> str:
    """What the ledger says of the notice."""
    [row] = await rows(db, "SELECT status FROM notify.notices WHERE id = :id", id=notice_id)
    return str(row.status)
