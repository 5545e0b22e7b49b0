"""The frame of resolved cases, and the invitations drawn from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sampling import Draw
from services.survey_index.models import Case, CaseOutcome, Invitation
from shared import locks
from shared.events import CitizenErasedData


async def invited_since(session: AsyncSession, people: Sequence[bytes], since: datetime) -> set[bytes]:
    """Which of these people were invited after `since`."""
    result = await session.scalars(
        text("""
        SELECT DISTINCT person FROM survey_index.cases
        WHERE person = ANY(CAST(:people AS bytea[])) AND outcome = 'invited' AND ended_at > :since
        """),
        {"people": list(people), "since": since},
    )
    return set(result)


async def lock_people(session: AsyncSession, people: Sequence[bytes]) -> None:
    """Lets two batches with cases of one person follow each other."""
    await locks.hold_each(session, "survey_index person", (person.hex() for person in people))


async def in_frame(session: AsyncSession, tickets: Sequence[UUID]) -> set[UUID]:
    """Which of these cases are in a frame already."""
    result = await session.scalars(
        text("SELECT ticket_id FROM survey_index.cases WHERE ticket_id = ANY(:tickets)"), {"tickets": list(tickets)}
    )
    return set(result)


async def lock_draw(session: AsyncSession, survey: str) -> Row[tuple[int, int, int]]:
    """How far a survey's sample has come (`seen`, `reached`, `drawn`), held until the end of the transaction."""
    values = {"survey": survey}
    await session.execute(
        text("""
        INSERT INTO survey_index.draws (survey, seen, reached, drawn) VALUES (:survey, 0, 0, 0) ON CONFLICT DO NOTHING
        """),
        values,
    )
    result = await session.execute(
        text("SELECT seen, reached, drawn FROM survey_index.draws WHERE survey = :survey FOR UPDATE"), values
    )
    return result.one()


async def save_draw(session: AsyncSession, survey: str, draw: Draw) -> None:
    await session.execute(
        text("""
        UPDATE survey_index.draws SET seen = :seen, reached = :reached, drawn = :drawn WHERE survey = :survey
        """),
        {"survey": survey, "seen": draw.seen, "reached": draw.reached, "drawn": draw.drawn},
    )


async def insert_cases(session: AsyncSession, cases: Sequence[Case]) -> set[UUID]:
    """Adds cases to the frame and returns those that are new: a case is asked about once, however often it ended."""
    result = await session.scalars(
        text("""
        INSERT INTO survey_index.cases (ticket_id, survey, tracking_code, unit, channel, ended_at, person, outcome)
        SELECT * FROM unnest(CAST(:tickets AS uuid[]), CAST(:surveys AS text[]), CAST(:codes AS text[]),
            CAST(:units AS text[]), CAST(:channels AS text[]), CAST(:times AS timestamptz[]),
            CAST(:people AS bytea[]), CAST(:outcomes AS text[]))
        ON CONFLICT (ticket_id) DO NOTHING RETURNING ticket_id
        """),
        {
            "tickets": [case.ticket_id for case in cases],
            "surveys": [case.survey for case in cases],
            "codes": [case.tracking_code for case in cases],
            "units": [case.unit for case in cases],
            "channels": [case.channel for case in cases],
            "times": [case.ended_at for case in cases],
            "people": [case.person for case in cases],
            "outcomes": [case.outcome for case in cases],
        },
    )
    return set(result)


async def count_cases(session: AsyncSession, survey: str) -> Mapping[CaseOutcome, int]:
    """How many cases the frame holds, by what became of them."""
    result = await session.execute(
        text("SELECT outcome, count(*) AS number FROM survey_index.cases WHERE survey = :survey GROUP BY outcome"),
        {"survey": survey},
    )
    return {row.outcome: row.number for row in result}


async def insert_invitations(session: AsyncSession, invitations: Sequence[Invitation]) -> None:
    await session.execute(
        text("""
        INSERT INTO survey_index.invitations
            (id, survey, ticket_id, tracking_code, unit, channel, issued_at, expires_at)
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:surveys AS text[]), CAST(:tickets AS uuid[]),
            CAST(:codes AS text[]), CAST(:units AS text[]), CAST(:channels AS text[]),
            CAST(:issued AS timestamptz[]), CAST(:expires AS timestamptz[]))
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
    return Invitation(**row._mapping) if row else None


async def forget_ticket(session: AsyncSession, ticket_id: UUID) -> bool:
    """Cuts every thread from a case to a person, and what he wrote in his own words. False if there is no such case.

    The answers, which never knew a name, stay; so does every figure.
    """
    found = await session.scalar(
        text("""
        WITH said AS (
            UPDATE survey_index.responses r SET comment = NULL, comment_about = '', invitation_id = NULL
            FROM survey_index.invitations i WHERE i.id = r.invitation_id AND i.ticket_id = :ticket
        ), invited AS (
            UPDATE survey_index.invitations SET tracking_code = '', expires_at = issued_at WHERE ticket_id = :ticket
        )
        UPDATE survey_index.cases SET tracking_code = '', person = NULL WHERE ticket_id = :ticket RETURNING ticket_id
        """),
        {"ticket": ticket_id},
    )
    return found is not None


async def about(session: AsyncSession, whose: CitizenErasedData) -> Sequence[UUID]:
    """The cases of which a citizen was told, by his codes: his ticket may go on as another's."""
    found = await session.scalars(
        text("SELECT ticket_id FROM survey_index.cases WHERE tracking_code = ANY(:codes)"),
        {"codes": list(whose.tracking_codes)},
    )
    return list(found)


async def known(session: AsyncSession, tickets: Sequence[UUID]) -> Sequence[Any]:
    """The invitations for these cases, with what was written in one's own words."""
    result = await session.execute(
        text("""
        SELECT i.ticket_id, i.survey, i.issued_at, i.used_at, r.comment
        FROM survey_index.invitations i LEFT JOIN survey_index.responses r ON r.invitation_id = i.id
        WHERE i.ticket_id = ANY(:tickets) ORDER BY i.id
        """),
        {"tickets": list(tickets)},
    )
    return result.all()
