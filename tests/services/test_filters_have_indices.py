"""Every filter that a list offers is served by an index: no list reads a whole table."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Select, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import attachments, loose_files, media
from services.intake.repository.chats import chat_lines
from services.notify.repository import loops, notices, readings
from services.survey_index.repository import imports
from services.survey_index.repository import surveys as stored
from services.tickets.domain import search
from services.tickets.domain.ticket import Ticket
from services.tickets.models import BEGINNING, Demand, Filter, Place, Sort, Turn
from services.tickets.repository import assignments, cases, entries, happenings, merges, roster, tickets
from shared import trail
from shared.db import Database
from shared.retention import common_rules
from shared.settings import CommonSettings
from shared.visibility import EVERYTHING, Visibility
from tests.conftest import owner_url
from tests.factories import NOW

SOME_ID = UUID(int=1)
OF_ONE_UNIT = Visibility(frozenset({"unit 7"}))
A_DAY = datetime(2026, 3, 13, tzinfo=UTC)
ROWS = 30_000

CITIZENS = f"""
INSERT INTO tickets.citizens (id, created_at, version)
SELECT CAST(md5('citizen ' || n) AS uuid), now(), 1 FROM generate_series(1, {ROWS}) n
"""
TICKETS = f"""
INSERT INTO tickets.tickets (id, tracking_code, contact_id, channel, status, topic, unit, subject, citizen_id, zone,
    opened_at, escalation_level, version, correlation_id, policy_name, policy_version, resolution_due_at)
SELECT CAST(md5('ticket ' || n) AS uuid), 'code ' || n, gen_random_uuid(), (ARRAY['form', 'chat', 'booth'])[1 + n % 3],
       CASE WHEN n % 50 = 0 THEN 'open' WHEN n % 50 = 1 THEN 'escalated' ELSE 'resolved' END,
       CASE WHEN n % 20 = 0 THEN 'ppid' END, 'unit ' || n % 40, '', CAST(md5('citizen ' || n) AS uuid), 'Asia/Jakarta',
       timestamptz '2026-01-01' + n * interval '5 minutes',
       CASE WHEN n % 50 = 1 THEN 1 ELSE 0 END, 1, 'c', 'ptsa', 1, now() FROM generate_series(1, {ROWS}) n
"""
CLOCKS = f"""
INSERT INTO tickets.clocks
SELECT CAST(md5('ticket ' || n) AS uuid), 'resolution', timestamptz '2026-01-01' + n * interval '5 minutes',
       timestamptz '2026-01-08' + n * interval '5 minutes', CASE WHEN n % 50 > 1 THEN now() END, 'ptsa', 1,
       'indonesia', ''
FROM generate_series(1, {ROWS}) n
"""
FOUND_BY = f"""
INSERT INTO tickets.found_by
SELECT CAST(md5('ticket ' || n) AS uuid), 1, CAST('kata' || n AS tsvector), CAST('nama' || n AS tsvector)
FROM generate_series(1, {ROWS}) n
"""
SAID = f"""
INSERT INTO tickets.entries (id, ticket_id, author, body, at)
SELECT gen_random_uuid(), t.id, 'citizen', 'Halo', now()
FROM (SELECT id FROM tickets.tickets LIMIT 60) t, generate_series(1, {ROWS} / 60)
"""
DONE = f"""
INSERT INTO tickets.happenings (id, ticket_id, version, kind, data, actor, at)
SELECT gen_random_uuid(), t.id, 1, 'joined', '{{}}', 'door', now()
FROM (SELECT id FROM tickets.tickets LIMIT 60) t, generate_series(1, {ROWS} / 60)
"""
NOTICES = f"""
INSERT INTO notify.notices (id, event_id, reason, ticket_id, tracking_code, subject, body, status, next_attempt_at,
    give_up_at, correlation_id, created_at, ended_at, hold, reply_id)
SELECT gen_random_uuid(), gen_random_uuid(), 'opened', gen_random_uuid(), '', '', '',
       CASE n % 1000 WHEN 0 THEN 'uncertain' WHEN 1 THEN 'suppressed' ELSE 'accepted' END, now(), now(), 'c', now(),
       now(), CASE WHEN n % 2000 = 1 THEN 'chat' END, gen_random_uuid()
