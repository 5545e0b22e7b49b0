"""Which mails were fetched out of mailboxes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.mailboxes import Fetched, Numbering


async def last_uid(session: AsyncSession, numbering: Numbering) -> int:
    """The highest UID that was fetched under this numbering; 0 if none was. Mails are fetched in that order."""
    found = await session.scalar(
        text("SELECT max(uid) FROM intake.fetched_mails WHERE mailbox = :mailbox AND uidvalidity = :uidvalidity"),
        _values(numbering),
    )
    return found or 0


async def note(session: AsyncSession, numbering: Numbering, mails: Sequence[Fetched], now: datetime) -> set[int]:
    """Notes what was fetched. The UIDs of mails whose bytes were never fetched out of this mailbox before."""
    found = await session.scalars(
        text("""
        WITH given AS (
            SELECT DISTINCT ON (digest) uid, digest
            FROM unnest(CAST(:uids AS bigint[]), CAST(:digests AS bytea[])) AS t(uid, digest) ORDER BY digest, uid
        ), new AS (
            SELECT uid FROM given g WHERE NOT EXISTS (
                SELECT FROM intake.fetched_mails f WHERE f.mailbox = :mailbox AND f.digest = g.digest)
        ), noted AS (
            INSERT INTO intake.fetched_mails (mailbox, uidvalidity, uid, digest, fetched_at)
            SELECT :mailbox, :uidvalidity, uid, digest, :now
            FROM unnest(CAST(:uids AS bigint[]), CAST(:digests AS bytea[])) AS t(uid, digest) ORDER BY uid
        )
        SELECT uid FROM new
        """),
        {
            **_values(numbering),
            "uids": [mail.uid for mail in mails],
            "digests": [mail.digest for mail in mails],
            "now": now,
        },
    )
    return set(found)


async def holes(session: AsyncSession, numbering: Numbering, limit: int) -> list[int]:
    """UIDs that were passed over among the last `limit`: mails with a lower and with a higher one were fetched."""
    found = await session.scalars(
        text("""
        SELECT gap FROM (
            SELECT uid, lag(uid) OVER (ORDER BY uid) AS before FROM (
                SELECT uid FROM intake.fetched_mails WHERE mailbox = :mailbox AND uidvalidity = :uidvalidity
                ORDER BY uid DESC LIMIT :limit) AS last
            ) AS pairs, generate_series(before + 1, uid - 1) AS gap
        ORDER BY gap LIMIT :limit
        """),
        {**_values(numbering), "limit": limit},
    )
    return list(found)


async def note_gone(session: AsyncSession, numbering: Numbering, uids: Sequence[int], now: datetime) -> None:
    """Notes that nobody has the mails of these UIDs any more: they were taken away before they were fetched."""
    await session.execute(
        text("""
        INSERT INTO intake.fetched_mails (mailbox, uidvalidity, uid, digest, fetched_at, settled_at)
        SELECT :mailbox, :uidvalidity, uid, CAST('' AS bytea), :now, :now FROM unnest(CAST(:uids AS bigint[])) AS uid
        ON CONFLICT DO NOTHING
        """),
        {**_values(numbering), "uids": list(uids), "now": now},
    )


async def unsettled(session: AsyncSession, numbering: Numbering, limit: int) -> list[int]:
    """UIDs of mails that are fetched, and stand in their mailbox as if they were not; up to `limit`."""
    found = await session.scalars(
        text("""
        SELECT uid FROM intake.fetched_mails
        WHERE mailbox = :mailbox AND uidvalidity = :uidvalidity AND settled_at IS NULL ORDER BY uid LIMIT :limit
        """),
        {**_values(numbering), "limit": limit},
    )
    return list(found)


async def settle(session: AsyncSession, numbering: Numbering, uids: Sequence[int], now: datetime) -> None:
    """Notes that mails were moved or marked in their mailbox."""
    await session.execute(
        text("""
        UPDATE intake.fetched_mails SET settled_at = :now
        WHERE mailbox = :mailbox AND uidvalidity = :uidvalidity AND uid = ANY(:uids)
        """),
        {**_values(numbering), "uids": list(uids), "now": now},
    )


async def forget_fetched(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to `limit` mails that were settled before a moment, but the last of each numbering. How many."""
    result = await session.execute(
        text("""
        DELETE FROM intake.fetched_mails WHERE (mailbox, uidvalidity, uid) IN (
            SELECT mailbox, uidvalidity, uid FROM intake.fetched_mails f
            WHERE fetched_at < :before AND settled_at IS NOT NULL AND EXISTS (
                SELECT FROM intake.fetched_mails l
                WHERE l.mailbox = f.mailbox AND l.uidvalidity = f.uidvalidity AND l.uid > f.uid)
            ORDER BY fetched_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _values(numbering: Numbering) -> dict[str, object]:
    return {"mailbox": numbering.mailbox, "uidvalidity": numbering.uidvalidity}
