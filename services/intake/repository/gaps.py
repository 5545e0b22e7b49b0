"""What is missing between a source and its contacts, and between contacts and their tickets.

Rows are found by the time in their ids (UUID version 7), so a span costs what came in it, and no index but those that
there are.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.gaps import MOST_NAMES, Doubled, Missing, Span, lowest_id
from services.intake.models.gaps import GapNames

_UNTICKETED = """
    SELECT (SELECT c.channel FROM intake.contacts c WHERE c.id = without.id) AS channel, CAST(id AS text) AS name FROM (
        SELECT id FROM intake.contacts WHERE id >= :low AND id < :high
        EXCEPT ALL SELECT DISTINCT contact_id FROM intake.contact_tickets
        WHERE contact_id >= :low AND contact_id < :high
    ) AS without"""
_WITHOUT_ROW = """
    SELECT min(p.channel) AS channel, coalesce(min(p.external_id), CAST(p.id AS text)) AS name FROM (
        SELECT contact_id AS id, channel, NULL AS external_id FROM intake.contact_tickets
        WHERE contact_id >= :low AND contact_id < :high
        UNION ALL
        SELECT contact_id, channel, external_id FROM intake.sources WHERE contact_id >= :low AND contact_id < :high
        UNION ALL
        SELECT CAST(substr(answer, 16, 36) AS uuid), CASE
            WHEN split_part(client, ' ', 1) IN ('email', 'whatsapp', 'line', 'call') THEN split_part(client, ' ', 1)
            WHEN answer LIKE '%"chat_id":%' THEN 'chat' ELSE 'form' END, NULL
        FROM intake.idempotency_keys
        WHERE created_at >= :since AND created_at < :until AND answer LIKE '{"contact\\_id":"%'
    ) AS p LEFT JOIN intake.contacts c ON c.id = p.id WHERE c.id IS NULL GROUP BY p.id"""
_RAW = """
    SELECT channel, CAST(id AS text) AS name FROM intake.raw
    WHERE status = 'waiting' AND id >= :low AND id < :high"""
_UNREADABLE = """
    SELECT channel, CAST(id AS text) AS name FROM intake.raw
    WHERE faults <> '[]' AND id >= :low AND id < :high"""
_UIDS = """
    SELECT 'email' AS channel, concat_ws(' ', f.mailbox, f.uidvalidity, gap) AS name
    FROM intake.fetched_mails f CROSS JOIN LATERAL (
        SELECT max(b.uid) AS uid FROM intake.fetched_mails b
        WHERE b.mailbox = f.mailbox AND b.uidvalidity = f.uidvalidity AND b.uid < f.uid) AS before
    CROSS JOIN LATERAL generate_series(before.uid + 1, least(f.uid - 1, before.uid + 10000)) AS gap
    WHERE f.fetched_at >= :since AND f.fetched_at < :until"""
_PAPERS = """
    SELECT 'booth' AS channel, concat_ws(' ', v.booth, v.device, gap) AS name
    FROM intake.visits v CROSS JOIN LATERAL (
        SELECT max(b.device_sequence) AS sequence FROM intake.visits b
        WHERE b.booth = v.booth AND b.device = v.device AND b.device_sequence < v.device_sequence) AS before
    CROSS JOIN LATERAL generate_series(
        before.sequence + 1, least(v.device_sequence - 1, before.sequence + 10000)) AS gap
    WHERE v.device IS NOT NULL AND v.id >= :low AND v.id < :high"""
_VISITS = """
    SELECT 'booth' AS channel, CAST(v.id AS text) AS name
    FROM intake.visits v LEFT JOIN intake.contacts c ON c.id = v.contact_id
    WHERE v.status IN ('settled', 'escalated') AND v.id >= :low AND v.id < :high AND c.id IS NULL
      AND NOT EXISTS (SELECT FROM intake.contact_tickets t WHERE t.contact_id = v.contact_id)"""
_CALLS = """
    SELECT 'call' AS channel, concat_ws(' ', k.provider, k.call_id) AS name FROM intake.calls k
    WHERE k.id >= :low AND k.id < :high AND k.direction = 'in' AND NOT k.is_consult
      AND (k.tracking_code IS NOT NULL OR EXISTS (
        SELECT FROM intake.call_events e
        WHERE e.provider = k.provider AND e.call_id = k.call_id AND e.kind = 'transferred'))
      AND NOT EXISTS (SELECT FROM intake.sources s WHERE s.raw_id = k.id)"""
_IN_TWO_TICKETS = """
    SELECT min(channel) AS channel, CAST(contact_id AS text) AS name FROM intake.contact_tickets
    WHERE contact_id >= :low AND contact_id < :high GROUP BY contact_id HAVING count(*) > 1"""
_SAID_TWICE = """
    SELECT channel, external_id AS name FROM intake.sources WHERE contact_id >= :low AND contact_id < :high
    GROUP BY channel, account, external_id HAVING count(*) > 1"""
_PAPERS_TWICE = """
    SELECT 'booth' AS channel, concat_ws(' ', booth, day, series || number) AS name FROM intake.visits
    WHERE copy > 0 AND id >= :low AND id < :high"""

_MISSING: dict[Missing, str] = {
    "contact": _WITHOUT_ROW,
    "ticket": _UNTICKETED,
    "raw": _RAW,
    "mail": _UIDS,
    "paper": _PAPERS,
    "visit": _VISITS,
    "call": _CALLS,
}
_DOUBLED: dict[Doubled, str] = {"contact": _IN_TWO_TICKETS, "said": _SAID_TWICE, "paper": _PAPERS_TWICE}


async def count_ticketed(session: AsyncSession, span: Span) -> dict[str, int]:
    """How many contacts of each channel have a ticket."""
    result = await session.execute(
        text("""
        SELECT t.channel, count(*) AS number FROM (
            SELECT DISTINCT contact_id, channel FROM intake.contact_tickets
            WHERE contact_id >= :low AND contact_id < :high) AS t
        JOIN (SELECT id FROM intake.contacts WHERE id >= :low AND id < :high) AS c ON c.id = t.contact_id
        GROUP BY t.channel
        """),
        _ids(span.since, span.until),
    )
    return {row.channel: row.number for row in result}


async def find_missing(session: AsyncSession, kind: Missing, span: Span) -> list[GapNames]:
    """What is missing of a kind, by channel, of all that is settled."""
    return await _found(session, _MISSING[kind], span.since, span.settled)


async def find_doubled(session: AsyncSession, kind: Doubled, span: Span) -> list[GapNames]:
    """What is doubled of a kind, by channel."""
    return await _found(session, _DOUBLED[kind], span.since, span.until)


async def count_on_the_way(session: AsyncSession, span: Span) -> dict[str, int]:
    """How many contacts of each channel have no ticket, and need none yet."""
    return {each.channel: each.count for each in await _found(session, _UNTICKETED, span.settled, span.until)}


async def count_raw_on_the_way(session: AsyncSession, span: Span) -> dict[str, int]:
    """How much of what channels brought waits to be parsed, and may."""
    return {each.channel: each.count for each in await _found(session, _RAW, span.settled, span.until)}


async def count_unreadable(session: AsyncSession, span: Span) -> dict[str, int]:
    """How much of what channels brought is kept because nobody could understand all of it."""
    return {each.channel: each.count for each in await _found(session, _UNREADABLE, span.since, span.until)}


async def _found(session: AsyncSession, query: str, since: datetime, until: datetime) -> list[GapNames]:
    """What `query` finds, by channel: how many, and the first names."""
    if since >= until:
        return []
    values = {**_ids(since, until), "since": since, "until": until}
    result = await session.execute(
        text(f"""
        SELECT channel, count(*) AS number, array_agg(name ORDER BY name) FILTER (WHERE place <= :most) AS names
        FROM (SELECT channel, name, row_number() OVER (PARTITION BY channel ORDER BY name) AS place
              FROM ({query}) AS found) AS placed
        GROUP BY channel ORDER BY channel
        """),
        {"most": MOST_NAMES} | {name: value for name, value in values.items() if f":{name}" in query},
    )
    return [GapNames(row.channel, row.number, row.names) for row in result]


def _ids(since: datetime, until: datetime) -> dict[str, Any]:
    bounds: dict[str, UUID] = {"low": lowest_id(since), "high": lowest_id(until)}
    return bounds