FROM generate_series(1, {ROWS}) n
"""
TRAIL = f"""
INSERT INTO notify.access_trail
SELECT gen_random_uuid(), now() - n * interval '1 minute', 'staff:' || n % 900, 'GET /v1/notices', 'notices',
       CASE WHEN n % 2 = 0 THEN gen_random_uuid()::text END, '', '', '' FROM generate_series(1, {ROWS}) n
"""
INBOX = f"""
INSERT INTO notify.inbox
SELECT gen_random_uuid(), now() - n * interval '1 minute' FROM generate_series(1, {ROWS}) n
"""


class Explaining:
    """A session that asks PostgreSQL, before each statement, how it is going to find its rows."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.plans: list[str] = []

    async def execute(self, statement: TextClause | Select[Any], values: Any = None) -> Any:
        if isinstance(statement, TextClause):
            plan = await self._session.execute(text(f"EXPLAIN {statement.text}"), values or {})
        else:
            dialect = (await self._session.connection()).dialect
            as_sent = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
            plan = await (await self._session.connection()).exec_driver_sql(f"EXPLAIN {as_sent}")
        self.plans.append("\n".join(plan.scalars().all()))
        return await self._session.execute(statement, values or {})

    async def scalars(self, statement: TextClause, values: Any = None) -> Any:
        return (await self.execute(statement, values)).scalars()

    def read_all_of(self, table: str) -> bool:
        return any(f"Seq Scan on {table}" in plan for plan in self.plans)


def ticket_of(ticket_id: UUID) -> Ticket:
    """A ticket of this id, for what is asked by a ticket that was read before."""
    return Ticket(
        id=ticket_id,
        tracking_code="7K3Q-WM9X-TB40",
        contact_id=UUID(int=2),
        chat_id=None,
        channel="form",
        status="open",
        topic=None,
        unit="contact-centre",
        subject="",
        citizen_id=UUID(int=3),
        zone="Asia/Jakarta",
        opened_at=NOW,
        correlation_id="c-1",
    )


@pytest_asyncio.fixture
async def filled(common: CommonSettings) -> AsyncIterator[CommonSettings]:
    admin = await asyncpg.connect(owner_url(common))
    await admin.execute("SET session_replication_role = replica")  # what triggers and keys do says nothing of reading
    for sql in (CITIZENS, TICKETS, CLOCKS, FOUND_BY, SAID, DONE, NOTICES, TRAIL, INBOX):
        await admin.execute(sql)
    tables = (
        "tickets.citizens",
        "tickets.tickets",
        "tickets.clocks",
        "tickets.found_by",
        "tickets.entries",
        "tickets.happenings",
        "notify.notices",
        "notify.access_trail",
        "notify.inbox",
    )
    for table in tables:
        await admin.execute(f"VACUUM ANALYZE {table}")
    await admin.close()
    yield common


async def explained(common: CommonSettings, schema: str, look: Any) -> Explaining:
    db = Database(common.database_url, schema=schema)
    async with db.transaction() as session:
        explaining = Explaining(session)
        await look(explaining)
    await db.close()
    assert explaining.plans
    return explaining


async def test_filters_of_tickets_are_served_by_an_index(filled: CommonSettings) -> None:
    filters: dict[str, Any] = {
        "status": "open",
        "statuses": ("open", "escalated"),
        "channel": "booth",
        "unit": "unit 7",
        "topic": "ppid",
        "escalation_level": 1,
        "tracking_code": "code 9",
        "contact_id": SOME_ID,
        "opened_from": datetime(2026, 4, 10, tzinfo=UTC),
        "opened_to": datetime(2026, 1, 2, tzinfo=UTC),
        "due_before": A_DAY,
        "wanted": search.wanted("kata7 nama7"),
    }
    assert filters.keys() == Filter.__dataclass_fields__.keys()
    for name, value in filters.items():
        change: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value}
        only = replace(Filter(), **change)
        for sees, after in product((EVERYTHING, OF_ONE_UNIT), (None, Turn(SOME_ID))):
            found = await explained(
                filled,
                "tickets",
                lambda s, only=only, sees=sees, after=after: cases.page(s, sees, only, "newest", after, 51),
            )
            for table in ("tickets", "clocks", "found_by"):
                assert not found.read_all_of(table), (name, sees, found.plans)


