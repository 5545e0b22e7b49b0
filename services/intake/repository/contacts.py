"""Contacts: a batch of them is accepted in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import Allowance, ChatUsage
from services.intake.models.contacts import AcceptedBatch, NewContact, SentForm

# Positions in a chat are handed out under the chat's row lock; and under it a line finds room, or none after those
# before it, and then takes no key.
_ROOM = """
growing AS (
    SELECT c.id, c.last_position, c.ended_at, c.lines, c.characters,
           CASE WHEN n.last_at < c.minute_from + interval '1 minute' THEN c.minute_from ELSE n.last_at END
               AS minute_from,
           CASE WHEN n.last_at < c.minute_from + interval '1 minute' THEN c.minute_lines ELSE 0 END AS minute_lines
    FROM intake.chats c JOIN (
        SELECT chat_id, max(received_at) AS last_at FROM incoming WHERE chat_id IS NOT NULL AND NOT opens
        GROUP BY chat_id) n ON n.chat_id = c.id ORDER BY c.id FOR UPDATE OF c
), allowed AS (
    SELECT i.* FROM incoming i LEFT JOIN growing g ON g.id = i.chat_id
    WHERE g.id IS NULL OR (
        g.minute_lines + i.lines_before < :lines_per_minute AND g.lines + i.lines_before < :lines_per_chat
        AND g.characters + i.characters_before < :characters_per_chat)
),"""
# Under the same lock a line is before the end of its chat or after it; after it, it takes the chat up again, and a line
# before it says so.
_GROWN = """
grown AS (
    UPDATE intake.chats c
    SET last_position = c.last_position + n.count + n.reopens::integer,
        ended_at = CASE WHEN n.reopens THEN NULL ELSE c.ended_at END,
        lines = c.lines + n.count, characters = c.characters + n.characters,
        minute_from = n.minute_from, minute_lines = n.minute_lines + n.count
    FROM (
        SELECT g.id, g.last_position, g.minute_from, g.minute_lines, count(*), sum(length(f.body)) AS characters,
               min(f.received_at) AS first_at, g.ended_at IS NOT NULL AND bool_or(f.body <> '') AS reopens
        FROM growing g JOIN fresh f ON f.chat_id = g.id AND NOT f.opens
        GROUP BY g.id, g.last_position, g.minute_from, g.minute_lines, g.ended_at
    ) n
    WHERE c.id = n.id RETURNING c.id, n.last_position + n.reopens::integer AS before, c.lines, c.characters,
        c.minute_lines, n.reopens, n.first_at
), reopened AS (
    INSERT INTO intake.chat_replies (id, chat_id, position, body, sent_at, event)
    SELECT uuidv7(), id, before, '', first_at, 'reopened' FROM grown WHERE reopens
),"""
_POSITION = """
CASE WHEN f.opens THEN 1 WHEN f.chat_id IS NOT NULL THEN
    g.before + row_number() OVER (PARTITION BY f.chat_id, f.opens ORDER BY f.place) END"""
_USAGES = """
UNION ALL
SELECT g.id, coalesce(n.lines, g.lines), coalesce(n.characters, g.characters), g.minute_from,
       coalesce(n.minute_lines, g.minute_lines) FROM growing g LEFT JOIN grown n ON n.id = g.id
"""


def _accepting(*, lines: bool) -> TextClause:
    """Makes the statement that accepts a batch: keys, chats, contacts and events in one round trip, or none of them.

    A key that is there already keeps its row out of everything. A batch without `lines` of chats pays nothing for them.
    """
    return text(f"""
