"""Every SQL statement of the desk."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.sla import Policy
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.topics import Topic
from services.tickets.models import Audit, Entry, Filter, Page, Place
from shared.events import Person
from shared.paging import page_of
from shared.rows import Row, Table

ENTRIES = Table("tickets.entries", Entry)
AUDIT = Table("tickets.audit", Audit)

_COLUMNS = {
    "id": "uuid",
    "tracking_code": "text",
    "contact_id": "uuid",
    "chat_id": "uuid",
    "channel": "text",
    "status": "text",
    "topic": "text",
    "unit": "text",
    "subject": "text",
    "name": "text",
    "email": "text",
    "phone": "text",
    "programme_number_sealed": "text",
    "programme_number_last4": "text",
    "policy_name": "text",
    "policy_version": "integer",
    "zone": "text",
    "opened_at": "timestamptz",
    "resolution_due_at": "timestamptz",
    "first_replied_at": "timestamptz",
    "resolved_at": "timestamptz",
    "escalation_level": "integer",
    "version": "integer",
    "correlation_id": "text",
}
_ALL = ", ".join(_COLUMNS)
_CHANGING = (
    "status",
    "topic",
    "unit",
    "subject",
    "name",
    "email",
    "phone",
    "programme_number_sealed",
    "programme_number_last4",
    "first_replied_at",
    "resolved_at",
    "escalation_level",
    "version",
)


def _unnest(columns: dict[str, str]) -> str:
    return ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())


_INSERT = text(f"INSERT INTO tickets.tickets ({_ALL}) SELECT * FROM unnest({_unnest(_COLUMNS)})")
_CHANGES = {"id": "uuid"} | {name: _COLUMNS[name] for name in _CHANGING}
_UPDATE = text(f"""
    UPDATE tickets.tickets t SET {", ".join(f"{name} = u.{name}" for name in _CHANGING)}
    FROM unnest({_unnest(_CHANGES)}) AS u({", ".join(_CHANGES)}) WHERE t.id = u.id
""")


async def insert_tickets(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes new tickets, many at once."""
    if tickets:
        rows = [_row(ticket) for ticket in tickets]
        await session.execute(_INSERT, {name: [row[name] for row in rows] for name in _COLUMNS})


async def update_tickets(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes down how locked tickets changed, many at once."""
    if tickets:
        rows = [_row(ticket) for ticket in tickets]
        await session.execute(_UPDATE, {name: [row[name] for row in rows] for name in _CHANGES})


async def insert_entries(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Adds lines to conversations. A contact that is an entry already is refused by the database."""
    await ENTRIES.insert_many(session, entries)


async def insert_audit(session: AsyncSession, records: Sequence[Audit]) -> None:
    await AUDIT.insert_many(session, records)


async def lock_chats(session: AsyncSession, chat_ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    """The tickets of these chats, and the right to open one for each that has none.

    The locks are taken in order, so that two batches never wait for each other.
    """
    await session.execute(
        text("""
        SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT hashtextextended('chat ' || id, 0) AS key FROM unnest(CAST(:ids AS uuid[])) AS id
            ORDER BY key) AS keys
        """),
        {"ids": list(chat_ids)},
    )
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets WHERE chat_id = ANY(:ids) ORDER BY id FOR UPDATE"),
        {"ids": list(chat_ids)},
    )
    return {row.chat_id: _ticket(row) for row in result}


async def lock_ticket(session: AsyncSession, ticket_id: UUID) -> Ticket | None:
    """The ticket, held until the end of the transaction."""
    return await _one(session, "id = :value FOR UPDATE", ticket_id)


async def get_ticket(session: AsyncSession, ticket_id: UUID) -> Ticket | None:
    return await _one(session, "id = :value", ticket_id)


async def find_by_code(session: AsyncSession, tracking_code: str) -> Ticket | None:
    return await _one(session, "tracking_code = :value", tracking_code)


async def list_tickets(session: AsyncSession, wanted: Filter, before: UUID | None, limit: int) -> list[Ticket]:
    """Tickets, newest first, that come after the one called `before` in that order."""
    conditions = {
        "status": "status = :status",
        "statuses": "status = ANY(:statuses)",
        "channel": "channel = :channel",
        "unit": "unit = :unit",
        "topic": "topic = :topic",
        "escalation_level": "escalation_level = :escalation_level",
        "tracking_code": "tracking_code = :tracking_code",
        "contact_id": "id IN (SELECT ticket_id FROM tickets.entries WHERE contact_id = :contact_id)",
        "opened_from": "opened_at >= :opened_from",
        "opened_to": "opened_at < :opened_to",
        "due_before": "resolution_due_at < :due_before AND status <> 'resolved'",
    }
    values = {name: value for name, value in asdict(wanted).items() if value is not None}
    where = [conditions[name] for name in values]
    if before is not None:
        where.append("id < :before")
        values["before"] = before
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets {clause} ORDER BY id DESC LIMIT :limit"),
        {**values, "limit": limit},
    )
    return [_ticket(row) for row in result]