async def test_what_waits_and_what_somebody_has_is_read_from_an_index_whatever_else_there_is(
    filled: CommonSettings,
) -> None:
    demands = [Demand("unit 0", None, 5), Demand("unit 10", ["ppid"], 5)]
    for look, index in (
        (lambda s: assignments.hold_waiting(s, demands), "tickets_waiting"),
        (lambda s: assignments.loads(s, ["staff:1", "staff:2"]), "tickets_load"),
        (lambda s: assignments.ids_of(s, "staff:1"), "tickets_assignee"),
    ):
        found = await explained(filled, "tickets", look)
        assert not found.read_all_of("tickets"), found.plans
        assert index in found.plans[0], found.plans


@pytest.mark.parametrize(
    ("table", "look"),
    [
        ("agents", lambda s: roster.page(s, EVERYTHING, unit="setjen", after="", limit=101)),
        ("agents", lambda s: roster.page(s, OF_ONE_UNIT, unit=None, after="staff:1", limit=101)),
        ("agents", lambda s: roster.of_units(s, ["setjen"])),
        ("routings", lambda s: assignments.last(s, [SOME_ID])),
        ("routings", lambda s: assignments.of_ticket(s, ticket_of(SOME_ID))),
    ],
)
async def test_agents_and_reasons_are_found_by_an_index(common: CommonSettings, table: str, look: Any) -> None:
    found = await explained(common, "tickets", lambda s: without_reading_all(s, look))
    assert not found.read_all_of(table), found.plans


async def test_tickets_of_a_readers_units_are_read_from_an_index(filled: CommonSettings) -> None:
    for units in ({"unit 7"}, {"unit 7", "unit 8"}):
        sees = Visibility(frozenset(units))
        found = await explained(
            filled, "tickets", lambda s, sees=sees: cases.page(s, sees, Filter(), "newest", None, 51)
        )
        assert not found.read_all_of("tickets"), found.plans


@pytest.mark.parametrize("sort", ["newest", "oldest", "due"])
async def test_each_order_of_tickets_is_that_of_an_index(filled: CommonSettings, sort: Sort) -> None:
    for after in (None, Turn(SOME_ID, A_DAY if sort == "due" else None)):
        found = await explained(
            filled, "tickets", lambda s, after=after: cases.page(s, EVERYTHING, Filter(), sort, after, 51)
        )
        for table in ("tickets", "clocks"):
            assert not found.read_all_of(table), found.plans


async def test_ways_of_a_contact_to_its_ticket_and_holds_that_are_due_are_found_by_an_index(
    filled: CommonSettings,
) -> None:
    for look in (
        lambda s: merges.leads(s, EVERYTHING, [SOME_ID]),
        lambda s: merges.family(s, ticket_of(SOME_ID)),
        lambda s: entries.last_of_citizen(s, ticket_of(SOME_ID)),
        lambda s: tickets.lock_held(s, EVERYTHING, A_DAY, 100),
    ):
        found = await explained(filled, "tickets", look)
        assert not found.read_all_of("tickets"), found.plans
        assert not found.read_all_of("entries"), found.plans


@pytest.mark.parametrize(
    ("table", "number", "look"),
    [("entries", "place", entries.of_ticket), ("happenings", "number", happenings.of_ticket)],
)
async def test_pages_of_a_ticket_are_read_from_an_index_in_its_order(
    filled: CommonSettings, table: str, number: str, look: Any
) -> None:
    admin = await asyncpg.connect(owner_url(filled))
    ticket_id, count, place = await admin.fetchrow(
        f"SELECT ticket_id, {number}, id FROM tickets.{table} ORDER BY {number} OFFSET {ROWS // 2} LIMIT 1"
    )
    await admin.close()
    ticket = ticket_of(ticket_id)
    for after in (BEGINNING, Place(count, place)):
        found = await explained(filled, "tickets", lambda s, after=after: look(s, ticket, after, 100))
        (plan,) = found.plans
        assert f"Index Scan using {table}_page" in plan, plan
        assert "Index Cond: ((ticket_id = " in plan, plan