WITH incoming AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:channels AS text[]), CAST(:chats AS uuid[]),
        CAST(:names AS text[]), CAST(:emails AS text[]), CAST(:phones AS text[]), CAST(:sealed AS text[]),
        CAST(:last4 AS text[]), CAST(:niks AS text[]), CAST(:nik_last4 AS text[]), CAST(:subjects AS text[]),
        CAST(:bodies AS text[]), CAST(:times AS timestamptz[]), CAST(:clients AS text[]), CAST(:keys AS text[]),
        CAST(:fingerprints AS text[]), CAST(:answers AS text[]), CAST(:opens AS boolean[]), CAST(:event_ids AS uuid[]),
        CAST(:correlation_ids AS text[]), CAST(:payloads AS text[]), CAST(:lines_before AS integer[]),
        CAST(:characters_before AS integer[])
    ) WITH ORDINALITY AS t(
        id, tracking_code, channel, chat_id, name, email, phone, sealed, last4, nik, nik_last4, subject, body,
        received_at, client, key, fingerprint, answer, opens, event_id, correlation_id, payload, lines_before,
        characters_before, place)
), {_ROOM if lines else ""} keys AS (
    INSERT INTO intake.idempotency_keys (client, key, fingerprint, answer, created_at)
    SELECT client, key, fingerprint, answer, received_at FROM {"allowed" if lines else "incoming"} WHERE key IS NOT NULL
    ORDER BY client, key, place ON CONFLICT DO NOTHING RETURNING client, key, answer
), fresh AS (
    SELECT i.* FROM {"allowed" if lines else "incoming"} i
    LEFT JOIN keys k ON k.client = i.client AND k.key = i.key AND k.answer = i.answer
    WHERE i.key IS NULL OR k.key IS NOT NULL
), opened AS (
    INSERT INTO intake.chats (id, tracking_code, opened_at, last_position, lines, characters, minute_from, minute_lines)
    SELECT chat_id, tracking_code, received_at, 1, 1, length(body), received_at, 1 FROM fresh WHERE opens RETURNING id
), {_GROWN if lines else ""} kept AS (
    INSERT INTO intake.contacts (id, tracking_code, channel, chat_id, position, name, email, phone,
        programme_number_sealed, programme_number_last4, nik_sealed, nik_last4, subject, body, client, received_at)
    SELECT f.id, f.tracking_code, f.channel, f.chat_id, {_POSITION if lines else "CASE WHEN f.opens THEN 1 END"},
           f.name, f.email, f.phone, f.sealed, f.last4, f.nik, f.nik_last4, f.subject, f.body, f.client, f.received_at
    FROM fresh f {"LEFT JOIN grown g ON g.id = f.chat_id" if lines else ""}
), announced AS (
    INSERT INTO intake.outbox (event_id, type, correlation_id, created_at, payload)
    SELECT event_id, 'contact.received', correlation_id, received_at, payload FROM fresh ORDER BY place
)
SELECT id, NULL AS lines, NULL AS characters, NULL AS minute_from, NULL AS minute_lines FROM fresh
{_USAGES if lines else ""}
""")


_ACCEPT, _ACCEPT_LINES = _accepting(lines=False), _accepting(lines=True)


async def accept(session: AsyncSession, batch: Sequence[NewContact], allowance: Allowance) -> AcceptedBatch:
    """Inserts a batch with its events and keys.

    Left out are lines for which their chat has no room, and contacts whose key was used before.
    """
    if not any(contact.is_chat_line for contact in batch):
        values = _columns(batch, [(0, 0)] * len(batch))
        return AcceptedBatch(set(await session.scalars(_ACCEPT, values)), {})
    room = {
        "lines_per_minute": allowance.lines_per_minute,
        "lines_per_chat": allowance.lines,
        "characters_per_chat": allowance.characters,
    }
    accepted = AcceptedBatch(set(), {})
    for row in await session.execute(_ACCEPT_LINES, _columns(batch, _before(batch)) | room):
        if row.lines is None:
            accepted.contact_ids.add(row.id)
        else:
            usage = ChatUsage(row.lines, row.characters, row.minute_from, row.minute_lines)
            accepted.chat_usages[row.id] = usage
    return accepted


def _columns(batch: Sequence[NewContact], before: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
    """The values of `incoming`, a list for each column. `before` is what `_before` counts."""
    data = [contact.event.data for contact in batch]
    return {
        "ids": [d.contact_id for d in data],
        "codes": [d.tracking_code for d in data],
        "channels": [d.channel for d in data],
        "chats": [d.chat_id for d in data],
        "names": [d.citizen.name for d in data],
        "emails": [d.citizen.email for d in data],
        "phones": [d.citizen.phone for d in data],
        "sealed": [d.programme_number_sealed for d in data],
        "last4": [d.programme_number_last4 for d in data],
        "niks": [d.nik_sealed for d in data],
        "nik_last4": [d.nik_last4 for d in data],
        "subjects": [d.subject for d in data],
        "bodies": [d.body for d in data],
        "times": [d.received_at for d in data],
        "clients": [contact.client for contact in batch],
        "keys": [contact.idempotency_key for contact in batch],
        "fingerprints": [contact.fingerprint for contact in batch],
        "answers": [contact.answer for contact in batch],
        "opens": [contact.opens_chat for contact in batch],
        "event_ids": [contact.event.id for contact in batch],
        "correlation_ids": [contact.event.correlationid for contact in batch],
        "payloads": [contact.payload for contact in batch],
        "lines_before": [count for count, _ in before],
        "characters_before": [count for _, count in before],
    }


def _before(batch: Sequence[NewContact]) -> list[tuple[int, int]]:
    """How many lines, and how many characters, come before each in its chat; those with the same key count once."""
    sums: dict[UUID | None, tuple[int, int]] = {}
    keys: set[tuple[str, str]] = set()
    before = []
    for contact in batch:
        data, key = contact.event.data, contact.idempotency_key
        lines, characters = sums.get(data.chat_id, (0, 0))
        before.append((lines, characters))
        if data.chat_id is not None and (contact.client, key) not in keys:
            sums[data.chat_id] = lines + 1, characters + len(data.body)
        if key is not None:
            keys.add((contact.client, key))
    return before


async def find_form(session: AsyncSession, contact_id: UUID) -> SentForm | None:
    """Reads an accepted web form, if it is there."""
    found = await session.execute(
        text("SELECT tracking_code, email, phone FROM intake.contacts WHERE id = :id AND channel = 'form'"),
        {"id": contact_id},
    )
    row = found.one_or_none()
    return SentForm(row.tracking_code, row.email, row.phone) if row else None
