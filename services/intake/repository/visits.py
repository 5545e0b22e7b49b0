"""Visits to booths: numbers, who is called next, and how each visit went on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.visits import Visit
from shared import locks
from shared.events import Person

_VISIT = """id, booth, day, number, tracking_code, status, name, email, phone, programme_number_sealed,
            programme_number_last4, subject, body, taken_at, call_due_at, called_at, ended_at, contact_id"""


async def next_number(session: AsyncSession, booth: str, day: date) -> int:
    """Takes the next number of the booth's day.

    It is counted in a row, not as `max + 1`: two presses never get the same.
    """
    number: int | None = await session.scalar(
        text("""
        INSERT INTO intake.booth_days AS b (booth, day, last_number) VALUES (:booth, :day, 1)
        ON CONFLICT (booth, day) DO UPDATE SET last_number = b.last_number + 1 RETURNING last_number
        """),
        {"booth": booth, "day": day},
    )
    assert number is not None  # noqa: S101 - RETURNING always answers
    return number


async def save_visit(session: AsyncSession, visit: Visit) -> None:
    """Inserts a visit, or updates it with how it went on."""
    await session.execute(
        text(f"""
        INSERT INTO intake.visits ({_VISIT})
        VALUES (:id, :booth, :day, :number, :tracking_code, :status, :name, :email, :phone,
                :programme_number_sealed, :programme_number_last4, :subject, :body, :taken_at, :call_due_at,
                :called_at, :ended_at, :contact_id)
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status, name = excluded.name, email = excluded.email, phone = excluded.phone,
            programme_number_sealed = excluded.programme_number_sealed,
            programme_number_last4 = excluded.programme_number_last4, subject = excluded.subject,
            body = excluded.body, ended_at = excluded.ended_at, contact_id = excluded.contact_id
        """),
        {
            "id": visit.id,
            "booth": visit.booth,
            "day": visit.day,
            "number": visit.number,
            "tracking_code": visit.tracking_code,
            "status": visit.status,
            "name": visit.citizen.name,
            "email": visit.citizen.email,
            "phone": visit.citizen.phone,
            "programme_number_sealed": visit.programme_number_sealed,
            "programme_number_last4": visit.programme_number_last4,
            "subject": visit.subject,
            "body": visit.body,
            "taken_at": visit.taken_at,
            "call_due_at": visit.call_due_at,
            "called_at": visit.called_at,
            "ended_at": visit.ended_at,
            "contact_id": visit.contact_id,
        },
    )


async def call_next(session: AsyncSession, booth: str, day: date, officer: str, now: datetime) -> Visit | None:
    """Calls the visitor who has waited longest at the booth today. None if nobody waits.

    Two officers never get the same one.
    """
    result = await session.execute(
        text(f"""
        UPDATE intake.visits SET status = 'called', called_at = :now, called_by = :officer
        WHERE id = (SELECT id FROM intake.visits WHERE booth = :booth AND day = :day AND status = 'waiting'
                    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {_VISIT}
        """),
        {"booth": booth, "day": day, "officer": officer, "now": now},
    )
    row = result.one_or_none()
    return _visit(row) if row else None


async def lock_officer(session: AsyncSession, booth: str, officer: str) -> None:
    """Lets the calls of one officer at one booth come one after another, until the end of the transaction."""
    await locks.hold(session, f"booth {booth} {officer}")


async def called_by(session: AsyncSession, booth: str, day: date, officer: str) -> Visit | None:
    """Finds the visit that the officer called last at the booth today and has not ended, or None."""
    result = await session.execute(
        text(f"""
        SELECT {_VISIT} FROM intake.visits
        WHERE booth = :booth AND day = :day AND called_by = :officer AND status = 'called'
        ORDER BY called_at DESC, number DESC LIMIT 1
        """),
        {"booth": booth, "day": day, "officer": officer},
    )
    row = result.one_or_none()
    return _visit(row) if row else None


async def lock_visit(session: AsyncSession, visit_id: UUID) -> Visit | None:
    """Reads a visit and holds it until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {_VISIT} FROM intake.visits WHERE id = :id FOR UPDATE"),
        {"id": visit_id},
    )
    row = result.one_or_none()
    return _visit(row) if row else None


async def waiting_ahead(session: AsyncSession, visit: Visit) -> int:
    """Counts the visitors of the booth who will be called before this one."""
    return int(
        await session.scalar(
            text("""
            SELECT count(*) FROM intake.visits
            WHERE booth = :booth AND day = :day AND status = 'waiting' AND number < :number
            """),
            {"booth": visit.booth, "day": visit.day, "number": visit.number},
        )
        or 0
    )


def _visit(row: Row[Any]) -> Visit:
    return Visit(
        id=row.id,
        booth=row.booth,
        day=row.day,
        number=row.number,
        tracking_code=row.tracking_code,
        status=row.status,
        citizen=Person(name=row.name, email=row.email, phone=row.phone),
        programme_number_sealed=row.programme_number_sealed,
        programme_number_last4=row.programme_number_last4,
        subject=row.subject,
        body=row.body,
        taken_at=row.taken_at,
        call_due_at=row.call_due_at,
        called_at=row.called_at,
        ended_at=row.ended_at,
        contact_id=row.contact_id,
    )
