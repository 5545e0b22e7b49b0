"""Every SQL statement of intake."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import Allowance, Taken
from services.intake.models import Acceptance, Chat, ChatLine, ChatReply, Outcome, Visit
from shared.events import Person
from shared.paging import page_of

# Positions in a chat are handed out under the chat's row lock; and under it a line finds room, or none after those
# before it, and then takes no key.
_ROOM = """
growing AS (
    SELECT c.id, c.last_position, c.lines, c.characters,
           CASE WHEN n.at < c.minute_from + interval '1 minute' THEN c.minute_from ELSE n.at END AS minute_from,
           CASE WHEN n.at < c.minute_from + interval '1 minute' THEN c.minute_lines ELSE 0 END AS minute_lines
    FROM intake.chats c
    JOIN (SELECT chat_id, max(at) AS at FROM incoming WHERE chat_id IS NOT NULL AND NOT opens GROUP BY chat_id) n
      ON n.chat_id = c.id ORDER BY c.id FOR UPDATE OF c
), allowed AS (
    SELECT i.* FROM incoming i LEFT JOIN growing g ON g.id = i.chat_id
    WHERE g.id IS NULL OR (
        g.minute_lines + i.lines_before < :lines_per_minute AND g.lines + i.lines_before < :lines_per_chat
        AND g.characters + i.characters_before < :characters_per_chat)
),"""
_GROWN = """
grown AS (
    UPDATE intake.chats c
    SET last_position = c.last_position + n.count, lines = c.lines + n.count, characters = c.characters + n.characters,
        minute_from = g.minute_from, minute_lines = g.minute_lines + n.count
    FROM growing g JOIN (
        SELECT chat_id, count(*), sum(length(body)) AS characters FROM fresh WHERE chat_id IS NOT NULL AND NOT opens
        GROUP BY chat_id) n ON n.chat_id = g.id
    WHERE c.id = g.id RETURNING c.id, g.last_position AS before, c.lines, c.characters, c.minute_lines
),"""
_POSITION = """
CASE WHEN f.opens THEN 1 WHEN f.chat_id IS NOT NULL THEN
    g.before + row_number() OVER (PARTITION BY f.chat_id, f.opens ORDER BY f.place) END"""
_TAKEN = """
UNION ALL
SELECT g.id, coalesce(n.lines, g.lines), coalesce(n.characters, g.characters), g.minute_from,
       coalesce(n.minute_lines, g.minute_lines) FROM growing g LEFT JOIN grown n ON n.id = g.id
"""


def _accepting(*, lines: bool) -> TextClause:
    """One statement, so one round trip and one commit: keys, chats, contacts and events, or nothing of them. A key that
    is there already keeps its row out of everything. A batch without `lines` of chats pays nothing for them.
    """
    return text(f"""
