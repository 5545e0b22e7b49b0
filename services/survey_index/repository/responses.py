"""Responses: what respondents answered, and how it is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sheet.rules import Answered
from services.survey_index.domain.span import Span
from services.survey_index.models import Part, Profile, Response, Survey
from services.survey_index.repository import tallies
from services.survey_index.repository.counting import Counted, grain_of
from services.survey_index.repository.parts import of_responses
from shared import locks
from shared.ids import new_raw_id

_RESPONSE = (
    "id",
    "survey",
    "unit",
    "service",
    "channel",
    "day",
    "answered_at",
    "complete",
    "answers",
    "age",
    "sex",
    "education",
    "occupation",
    "comment",
    "comment_about",
    "respondent",
    "import_id",
    "invitation_id",
    "once",
    "interviewer_name",
    "interviewer_nip",
    "first_day",
)


_NOBODY = (None, None, None, None)
"""What a row of a file has of an invitation, of a call, and of an interviewer."""
Record = tuple[Any, ...]
"""A response in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What all rows of one file have in common."""

    survey: Survey
    import_id: UUID
    answered_on: Span | None
    """The days of the rows that tell none."""
    channel: str
    now: datetime


async def insert_responses(session: AsyncSession, survey: Survey, responses: Sequence[Response]) -> None:
    """Keeps responses and adds them to the tallies, in one transaction: the two never disagree."""
    counted = Counted(survey)
    for r in responses:
        p = r.profile
        profile = (p.sex, p.education, p.occupation)
        counted.add((grain_of(r.first_day), r.day, r.unit, r.service, r.channel, r.complete), profile, r.answers)
    await copy(session, [_record(response) for response in responses])
    await tallies.add(session, counted)


def records_of(rows: Sequence[Answered], origin: Origin, counted: Counted) -> list[Record]:
    """The rows of a file as `copy` takes them. Each is counted on the way: who copies them adds the tallies as well."""
    survey, records = origin.survey, []
    its_unit, its_service = survey.scope.usual("unit"), survey.scope.usual("service")
    is_complete = survey.layout.is_complete
    for row in rows:
        complete = is_complete(row.answers)
        first_day, day = (None, row.day) if row.day else _first_and_last(origin)
        channel = row.channel or origin.channel
        unit, service = row.unit or its_unit, row.service or its_service
        profile = (row.sex, row.education, row.occupation)
        counted.add((grain_of(first_day), day, unit, service, channel, complete), profile, row.answers)
        comment = row.comment or None
        shared = (new_raw_id(), survey.code, unit, service, channel, day, origin.now, complete, row.answers, row.age)
        records.append(
            (*shared, *profile, comment, row.comment_about, row.respondent, origin.import_id, *_NOBODY, first_day)
        )
    return records


def _first_and_last(origin: Origin) -> tuple[date | None, date]:
    """The days between which a row was answered that tells none; without the first where it is one day."""
    days = origin.answered_on
    if days is None:
        raise ValueError("nobody told the day of a row")
    return days.first if days.first < days.last else None, days.last


async def copy(
    session: AsyncSession, records: Sequence[Record], *, schema: str = "survey_index", table: str = "responses"
) -> None:
    """Keeps responses; whoever calls this counts them as well."""
    connection = await (await session.connection()).get_raw_connection()
    driver = cast(Any, connection.driver_connection)
    await driver.copy_records_to_table(table, schema_name=schema, columns=_RESPONSE, records=records)


def _record(r: Response) -> Record:
    p = r.profile
    return (
        r.id,
        r.survey,
        r.unit,
        r.service,
        r.channel,
        r.day,
        r.answered_at,
        r.complete,
        r.answers,
        p.age,
        p.sex,
        p.education,
        p.occupation,
        r.comment,
        r.comment_about,
        r.respondent,
        r.import_id,
        r.invitation_id,
        r.response_key,
        r.interviewer_name,
        r.interviewer_nip,
        r.first_day,
    )


async def find_by_key(session: AsyncSession, survey: str, response_key: str) -> Response | None:
    """The response that this call, or this questionnaire, already gave. Holds its place until the commit."""
    await locks.hold(session, f"response {survey} {response_key}")
    result = await session.execute(
        text(f"SELECT {', '.join(_RESPONSE)} FROM survey_index.responses WHERE survey = :survey AND once = :once"),
        {"survey": survey, "once": response_key},
    )
    row = result.one_or_none()
    return _response(row) if row else None


async def read_responses(session: AsyncSession, survey: str, part: Part, *, limit: int) -> list[Response]:
    """The responses of a part of a survey, in the order in which they came, at most `limit`."""
    where, values = of_responses(part)
    result = await session.execute(
        text(f"""
        SELECT {", ".join(_RESPONSE)} FROM survey_index.responses
        WHERE survey = :survey {where} ORDER BY day, answered_at, id LIMIT :limit
        """),
        {"survey": survey, "limit": limit, **values},
    )
    return [_response(row) for row in result]


def _response(row: Row[Any]) -> Response:
    values = dict(row._mapping)
    values["response_key"] = values.pop("once")
    profile = Profile(*(values.pop(name) for name in ("age", "sex", "education", "occupation")))
    return Response(profile=profile, **values)


async def count_responses(session: AsyncSession, survey: str) -> int:
    number: int = await session.scalar(
        text("SELECT count(*) FROM survey_index.responses WHERE survey = :survey"), {"survey": survey}
    )
    return number
