"""What surveys are made of and an installation brings itself: a unit's own instruments and code lists."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.profile import CodeList


async def insert_instrument(session: AsyncSession, instrument: Instrument, *, by: str, now: datetime) -> bool:
    """Keeps a unit's own instrument. False if this code has this version already."""
    result = await session.execute(
        text("""
        INSERT INTO survey_index.instruments (code, version, definition, edition, created_by, created_at)
        VALUES (:code, :version, CAST(:definition AS jsonb), :edition, :by, :now) ON CONFLICT DO NOTHING
        """),
        {
            "code": instrument.code,
            "version": instrument.version,
            "definition": instrument.model_dump_json(),
            "edition": instrument.edition,
            "by": by,
            "now": now,
        },
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def list_instruments(session: AsyncSession, code: str | None = None) -> list[Instrument]:
    """Units' own instruments, the newest version of each first."""
    result = await session.execute(
        text("""
        SELECT CAST(definition AS text) AS definition, edition FROM survey_index.instruments
        WHERE CAST(:code AS text) IS NULL OR code = :code ORDER BY code, version DESC
        """),
        {"code": code},
    )
    return [
        Instrument.model_validate_json(row.definition).model_copy(update={"edition": row.edition}) for row in result
    ]


async def insert_code_list(session: AsyncSession, code: str, codes: CodeList, *, by: str, now: datetime) -> bool:
    """Keeps a code list. False if there is one of that code."""
    result = await session.execute(
        text("""
        INSERT INTO survey_index.code_lists (code, definition, created_by, created_at)
        VALUES (:code, CAST(:definition AS jsonb), :by, :now) ON CONFLICT DO NOTHING
        """),
        {"code": code, "definition": codes.model_dump_json(), "by": by, "now": now},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def get_code_list(session: AsyncSession, code: str) -> CodeList | None:
    definition = await session.scalar(
        text("SELECT CAST(definition AS text) FROM survey_index.code_lists WHERE code = :code"), {"code": code}
    )
    return CodeList.model_validate_json(definition) if definition else None


async def list_code_lists(session: AsyncSession) -> Mapping[str, CodeList]:
    """Units' own code lists, by their codes."""
    result = await session.execute(
        text("SELECT code, CAST(definition AS text) AS definition FROM survey_index.code_lists ORDER BY code")
    )
    return {row.code: CodeList.model_validate_json(row.definition) for row in result}