WITH incoming AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:channels AS text[]), CAST(:chats AS uuid[]),
        CAST(:names AS text[]), CAST(:emails AS text[]), CAST(:phones AS text[]), CAST(:sealed AS text[]),
        CAST(:last4 AS text[]), CAST(:subjects AS text[]), CAST(:bodies AS text[]), CAST(:times AS timestamptz[]),
        CAST(:clients AS text[]), CAST(:keys AS text[]), CAST(:fingerprints AS text[]), CAST(:answers AS text[]),
        CAST(:opens AS boolean[]), CAST(:event_ids AS uuid[]), CAST(:correlation_ids AS text[]),
        CAST(:payloads AS text[]), CAST(:lines_before AS integer[]), CAST(:characters_before AS integer[])
    ) WITH ORDINALITY AS t(
        id, code, channel, chat_id, name, email, phone, sealed, last4, subject, body, at, client, key, fingerprint,
        answer, opens, event_id, correlation_id, payload, lines_before, characters_before, place)
), {_ROOM if lines else ""} keys AS (
    INSERT INTO intake.idempotency_keys (client, key, fingerprint, answer, created_at)
    SELECT client, key, fingerprint, answer, at FROM {"allowed" if lines else "incoming"} WHERE key IS NOT NULL
    ORDER BY client, key, place ON CONFLICT DO NOTHING RETURNING client, key, answer
), fresh AS (
    SELECT i.* FROM {"allowed" if lines else "incoming"} i
    LEFT JOIN keys k ON k.client = i.client AND k.key = i.key AND k.answer = i.answer
    WHERE i.key IS NULL OR k.key IS NOT NULL
), opened AS (
    INSERT INTO intake.chats (id, tracking_code, opened_at, last_position, lines, characters, minute_from, minute_lines)
    SELECT chat_id, code, at, 1, 1, length(body), at, 1 FROM fresh WHERE opens RETURNING id
), {_GROWN if lines else ""} kept AS (
    INSERT INTO intake.contacts (id, tracking_code, channel, chat_id, position, name, email, phone,
        programme_number_sealed, programme_number_last4, subject, body, client, received_at)
    SELECT f.id, f.code, f.channel, f.chat_id, {_POSITION if lines else "CASE WHEN f.opens THEN 1 END"},
           f.name, f.email, f.phone, f.sealed, f.last4, f.subject, f.body, f.client, f.at
    FROM fresh f {"LEFT JOIN grown g ON g.id = f.chat_id" if lines else ""}
), told AS (
    INSERT INTO intake.outbox (event_id, type, correlation_id, created_at, payload)
    SELECT event_id, 'contact.received', correlation_id, at, payload FROM fresh ORDER BY place
)
SELECT id, NULL AS lines, NULL AS characters, NULL AS minute_from, NULL AS minute_lines FROM fresh
{_TAKEN if lines else ""}
""")


_ACCEPT, _ACCEPT_LINES = _accepting(lines=False), _accepting(lines=True)


async def accept(session: AsyncSession, batch: Sequence[Acceptance], allowance: Allowance) -> Outcome:
    """Keeps `batch` and its events, but no line for which its chat has no room, and none whose key was used before."""
    data = [item.event.data for item in batch]
    lines = any(item.is_line for item in batch)
    before = _before(batch) if lines else [(0, 0)] * len(batch)
    values = {
        "ids": [d.contact_id for d in data],
        "codes": [d.tracking_code for d in data],
        "channels": [d.channel for d in data],
        "chats": [d.chat_id for d in data],
        "names": [d.citizen.name for d in data],
        "emails": [d.citizen.email for d in data],
        "phones": [d.citizen.phone for d in data],
        "sealed": [d.programme_number_sealed for d in data],
        "last4": [d.programme_number_last4 for d in data],
        "subjects": [d.subject for d in data],
        "bodies": [d.body for d in data],
        "times": [d.received_at for d in data],
        "clients": [item.client for item in batch],
        "keys": [item.idempotency_key for item in batch],
        "fingerprints": [item.fingerprint for item in batch],
        "answers": [item.answer for item in batch],
        "opens": [item.opens_chat for item in batch],
        "event_ids": [item.event.id for item in batch],
        "correlation_ids": [item.event.correlationid for item in batch],
        "payloads": [item.payload for item in batch],
        "lines_before": [count for count, _ in before],
        "characters_before": [count for _, count in before],
    }
    if not lines:
        return Outcome(set(await session.scalars(_ACCEPT, values)), {})
    room = {
        "lines_per_minute": allowance.lines_per_minute,
        "lines_per_chat": allowance.lines,
        "characters_per_chat": allowance.characters,
    }
    outcome = Outcome(set(), {})
    for found, *taken in await session.execute(_ACCEPT_LINES, values | room):
        if taken[0] is None:
            outcome.kept.add(found)
        else:
            outcome.taken[found] = Taken(*taken)
    return outcome


def _before(batch: Sequence[Acceptance]) -> list[tuple[int, int]]:
    """How many lines, and how many characters, come before each in its chat; those with the same key count once."""
    said: dict[UUID | None, tuple[int, int]] = {}
    keys: set[tuple[str, str]] = set()
    before = []
    for item in batch:
        contact, key = item.event.data, item.idempotency_key
        lines, characters = said.get(contact.chat_id, (0, 0))
        before.append((lines, characters))
        if contact.chat_id is not None and (item.client, key) not in keys:
            said[contact.chat_id] = lines + 1, characters + len(contact.body)
        if key is not None:
            keys.add((item.client, key))
    return before


# -- chats ------------------------------------------------------------------------------------------------------


async def find_chat(session: AsyncSession, chat_id: UUID) -> Chat | None:
    """The chat, if it is there."""
    result = await session.execute(
        text("""
        SELECT c.tracking_code, first.client, COALESCE(
            (SELECT received_at FROM intake.contacts WHERE chat_id = c.id AND position = c.last_position),
            (SELECT sent_at FROM intake.chat_replies WHERE chat_id = c.id AND position = c.last_position),
            c.opened_at
        ) AS last_line_at
        FROM intake.chats c JOIN intake.contacts first ON first.id = c.id
        WHERE c.id = :id
        """),
        {"id": chat_id},
    )
    row = result.one_or_none()
    return Chat(*row) if row else None


_LINES = text(
    page_of(
        """
        SELECT position, 'citizen' AS author, body, received_at AS at FROM intake.contacts
        WHERE chat_id = :chat AND position > :after AND body <> ''
        UNION ALL
        SELECT position, 'agent', body, sent_at FROM intake.chat_replies
        WHERE chat_id = :chat AND position > :after AND body <> ''
        """,
        order="position",
        body="body",
    )
)


async def chat_lines(session: AsyncSession, chat_id: UUID, after: int, limit: int) -> tuple[list[ChatLine], bool]:
    """A page of what was said in the chat after the place `after`, in order, and whether there is more."""
    result = await session.execute(_LINES, {"chat": chat_id, "after": after, "limit": limit})
    rows = result.all()
    return [ChatLine(row.position, row.author, row.body, row.at) for row in rows], bool(rows) and rows[-1].more


async def add_replies(session: AsyncSession, replies: Sequence[ChatReply]) -> None:
    """Shows agents' answers in their chats, at the next places. Chats are locked in the order that `accept` takes."""
    if not replies:  # as of most batches: few cases come by chat
        return
    await session.execute(
        text("""
        WITH said AS (
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:chats AS uuid[]), CAST(:bodies AS text[]),
                                 CAST(:times AS timestamptz[])) WITH ORDINALITY AS t(id, chat_id, body, at, place)
        ), growing AS (
            SELECT c.id, c.last_position, n.count FROM intake.chats c
            JOIN (SELECT chat_id, count(*) FROM said GROUP BY chat_id) n ON n.chat_id = c.id
            ORDER BY c.id FOR UPDATE OF c
        ), grown AS (
            UPDATE intake.chats c SET last_position = c.last_position + g.count FROM growing g WHERE c.id = g.id
            RETURNING c.id, g.last_position AS before
        )
        INSERT INTO intake.chat_replies (id, chat_id, position, body, sent_at)
        SELECT s.id, s.chat_id, g.before + row_number() OVER (PARTITION BY s.chat_id ORDER BY s.place), s.body, s.at
        FROM said s JOIN grown g ON g.id = s.chat_id
        """),
        {
            "ids": [reply.id for reply in replies],
            "chats": [reply.chat_id for reply in replies],
            "bodies": [reply.body for reply in replies],
            "times": [reply.at for reply in replies],
        },
    )


