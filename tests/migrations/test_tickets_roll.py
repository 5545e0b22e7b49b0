"""The release before `tickets_0006` and this one side by side: what either writes, the other reads whole."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from migrations import _run, upgrade
from services.tickets.domain.happenings import (
    Escalated,
    Happened,
    Happening,
    Joined,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Replied,
    Resolved,
    Settled,
    Unrecognised,
)
from services.tickets.models import BEGINNING, Place
from services.tickets.repository import happenings
from shared.db import Database, async_url
from shared.ids import new_id, new_tracking_code
from shared.settings import CommonSettings
from tests.factories import DUE, NOW
from tests.migrations import release_before as before

AUDIT: list[tuple[str, str, str, Happening]] = [
    ("door", "opened", "form", Opened("form")),
    ("booth", "escalated", "", Escalated(1)),
    ("booth", "settled", "", Settled()),
    ("door", "joined", "", Joined()),
    ("door", "reopened", "", Reopened()),
    ("staff:1", "replied", "", Replied()),
    ("staff:1", "escalated", "level 2", Escalated(2)),
    ("staff:1", "escalated", "level 3: bank: perlu\ndata", Escalated(3, "bank: perlu\ndata")),
    ("staff:1", "resolved", "", Resolved()),
    (
        "notify",
        "notice_failed",
        "email about opened: SMTP 550: no",
        NoticeFailed("email", "opened", "failed", "SMTP 550: no"),
    ),
    ("notify", "notice_expired", "sms about resolved: ", NoticeFailed("sms", "resolved", "expired", "")),
    ("staff:1", "notice_arrived", "email about opened", NoticeSettled("email", "opened", "arrived")),
    ("staff:1", "notice_odd", "who knows", Unrecognised("notice_odd", {"detail": "who knows"})),
    ("staff:1", "escalated", "somewhere", Unrecognised("escalated", {"detail": "somewhere"})),
    ("staff:1", "merged", "", Unrecognised("merged", {})),
]


@pytest_asyncio.fixture
async def db(common: CommonSettings) -> AsyncIterator[Database]:
    db = Database(common.database_url, schema="tickets")
    yield db
    await db.close()


def ticket_row(**changes: Any) -> dict[str, Any]:
    """A ticket as the release before keeps it."""
    row: dict[str, Any] = {
        "id": new_id(),
        "tracking_code": new_tracking_code(),
        "contact_id": new_id(),
        "chat_id": None,
        "channel": "form",
        "status": "open",
        "topic": "insentif",
        "unit": "Prakerja / pencairan",
        "subject": "Insentif",
        "name": "Warga Satu",
        "email": "warga@surel.example",
        "phone": "+6281255501234",
        "programme_number_sealed": "sealed",
        "programme_number_last4": "1234",
        "policy_name": "ptsa",
        "policy_version": 1,
        "zone": "Asia/Jakarta",
        "opened_at": NOW,
        "resolution_due_at": DUE,
        "first_replied_at": None,
        "resolved_at": None,
        "escalation_level": 0,
        "version": 1,
        "correlation_id": "c-1",
    }
    return {**row, **changes}


def audit_row(ticket_id: UUID, actor: str, verb: str, detail: str, version: int = 1) -> dict[str, Any]:
    row = {"id": new_id(), "ticket_id": ticket_id, "version": version, "actor": actor, "verb": verb, "detail": detail}
    return {**row, "at": NOW + timedelta(minutes=version)}


async def as_before(step: AsyncConnection) -> None:
    """The schema of `tickets` as the release before knows it, and nothing in it."""
    await step.execute(text("DROP SCHEMA tickets CASCADE"))
    await step.execute(text("CREATE SCHEMA tickets AUTHORIZATION satuatap_tickets"))
    await step.execute(text("SET LOCAL ROLE satuatap_tickets"))
    await step.run_sync(_run, "tickets", "tickets_0005")


async def trail(db: Database, ticket_id: UUID) -> list[Happened]:
    """Every happening, read in short pages."""
    found: list[Happened] = []
    after: Place | None = BEGINNING
    async with db.transaction() as session:
        while after:
            page = await happenings.of_ticket(session, ticket_id, after, 2)
            found += page.items
            after = page.next
    return found


async def test_audit_trail_from_before_is_a_trail_of_happenings(database_url: str, db: Database) -> None:
    # given: an audit trail, some of it from before places were counted
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await as_before(step)
    await engine.dispose()
    ticket = ticket_row()
    async with db.transaction() as session:
        await before.insert_ticket(session, ticket)
        for actor, verb, detail, _ in AUDIT:
            await before.insert_audit(session, audit_row(ticket["id"], actor, verb, detail))
        await session.execute(text("UPDATE tickets.audit SET place = NULL WHERE place < 3"))
        told = await before.audit_of(session, ticket["id"])
    # when
    await upgrade(database_url)
    # then
    assert [(each.actor, each.what) for each in await trail(db, ticket["id"])] == [
        (actor, what) for actor, _, _, what in AUDIT
    ]
    async with db.transaction() as session:
        assert await before.audit_of(session, ticket["id"]) == told
        places = await session.execute(text("SELECT id, number FROM tickets.happenings ORDER BY number, id"))
        assert [(row["id"], row["place"]) for row in told] == [tuple(place) for place in places]


async def test_trail_to_which_both_releases_add_is_the_same_to_both(db: Database) -> None:
    ticket = ticket_row()
    async with db.transaction() as session:
        await before.insert_ticket(session, ticket)
    for version, (actor, verb, detail, what) in enumerate(AUDIT, start=1):
        async with db.transaction() as session:
            row = audit_row(ticket["id"], actor, verb, detail, version)
            if version % 2:
                await before.insert_audit(session, row)
            else:
                await happenings.insert(session, [Happened(ticket["id"], version, what, actor, row["at"])])
    known = await trail(db, ticket["id"])
    assert [(each.version, each.actor, each.what) for each in known] == [
        (version, actor, what) for version, (actor, _, _, what) in enumerate(AUDIT, start=1)
    ]
    async with db.transaction() as session:
        told = await before.audit_of(session, ticket["id"])
    assert [(row["actor"], row["verb"], row["detail"], row["at"]) for row in told] == [
        (actor, verb, detail, each.at) for (actor, verb, detail, _), each in zip(AUDIT, known, strict=True)
    ]


async def test_trail_is_added_to_and_never_changed(db: Database) -> None:
    async with db.transaction() as session:
        rights = await session.execute(
            text("SELECT p, has_table_privilege('tickets.happenings', p) FROM unnest(ARRAY['INSERT', 'UPDATE']) AS p")
        )
        assert dict(tuple(row) for row in rights) == {"INSERT": True, "UPDATE": False}