def _page(table: Table[Any], body: str) -> TextClause:
    rows = f"""
        SELECT {table.select("r")}, coalesce(place, 0) AS place FROM {table.name} r
        WHERE ticket_id = :ticket_id AND (coalesce(place, 0), id) > (:after_place, CAST(:after_id AS uuid))
    """
    return text(page_of(rows, order="place, r_id", body=f"r_{body}"))


_ENTRIES_PAGE = _page(ENTRIES, "body")
_AUDIT_PAGE = _page(AUDIT, "detail")


async def entries_of(session: AsyncSession, ticket_id: UUID, after: Place, limit: int) -> Page[Entry]:
    """What was said in a case after a place in its conversation, in order."""
    return await _read_page(session, _ENTRIES_PAGE, ENTRIES, ticket_id, after, limit)


async def audit_of(session: AsyncSession, ticket_id: UUID, after: Place, limit: int) -> Page[Audit]:
    """What was done to a case after a place in its audit trail, in order."""
    return await _read_page(session, _AUDIT_PAGE, AUDIT, ticket_id, after, limit)


async def _read_page(
    session: AsyncSession, statement: TextClause, table: Table[Row], ticket_id: UUID, after: Place, limit: int
) -> Page[Row]:
    values = {"ticket_id": ticket_id, "after_place": after.number, "after_id": after.id, "limit": limit}
    rows = (await session.execute(statement, values)).all()
    return Page(
        items=[table.read(row, "r") for row in rows],
        next=Place(rows[-1].place, rows[-1].r_id) if rows and rows[-1].more else None,
    )


async def lock_versions(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The versions of these tickets, which are held until the end of the transaction: to write into their audit trails
    without a place that others see before it is there.
    """
    result = await session.execute(
        text("SELECT id, version FROM tickets.tickets WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
        {"ids": list(ticket_ids)},
    )
    return {row.id: row.version for row in result}


async def load_topics(session: AsyncSession) -> list[Topic]:
    result = await session.execute(
        text("SELECT slug, name, unit, phrases, required FROM tickets.topics ORDER BY position")
    )
    return [Topic(row.slug, row.name, row.unit, tuple(row.phrases), tuple(row.required)) for row in result]


async def load_policy(session: AsyncSession, name: str) -> Policy | None:
    """The version of the policy that is in force, or None."""
    result = await session.execute(
        text("""
        SELECT name, version, resolution_days, mode, zone FROM tickets.sla_policies WHERE name = :name AND in_force
        """),
        {"name": name},
    )
    row = result.one_or_none()
    return Policy(*row) if row else None


async def _one(session: AsyncSession, condition: str, value: object) -> Ticket | None:
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets WHERE {condition}"),
        {"value": value},
    )
    row = result.one_or_none()
    return _ticket(row) if row else None


def _row(ticket: Ticket) -> dict[str, Any]:
    citizen = ticket.citizen
    whole = {"name": citizen.name, "email": citizen.email, "phone": citizen.phone}
    return {name: whole[name] if name in whole else getattr(ticket, name) for name in _COLUMNS}


def _ticket(row: Any) -> Ticket:
    values = dict(row._mapping)
    citizen = Person(name=values.pop("name"), email=values.pop("email"), phone=values.pop("phone"))
    return Ticket(citizen=citizen, **values)