# -- booths -----------------------------------------------------------------------------------------------------

_VISIT = """id, booth, day, number, tracking_code, status, name, email, phone, programme_number_sealed,
            programme_number_last4, subject, body, taken_at, call_due_at, called_at, ended_at, contact_id"""


async def next_number(session: AsyncSession, booth: str, day: date) -> int:
    """The next number of the booth's day. Counted in a row, not as `max + 1`: two presses never get the same."""
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
    """Inserts the visit, or writes down how it went on."""
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


async def call_next(session: AsyncSession, booth: str, day: date, by: str, now: datetime) -> Visit | None:
    """Takes the visitor who has waited longest at the booth today, or None. Two officers never get the same one."""
    result = await session.execute(
        text(f"""
        UPDATE intake.visits SET status = 'called', called_at = :now, called_by = :by
        WHERE id = (SELECT id FROM intake.visits WHERE booth = :booth AND day = :day AND status = 'waiting'
                    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {_VISIT}
        """),
        {"booth": booth, "day": day, "by": by, "now": now},
    )
    row = result.one_or_none()
    return _visit(row) if row else None


async def lock_officer(session: AsyncSession, booth: str, officer: str) -> None:
    """Lets the calls of one officer at one booth come one after another, until the end of the transaction."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"booth {booth} {officer}"},
    )


async def called_by(session: AsyncSession, booth: str, day: date, officer: str) -> Visit | None:
    """The visitor whom the officer called last at the booth today and has not ended, or None."""
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
    """The visit, held until the end of the transaction."""
    result = await session.execute(
        text(f"SELECT {_VISIT} FROM intake.visits WHERE id = :id FOR UPDATE"),
        {"id": visit_id},
    )
    row = result.one_or_none()
    return _visit(row) if row else None


async def waiting_ahead(session: AsyncSession, visit: Visit) -> int:
    """How many visitors of the booth will be called before this one."""
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


# -- retention --------------------------------------------------------------------------------------------------


async def blank_contacts(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets who made up to `limit` contacts from before a moment, and what they said. That they came stays."""
    return await _blank(session, "contacts", f"{_WHO}, subject = '', body = ''", "received_at", before, limit)


async def blank_replies(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets what was answered in chats, in up to `limit` lines from before a moment."""
    return await _blank(session, "chat_replies", "body = ''", "sent_at", before, limit)


async def blank_visits(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets who came to a booth and for what, in up to `limit` visits from before a moment. The times stay."""
    return await _blank(session, "visits", f"{_WHO}, subject = '', body = ''", "taken_at", before, limit)


_WHO = "name = NULL, email = NULL, phone = NULL, programme_number_sealed = NULL, programme_number_last4 = NULL"


async def _blank(session: AsyncSession, table: str, change: str, column: str, before: datetime, limit: int) -> int:
    result = await session.execute(
        text(f"""
        UPDATE intake.{table} SET {change}, text_removed_at = now() WHERE id IN (
            SELECT id FROM intake.{table} WHERE text_removed_at IS NULL AND {column} < :before
            ORDER BY {column} LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


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
