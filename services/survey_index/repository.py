"""Every SQL statement of the ear."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sheet import NPS
from services.survey_index.models import RESPONDENTS, Invitation, Response, Survey


async def get_survey(session: AsyncSession, code: str) -> Survey | None:
    result = await session.execute(
        text("SELECT code, title, instrument, edition, missing, zone FROM survey_index.surveys WHERE code = :code"),
        {"code": code},
    )
    row = result.one_or_none()
    return Survey(*row) if row else None


async def insert_survey(session: AsyncSession, survey: Survey, now: datetime) -> None:
    """Adds the survey unless it is there."""
    await session.execute(
        text("""
        INSERT INTO survey_index.surveys (code, title, instrument, edition, missing, zone, created_at)
        VALUES (:code, :title, :instrument, :edition, :missing, :zone, :now) ON CONFLICT (code) DO NOTHING
        """),
        {
            "code": survey.code,
            "title": survey.title,
            "instrument": survey.instrument,
            "edition": survey.edition,
            "missing": survey.missing,
            "zone": survey.zone,
            "now": now,
        },
    )


# -- invitations ------------------------------------------------------------------------------------------------


async def insert_invitations(session: AsyncSession, invitations: Sequence[Invitation]) -> set[UUID]:
    """Writes invitations and returns those that are new: a case is asked about once, however often it was resolved."""
    result = await session.scalars(
        text("""
        INSERT INTO survey_index.invitations
            (id, survey, ticket_id, tracking_code, unit, channel, issued_at, expires_at)
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:surveys AS text[]), CAST(:tickets AS uuid[]),
            CAST(:codes AS text[]), CAST(:units AS text[]), CAST(:channels AS text[]),
            CAST(:issued AS timestamptz[]), CAST(:expires AS timestamptz[]))
        ON CONFLICT (ticket_id) DO NOTHING RETURNING id
        """),
        {
            "ids": [i.id for i in invitations],
            "surveys": [i.survey for i in invitations],
            "tickets": [i.ticket_id for i in invitations],
            "codes": [i.tracking_code for i in invitations],
            "units": [i.unit for i in invitations],
            "channels": [i.channel for i in invitations],
            "issued": [i.issued_at for i in invitations],
            "expires": [i.expires_at for i in invitations],
        },
    )
    return set(result.all())


async def lock_invitation(session: AsyncSession, invitation_id: UUID) -> Invitation | None:
    """The invitation, held until the end of the transaction: two submits are one response."""
    return await _invitation(session, invitation_id, "FOR UPDATE")


async def get_invitation(session: AsyncSession, invitation_id: UUID) -> Invitation | None:
    return await _invitation(session, invitation_id, "")


async def use_invitation(session: AsyncSession, invitation_id: UUID, now: datetime) -> None:
    await session.execute(
        text("UPDATE survey_index.invitations SET used_at = :now WHERE id = :id"),
        {"id": invitation_id, "now": now},
    )


async def _invitation(session: AsyncSession, invitation_id: UUID, lock: str) -> Invitation | None:
    result = await session.execute(
        text(f"""
        SELECT id, survey, ticket_id, tracking_code, unit, channel, issued_at, expires_at, used_at
        FROM survey_index.invitations WHERE id = :id {lock}
        """),
        {"id": invitation_id},
    )
    row = result.one_or_none()
    return Invitation(*row) if row else None


# -- responses and tallies --------------------------------------------------------------------------------------


async def insert_responses(session: AsyncSession, responses: Sequence[Response]) -> None:
    """Keeps responses and adds them to the tallies, in one transaction: the two never disagree."""
    await session.execute(
        text("""
        INSERT INTO survey_index.responses (id, survey, import_id, invitation_id, respondent, unit, service, channel,
                                            day, answered_at, complete, answers, comment)
        SELECT id, survey, import_id, invitation_id, respondent, unit, service, channel, day, answered_at, complete,
               CAST(answers AS jsonb), comment
        FROM unnest(CAST(:ids AS uuid[]), CAST(:surveys AS text[]), CAST(:imports AS uuid[]),
            CAST(:invitations AS uuid[]), CAST(:respondents AS text[]), CAST(:units AS text[]),
            CAST(:services AS text[]), CAST(:channels AS text[]), CAST(:days AS date[]), CAST(:times AS timestamptz[]),
            CAST(:complete AS boolean[]), CAST(:answers AS text[]), CAST(:comments AS text[]))
            AS t(id, survey, import_id, invitation_id, respondent, unit, service, channel, day, answered_at, complete,
                 answers, comment)
        """),
        {
            "ids": [r.id for r in responses],
            "surveys": [r.survey for r in responses],
            "imports": [r.import_id for r in responses],
            "invitations": [r.invitation_id for r in responses],
            "respondents": [r.respondent for r in responses],
            "units": [r.unit for r in responses],
            "services": [r.service for r in responses],
            "channels": [r.channel for r in responses],
            "days": [r.day for r in responses],
            "times": [r.answered_at for r in responses],
            "complete": [r.complete for r in responses],
            "answers": [orjson.dumps(r.answers).decode() for r in responses],
            "comments": [r.comment for r in responses],
        },
    )
    tallied: Counter[tuple[Any, ...]] = Counter()
    for r in responses:
        place = (r.survey, r.unit, r.service, r.channel, r.day, r.complete)
        if r.answers.keys() - {NPS}:  # who gave a score alone did not answer the questionnaire
            tallied[(*place, RESPONDENTS, 0)] += 1
        for question, value in r.answers.items():
            tallied[(*place, question, value)] += 1
    await add_tallies(session, tallied)


async def add_tallies(session: AsyncSession, tallied: Counter[tuple[Any, ...]]) -> None:
    """Adds counts by (survey, unit, service, channel, day, complete, question, value), in a fixed order of rows."""
    rows = sorted(tallied.items())
    columns = list(zip(*(key for key, _ in rows), strict=True))
    names = ("surveys", "units", "services", "channels", "days", "complete", "questions", "values")
    await session.execute(
        text("""
        INSERT INTO survey_index.tallies AS t (survey, unit, service, channel, day, complete, question, value, count)
        SELECT * FROM unnest(CAST(:surveys AS text[]), CAST(:units AS text[]), CAST(:services AS text[]),
            CAST(:channels AS text[]), CAST(:days AS date[]), CAST(:complete AS boolean[]),
            CAST(:questions AS text[]), CAST(:values AS smallint[]), CAST(:counts AS bigint[]))
        ON CONFLICT (survey, day, unit, service, channel, question, value, complete)
        DO UPDATE SET count = t.count + excluded.count
        """),
        {
            **{name: list(column) for name, column in zip(names, columns, strict=True)},
            "counts": [n for _, n in rows],
        },
    )


@dataclass(frozen=True, slots=True)
class Tallies:
    """What was counted: question → value → count, and how many respondents there were."""

    counts: dict[str, dict[int, int]]
    n: int


async def read_tallies(
    session: AsyncSession,
    survey: str,
    *,
    first: date | None,
    last: date | None,
    complete_only: bool = False,
) -> Tallies:
    """The counts of a survey from the day `first` to the day `last`, both included."""
    values = {"first": first, "last": last}
    conditions = {"first": "day >= :first", "last": "day <= :last"}
    where = ["survey = :survey", *(conditions[name] for name, value in values.items() if value is not None)]
    if complete_only:
        where.append("complete")
    result = await session.execute(
        text(f"""
        SELECT question, value, CAST(sum(count) AS bigint) FROM survey_index.tallies
        WHERE {" AND ".join(where)} GROUP BY question, value
        """),
        {"survey": survey, **{name: value for name, value in values.items() if value is not None}},
    )
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for question, value, count in result:
        counts[question][value] = count
    respondents = counts.pop(RESPONDENTS, {})
    return Tallies(dict(counts), sum(respondents.values()))


# -- imports ----------------------------------------------------------------------------------------------------


async def insert_import(
    session: AsyncSession,
    *,
    import_id: UUID,
    survey: str,
    file_sha256: str,
    mapping: str,
    rows: int,
    imported_by: str,
    now: datetime,
) -> bool:
    """Whether this is the first time that the file is imported into the survey."""
    new = await session.scalar(
        text("""
        INSERT INTO survey_index.imports (id, survey, file_sha256, mapping, rows, imported_by, imported_at)
        VALUES (:id, :survey, :sha, :mapping, :rows, :by, :now)
        ON CONFLICT (survey, file_sha256) DO NOTHING RETURNING id
        """),
        {
            "id": import_id,
            "survey": survey,
            "sha": file_sha256,
            "mapping": mapping,
            "rows": rows,
            "by": imported_by,
            "now": now,
        },
    )
    return new is not None


async def find_import(session: AsyncSession, survey: str, file_sha256: str) -> Row[Any]:
    """(id, mapping, rows) of an import that was done before."""
    result = await session.execute(
        text("SELECT id, mapping, rows FROM survey_index.imports WHERE survey = :survey AND file_sha256 = :sha"),
        {"survey": survey, "sha": file_sha256},
    )
    return result.one()
