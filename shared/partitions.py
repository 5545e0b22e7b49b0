"""The days of an outbox: a partition for each, made before it begins and dropped as a whole when it is past."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import locks

_DAYS_AHEAD = 3


async def keep(session: AsyncSession, schema: str, today: datetime, window: timedelta) -> datetime:
    """Makes the partitions of the next days and drops those before `window`. The first day that has none yet.

    Raises `DBAPIError` when a writer holds the table for long.
    """
    await session.execute(text("SET LOCAL lock_timeout = '200ms'"))
    await locks.hold(session, f"partitions {schema}.outbox")
    for ahead in range(_DAYS_AHEAD):
        await ensure_partition(session, schema, today + timedelta(days=ahead))
    await drop_partitions(session, schema, before=today - window)
    return today + timedelta(days=_DAYS_AHEAD)


def _partition_name(day: datetime) -> str:
    return f"outbox_{day:%Y%m%d}"


async def ensure_partition(session: AsyncSession, schema: str, day: datetime) -> None:
    """Makes the partition for the UTC day that begins at `day`, unless it is there.

    Events that came before it was there wait in the default partition; they move along.
    """
    name, default = f"{schema}.{_partition_name(day)}", f"{schema}.outbox_other_days"
    if await session.scalar(text("SELECT to_regclass(:name)"), {"name": name}):
        return
    first, last = f"'{day.isoformat()}'", f"'{(day + timedelta(days=1)).isoformat()}'"
    await session.execute(text(f"LOCK TABLE {schema}.outbox IN SHARE ROW EXCLUSIVE MODE"))
    await session.execute(text(f"CREATE TABLE {name} (LIKE {schema}.outbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
    await session.execute(
        text(f"""
        WITH moved AS (DELETE FROM {default} WHERE created_at >= {first} AND created_at < {last} RETURNING *)
        INSERT INTO {name} SELECT * FROM moved
        """)
    )
    await session.execute(
        text(f"ALTER TABLE {schema}.outbox ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({last})")
    )


async def drop_partitions(session: AsyncSession, schema: str, *, before: datetime) -> None:
    """Drops the days before `before` in which every event was published and finished by every reader."""
    names = await session.scalars(
        text("""
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = CAST(:parent AS regclass) AND c.relname ~ '^outbox_[0-9]{8}$' AND c.relname < :oldest
        """),
        {"parent": f"{schema}.outbox", "oldest": _partition_name(before)},
    )
    for name in names.all():
        needed = await session.scalar(
            text(f"""
            SELECT EXISTS (SELECT FROM {schema}.{name} o, {schema}.outbox_state s WHERE o.published_at IS NULL
                           OR (o.entry_ms, o.entry_number) > (s.finished_ms, s.finished_number))
            """)
        )
        if not needed:
            await session.execute(text(f"DROP TABLE {schema}.{name}"))
