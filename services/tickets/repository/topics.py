"""Topics, and what they were."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.topics import Topic, TopicVersion
from services.tickets.domain.units import Unit
from shared import locks

_VERSION = """
    t.slug, t.name, t.unit, coalesce(u.name, t.unit) AS unit_name, t.phrases, t.required, t.required_by_channel,
    t.version, t.is_retired, t.edited_by, t.edited_at
"""
_WITH_UNIT = "LEFT JOIN tickets.units u ON u.slug = t.unit"


async def load(session: AsyncSession) -> list[Topic]:
    """The topics that are given, in their order."""
    return [version.topic for version in await list_all(session) if not version.is_retired]


async def list_all(session: AsyncSession) -> list[TopicVersion]:
    """Every topic as it is now, in their order."""
    found = await session.execute(text(f"SELECT {_VERSION} FROM tickets.topics t {_WITH_UNIT} ORDER BY position"))
    return [_read(row) for row in found]


async def get(session: AsyncSession, slug: str) -> TopicVersion | None:
    """The topic as it is now, or None."""
    query = text(f"SELECT {_VERSION} FROM tickets.topics t {_WITH_UNIT} WHERE t.slug = :slug")
    row = (await session.execute(query, {"slug": slug})).one_or_none()
    return _read(row) if row else None


async def hold(session: AsyncSession) -> None:
    """Holds all topics, those that are not there yet too, until the end of the transaction."""
    await locks.hold(session, "tickets topics")


async def versions_of(session: AsyncSession, slug: str, before: int | None, limit: int) -> Sequence[TopicVersion]:
    """What a topic was, the newest first, from before a version."""
    query = text(f"""
        SELECT {_VERSION} FROM tickets.topic_versions t {_WITH_UNIT}
        WHERE t.slug = :slug AND (CAST(:before AS integer) IS NULL OR t.version < :before)
        ORDER BY t.version DESC LIMIT :limit
    """)
    return [_read(row) for row in await session.execute(query, {"slug": slug, "before": before, "limit": limit})]


async def add(session: AsyncSession, version: TopicVersion) -> None:
    """Writes a new version of a topic, or a new topic behind all others. The topics are held."""
    values = _values(version)
    await session.execute(
        text("""
        INSERT INTO tickets.topics (slug, position, name, unit, phrases, required, required_by_channel,
                                    version, is_retired, edited_by, edited_at)
        SELECT :slug, coalesce(max(position), 0) + 1, :name, :unit, CAST(:phrases AS text[]), CAST(:required AS text[]),
               CAST(:required_by_channel AS jsonb), :version, :is_retired, :edited_by, :edited_at FROM tickets.topics
        ON CONFLICT (slug) DO UPDATE SET
            name = excluded.name, unit = excluded.unit, phrases = excluded.phrases, required = excluded.required,
            required_by_channel = excluded.required_by_channel,
            version = excluded.version, is_retired = excluded.is_retired,
            edited_by = excluded.edited_by, edited_at = excluded.edited_at
        """),
        values,
    )
    await session.execute(
        text("""
        INSERT INTO tickets.topic_versions (slug, version, name, unit, phrases, required, required_by_channel,
                                            is_retired, edited_by, edited_at)
        VALUES (:slug, :version, :name, :unit, :phrases, :required, CAST(:required_by_channel AS jsonb),
                :is_retired, :edited_by, :edited_at)
        """),
        values,
    )


def _values(version: TopicVersion) -> Mapping[str, Any]:
    topic = version.topic
    return {
        "slug": topic.slug,
        "name": topic.name,
        "unit": topic.unit.slug,
        "phrases": list(topic.phrases),
        "required": list(topic.required),
        "required_by_channel": json.dumps(topic.required_by_channel),
        "version": version.version,
        "is_retired": version.is_retired,
        "edited_by": version.edited_by,
        "edited_at": version.edited_at,
    }


def _read(row: Any) -> TopicVersion:
    return TopicVersion(
        topic=Topic(
            slug=row.slug,
            name=row.name,
            unit=Unit(row.unit, row.unit_name),
            phrases=tuple(row.phrases),
            required=tuple(row.required),
            required_by_channel={channel: tuple(names) for channel, names in row.required_by_channel.items()},
        ),
        version=row.version,
        is_retired=row.is_retired,
        edited_by=row.edited_by,
        edited_at=row.edited_at,
    )
