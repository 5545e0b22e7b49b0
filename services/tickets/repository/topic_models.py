"""What was learned from examples: models as rows. Their arrays are bytes, and nothing in them is ever run."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.topics import LinearModel
from services.tickets.models import TopicModel
from shared import locks

_ABOUT = "version, labels, trained_at, trained_by, report, is_active, activated_at, activated_by"


async def insert(
    session: AsyncSession, model: LinearModel, report: Mapping[str, Any], *, by: str, now: datetime
) -> int:
    """Keeps a model. The version that it is now."""
    version = await session.scalar(
        text("""
        INSERT INTO tickets.topic_models
            (trained_at, trained_by, report, labels, terms, parts, weights, rarity, bias, slope, lead_offset)
        VALUES (:now, :by, CAST(:report AS jsonb), :labels, :terms, :parts, :weights, :rarity, :bias, :slope, :offset)
        RETURNING version
        """),
        {
            "now": now,
            "by": by,
            "report": json.dumps(report),
            "labels": list(model.labels),
            "terms": list(model.terms),
            "parts": list(model.parts),
            "weights": model.weights.astype("<f2").tobytes(),
            "rarity": model.rarity.astype("<f4").tobytes(),
            "bias": model.bias.astype("<f4").tobytes(),
            "slope": model.slope,
            "offset": model.offset,
        },
    )
    return int(version)


async def list_all(session: AsyncSession) -> Sequence[TopicModel]:
    """Every model without what it learned, the newest first."""
    found = await session.execute(text(f"SELECT {_ABOUT} FROM tickets.topic_models ORDER BY version DESC"))
    return [_about(row) for row in found]


async def get(session: AsyncSession, version: int) -> TopicModel | None:
    """A model without what it learned, or None."""
    query = text(f"SELECT {_ABOUT} FROM tickets.topic_models WHERE version = :version")
    row = (await session.execute(query, {"version": version})).one_or_none()
    return _about(row) if row else None


async def active_version(session: AsyncSession) -> int | None:
    """The version of the model that is asked, or None."""
    found: int | None = await session.scalar(text("SELECT version FROM tickets.topic_models WHERE is_active"))
    return found


async def load(session: AsyncSession, version: int) -> LinearModel:
    """What a model learned."""
    query = text("""
        SELECT labels, terms, parts, weights, rarity, bias, slope, lead_offset
        FROM tickets.topic_models WHERE version = :version
    """)
    row = (await session.execute(query, {"version": version})).one()
    return LinearModel(
        labels=tuple(row.labels),
        terms=tuple(row.terms),
        parts=tuple(row.parts),
        weights=np.frombuffer(row.weights, "<f2").reshape(-1, len(row.labels)),
        rarity=np.frombuffer(row.rarity, "<f4"),
        bias=np.frombuffer(row.bias, "<f4"),
        slope=row.slope,
        offset=row.lead_offset,
    )


async def activate(session: AsyncSession, version: int | None, *, by: str, now: datetime) -> None:
    """Has this model asked from now on, and no other; None: no model at all."""
    await locks.hold(session, "tickets topic model")
    await session.execute(
        text("""
        UPDATE tickets.topic_models SET is_active = false
        WHERE is_active AND (CAST(:version AS integer) IS NULL OR version <> :version)
        """),
        {"version": version},
    )
    await session.execute(
        text("""
        UPDATE tickets.topic_models SET is_active = true, activated_at = :now, activated_by = :by
        WHERE version = :version AND NOT is_active
        """),
        {"version": version, "now": now, "by": by},
    )


def _about(row: Any) -> TopicModel:
    return TopicModel(**{**row._mapping, "labels": tuple(row.labels)})
