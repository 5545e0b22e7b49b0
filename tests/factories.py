"""Invented events, with only what a test cares about said aloud."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from shared.events import (
    CitizenErased,
    CitizenErasedData,
    ContactData,
    ContactReceived,
    EndedData,
    EscalatedData,
    ForwardedData,
    InfoRequestedData,
    InvitedData,
    JoinedData,
    NoticeFailed,
    NoticeFailedData,
    NoticeSettled,
    NoticeSettledData,
    Person,
    RepliedData,
    ResolvedData,
    SurveyInvited,
    TicketClosed,
    TicketEscalated,
    TicketForwarded,
    TicketInfoRequested,
    TicketJoined,
    TicketOpened,
    TicketRejected,
    TicketReopened,
    TicketReplied,
    TicketResolved,
    Trace,
)
from shared.ids import new_id, new_tracking_code

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC)
TRACE = Trace("c-1")
CITIZEN = Person(name="Warga Satu", email="warga@surel.example", phone="+6281255501234")


_NUMBERS = count(1)


def somebody() -> Person:
    """Each time another citizen: by his name, his address and his number."""
    number = next(_NUMBERS)
    return Person(name=f"Warga {number}x", email=f"warga.{number}@surel.example", phone=f"+62812556{number:05}")


def contact(**changes: Any) -> ContactReceived:
    """A contact by web form, said at NOW, by somebody who never came before."""
    said: dict[str, Any] = {
        "contact_id": new_id(),
        "tracking_code": new_tracking_code(),
        "channel": "form",
        "citizen": somebody(),
        "subject": "",
        "body": "Insentif belum cair.",
        "received_at": NOW,
    }
    data = ContactData(**{**said, **changes})
    return ContactReceived.of(data, subject=data.contact_id, now=NOW, trace=TRACE)


def ticket_words(**changes: Any) -> dict[str, Any]:
    """What every ticket event says."""
    said: dict[str, Any] = {
        "ticket_id": new_id(),
        "tracking_code": new_tracking_code(),
        "version": 1,
        "status": "open",
        "channel": "form",
        "topic": "insentif",
        "unit": "Prakerja / pencairan",
        "subject": "",
        "opened_at": NOW,
        "resolution_due_at": DUE,
        "zone": "Asia/Jakarta",
        "escalation_level": 0,
        "citizen": CITIZEN,
    }
    return {**said, **changes}


def ticket_opened(**changes: Any) -> TicketOpened:
    data = TicketOpened.model_fields["data"].annotation(**ticket_words(**changes))  # type: ignore[misc]
    return TicketOpened.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_joined(contact_id: UUID | None = None, **changes: Any) -> TicketJoined:
    data = JoinedData(contact_id=contact_id or new_id(), **ticket_words(version=2, **changes))
    return TicketJoined.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=2)


def ticket_reopened(**changes: Any) -> TicketReopened:
    data = JoinedData(contact_id=new_id(), **ticket_words(version=5, **changes))
    return TicketReopened.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=5)


def ticket_replied(body: str = "Sudah kami kirim ulang.", **changes: Any) -> TicketReplied:
    data = RepliedData(reply_id=new_id(), body=body, **ticket_words(**{"version": 3, "status": "answered", **changes}))
    return TicketReplied.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_escalated(**changes: Any) -> TicketEscalated:
    words = ticket_words(**{"version": 2, "status": "escalated", "escalation_level": 1, **changes})
    data = EscalatedData(**words)
    return TicketEscalated.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_info_requested(**changes: Any) -> TicketInfoRequested:
    said = {"reply_id": new_id(), "fields": ("email",), "body": "Mohon lengkapi:\n- alamat e-mail"}
    data = InfoRequestedData(**{**said, **ticket_words(**{"version": 2, **changes})})
    return TicketInfoRequested.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_resolved(answer: str = "", **changes: Any) -> TicketResolved:
    words = ticket_words(**{"version": 4, "status": "resolved", **changes})
    data = ResolvedData(resolved_at=NOW, answer=answer, **words)
    return TicketResolved.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_closed(reason: str = "Tidak ada jawaban.", **changes: Any) -> TicketClosed:
    data = EndedData(reason=reason, **ticket_words(**{"version": 4, "status": "closed", **changes}))
    return TicketClosed.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_rejected(reason: str = "Bukan pengaduan.", **changes: Any) -> TicketRejected:
    data = EndedData(reason=reason, **ticket_words(**{"version": 4, "status": "rejected", **changes}))
    return TicketRejected.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def ticket_forwarded(body: str = "", **changes: Any) -> TicketForwarded:
    words = ticket_words(**{"version": 4, "status": "forwarded", **changes})
    data = ForwardedData(to="Dinas Tenaga Kerja", body=body, **words)
    return TicketForwarded.of(data, subject=data.ticket_id, now=NOW, trace=TRACE, sequence=data.version)


def citizen_erased(**changes: Any) -> CitizenErased:
    said: dict[str, Any] = {"citizen_id": new_id(), "ticket_ids": (new_id(),), "erased_at": NOW}
    data = CitizenErasedData(**{**said, **changes})
    return CitizenErased.of(data, subject=data.citizen_id, now=NOW, trace=TRACE)


def survey_invited(**changes: Any) -> SurveyInvited:
    said: dict[str, Any] = {
        "invitation_id": new_id(),
        "survey": "layanan",
        "ticket_id": new_id(),
        "tracking_code": new_tracking_code(),
        "link": "http://127.0.0.1/s/token",
        "expires_at": DUE,
        "zone": "Asia/Jakarta",
        "citizen": CITIZEN,
    }
    data = InvitedData(**{**said, **changes})
    return SurveyInvited.of(data, subject=data.ticket_id, now=NOW, trace=TRACE)


def notice_failed(**changes: Any) -> NoticeFailed:
    said: dict[str, Any] = {
        "notice_id": new_id(),
        "ticket_id": new_id(),
        "reason": "opened",
        "kind": "email",
        "outcome": "uncertain",
        "error": "the sender died while sending",
    }
    data = NoticeFailedData(**{**said, **changes})
    return NoticeFailed.of(data, subject=data.notice_id, now=NOW, trace=TRACE)


def notice_settled(**changes: Any) -> NoticeSettled:
    said: dict[str, Any] = {
        "notice_id": new_id(),
        "ticket_id": new_id(),
        "reason": "opened",
        "kind": "email",
        "outcome": "arrived",
        "by": "staff:4711",
    }
    data = NoticeSettledData(**{**said, **changes})
    return NoticeSettled.of(data, subject=data.notice_id, now=NOW, trace=TRACE)