async def test_filters_of_notices_are_served_by_an_index(filled: CommonSettings) -> None:
    statuses: list[dict[str, Any]] = [{"status": status} for status in ("uncertain", "held", "suppressed")]
    for wanted in (*statuses, {"ticket_id": SOME_ID}, {"status": "queued", "ticket_id": SOME_ID}, {}):
        values: dict[str, Any] = {"status": None, "ticket_id": None, **wanted}
        for after in (None, SOME_ID):
            found = await explained(
                filled,
                "notify",
                lambda s, values=values, after=after: notices.list_notices(s, **values, after=after, limit=101),
            )
            assert not found.read_all_of("notices"), (wanted, found.plans)


async def test_answers_that_are_held_for_chats_are_found_by_an_index(filled: CommonSettings) -> None:
    now = datetime.now(UTC)
    for look in (
        lambda s: notices.lock_held_answers(s, [SOME_ID]),
        lambda s: notices.lock_overdue_answers(s, now, 500),
        lambda s: readings.forget_readings(s, A_DAY, 500),
        lambda s: loops.forget_counts(s, A_DAY, 500),
    ):
        found = await explained(filled, "notify", look)
        assert not found.read_all_of("notices"), found.plans


async def test_filters_of_the_access_trail_are_served_by_an_index(filled: CommonSettings) -> None:
    for wanted in ({"subject": "staff:7"}, {"object_id": str(SOME_ID)}, {}):
        values: dict[str, Any] = {"subject": None, "object_id": None, **wanted}
        for before in (None, SOME_ID):
            found = await explained(
                filled,
                "notify",
                lambda s, values=values, before=before: trail.list_entries(
                    s, "notify", **values, before=before, limit=101
                ),
            )
            assert not found.read_all_of("access_trail"), (wanted, found.plans)


async def test_retention_finds_what_is_old_by_an_index(filled: CommonSettings) -> None:
    before = datetime(2020, 1, 1, tzinfo=UTC)
    rules = common_rules("notify", filled)
    assert rules[0].name == "inbox"
    found = await explained(filled, "notify", lambda s: rules[0].remove(s, before, 5_000))
    assert not found.read_all_of("inbox"), found.plans
    assert rules[-1].name == "access trail"
    found = await explained(filled, "notify", lambda s: rules[-1].remove(s, before, 5_000))
    assert not found.read_all_of("access_trail"), found.plans
    found = await explained(filled, "notify", lambda s: notices.blank_notices(s, before, 5_000))
    assert not found.read_all_of("notices"), found.plans


@pytest.mark.parametrize(
    ("table", "look"),
    [
        ("imports", lambda s: imports.list_imports(s, "layanan", before=SOME_ID, limit=11)),
        ("follow_ups", lambda s: stored.list_follow_ups(s, "layanan")),
        ("surveys", lambda s: stored.list_surveys(s, after="a", limit=11)),
    ],
)
async def test_filters_of_surveys_are_served_by_an_index(common: CommonSettings, table: str, look: Any) -> None:
    found = await explained(common, "survey_index", lambda s: without_reading_all(s, look))
    assert not found.read_all_of(table), found.plans


@pytest.mark.parametrize("table", ["contacts", "chat_replies"])
async def test_lines_of_a_chat_are_read_from_an_index(common: CommonSettings, table: str) -> None:
    found = await explained(
        common, "intake", lambda s: without_reading_all(s, lambda s: chat_lines(s, SOME_ID, 7, 100))
    )
    assert not found.read_all_of(table), found.plans


@pytest.mark.parametrize(
    ("table", "look"),
    [
        ("attachments", lambda s: attachments.of_contact(s, SOME_ID)),
        ("attachments", lambda s: attachments.remove_of(s, [SOME_ID])),
        ("media", lambda s: media.take(s, "line", limit=4, lease=timedelta(minutes=2))),
        ("loose_files", lambda s: loose_files.hold_due(s, 100)),
    ],
)
async def test_files_are_found_by_an_index(common: CommonSettings, table: str, look: Any) -> None:
    found = await explained(common, "intake", lambda s: without_reading_all(s, look))
    assert not found.read_all_of(table), found.plans


async def without_reading_all(session: Any, look: Any) -> None:
    """Looks where tables are small: where there is a choice, it is the one that is made with large ones."""
    await session._session.execute(text("SET LOCAL enable_seqscan = off"))
    await look(session)
