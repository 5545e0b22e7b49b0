"""Asking, taking answers, importing them, and the figures on demand."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index import repository
from services.survey_index.domain import nps as nps_rules
from services.survey_index.domain.editions import DEFAULT_EDITION
from services.survey_index.domain.instruments import HIGHEST, LOWEST, Instrument, instruments
from services.survey_index.domain.nps import Nps, nps
from services.survey_index.domain.sheet import NPS, question_of, read_csv, read_mapping
from services.survey_index.domain.skm import Index, Missing, Weighting, skm
from services.survey_index.models import Invitation, Response, Survey
from services.survey_index.service.links import Links, UnknownLink
from shared import outbox
from shared.errors import Conflict, FieldError, Invalid, NotFound, Refusal
from shared.events import InvitedData, SurveyInvited, TicketResolved
from shared.ids import new_id

DEFAULT_INSTRUMENT = "skm14_2017"
DEFAULT_ZONE = "Asia/Jakarta"
_ROWS_A_STATEMENT = 5_000


class AlreadyAnswered(Conflict):
    """A link is answered once."""

    code, title = "already_answered", "This link was answered before"


class InvitationExpired(Refusal):
    """The link was not answered in time."""

    status, code, title = 410, "invitation_expired", "This link is no longer valid"


class OtherMapping(Conflict):
    """The same file was imported before with its columns read in another way, or for another day."""

    code, title = "imported_otherwise", "This file was imported before, in another way"


@dataclass(frozen=True, slots=True)
class Imported:
    import_id: UUID
    rows: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """For which part of a survey a figure is wanted, and by which rule."""

    survey: str
    first: date | None = None
    last: date | None = None
    edition: str | None = None
    weighting: Weighting = "exact"
    missing: Missing | None = None


async def invite(
    session: AsyncSession,
    events: Sequence[TicketResolved],
    *,
    links: Links,
    survey_code: str,
    valid_for: timedelta,
    now: datetime,
) -> None:
    """Invites each citizen whose case was settled, once for each case, if there is a way to reach him."""
    survey = await find(session, survey_code)
    by_id = {}
    for event in events:
        if event.data.citizen.email or event.data.citizen.phone:
            invitation = Invitation(
                id=new_id(),
                survey=survey.code,
                ticket_id=event.data.ticket_id,
                tracking_code=event.data.tracking_code,
                unit=event.data.unit,
                channel=event.data.channel,
                issued_at=now,
                expires_at=now + valid_for,
            )
            by_id[invitation.id] = (invitation, event)
    new = await repository.insert_invitations(session, [invitation for invitation, _ in by_id.values()])
    invited = [_invited(*by_id[id_], links, survey, now) for id_ in by_id if id_ in new]
    await outbox.add(session, "survey_index", invited)


def _invited(
    invitation: Invitation, event: TicketResolved, links: Links, survey: Survey, now: datetime
) -> SurveyInvited:
    data = InvitedData(
        invitation_id=invitation.id,
        survey=survey.code,
        ticket_id=invitation.ticket_id,
        tracking_code=invitation.tracking_code,
        link=links.link(invitation.id),
        expires_at=invitation.expires_at,
        zone=survey.zone,
        citizen=event.data.citizen,
    )
    return SurveyInvited.of(data, subject=invitation.ticket_id, now=now, correlation_id=event.correlationid)


async def find(session: AsyncSession, code: str) -> Survey:
    """The survey called `code`. Raises `NotFound`."""
    survey = await repository.get_survey(session, code)
    if survey is None:
        expected = "the code of a survey that was run or imported"
        raise NotFound("There is no such survey.", errors=[FieldError("survey", "is not known", expected)])
    return survey


async def opened_by(
    session: AsyncSession, links: Links, token: str, now: datetime, *, hold: bool = False
) -> tuple[Invitation, Survey]:
    """The invitation that `token` opens. Raises `UnknownLink`, `InvitationExpired`."""
    invitation_id = links.read(token)
    look = repository.lock_invitation if hold else repository.get_invitation
    invitation = await look(session, invitation_id)
    if invitation is None:
        raise UnknownLink
    if invitation.used_at is None and now >= invitation.expires_at:
        raise InvitationExpired("The time to answer has passed. Thank you all the same.")
    return invitation, await find(session, invitation.survey)


async def answer(
    session: AsyncSession,
    links: Links,
    token: str,
    answers: Mapping[str, int | None],
    nps_value: int | None,
    comment: str | None,
    now: datetime,
) -> Response:
    """Takes the answers to an invitation. Raises `UnknownLink`, `InvitationExpired`, `AlreadyAnswered`, `Invalid`."""
    invitation, survey = await opened_by(session, links, token, now, hold=True)
    if invitation.used_at is not None:
        raise AlreadyAnswered("Your answer was counted. A link counts once.")
    instrument = instruments()[survey.instrument]
    filled = _checked(answers, instrument)
    if nps_value is not None:
        filled[NPS] = _checked_nps(nps_value)
    if not filled:
        expected = f"a value from {LOWEST} to {HIGHEST} for at least one of: {', '.join(instrument.slugs)}"
        raise Invalid("Nothing was answered.", errors=[FieldError("answers", "is empty", expected)])
    response = Response(
        id=new_id(),
        survey=survey.code,
        unit=invitation.unit,
        service="",
        channel=invitation.channel,
        day=now.astimezone(ZoneInfo(survey.zone)).date(),
        answered_at=now,
        complete=all(slug in filled for slug in instrument.slugs),
        answers=filled,
        comment=comment,
        invitation_id=invitation.id,
    )
    await repository.insert_responses(session, [response])
    await repository.use_invitation(session, invitation.id, now)
    return response


def _checked(answers: Mapping[str, int | None], instrument: Instrument) -> dict[str, int]:
    filled, faults = {}, []
    for name, value in answers.items():
        slug = question_of(name, instrument, {})
        if slug is None or slug == NPS:
            expected = f"one of: {', '.join(instrument.slugs)}"
            faults.append(FieldError("answers", "has an element that this survey does not ask", expected))
        elif slug in filled:
            faults.append(FieldError(f"answers.{slug}", "is answered twice", "one value for each element"))
        elif value is not None and not LOWEST <= value <= HIGHEST:
            expected = f"a whole number from {LOWEST} to {HIGHEST}, or nothing"
            faults.append(FieldError(f"answers.{slug}", "is not on the scale", expected))
        elif value is not None:
            filled[slug] = value
    if faults:
        raise Invalid("Some answers cannot be counted.", errors=faults)
    return filled


def _checked_nps(value: int) -> int:
    if not nps_rules.LOWEST <= value <= nps_rules.HIGHEST:
        expected = f"a whole number from {nps_rules.LOWEST} to {nps_rules.HIGHEST}"
        raise Invalid("The score cannot be counted.", errors=[FieldError("nps", "is not on the scale", expected)])
    return value


async def import_csv(
    session: AsyncSession,
    code: str,
    content: bytes,
    *,
    mapping: str | None,
    answered_on: date | None,
    channel: str,
    actor: str,
    now: datetime,
) -> Imported:
    """Imports a file of answers, all of it or nothing; a survey that is not known yet begins with it.

    The same file is counted once for a survey, however often it is sent. Raises `Invalid` with row and column of
    each fault, and `OtherMapping`.
    """
    title = code.replace("-", " ")
    survey = Survey(code, title, DEFAULT_INSTRUMENT, DEFAULT_EDITION, "per_question", DEFAULT_ZONE)
    survey = await repository.get_survey(session, code) or survey
    instrument = instruments()[survey.instrument]
    columns, faults = read_mapping(mapping, instrument)
    sheet = await asyncio.to_thread(read_csv, content, instrument, columns) if not faults else None
    faults = faults or (sheet.faults if sheet else [])
    if sheet is None or faults:
        raise Invalid("The file has faults; nothing of it was imported.", errors=faults)
    await repository.insert_survey(session, survey, now)
    import_id, sha = new_id(), hashlib.sha256(content).hexdigest()
    usual = instrument.by_position()
    differs = sorted((column.upper(), slug) for column, slug in columns.items() if usual.get(column.upper()) != slug)
    understood = ",".join([f"{column}:{slug}" for column, slug in differs] + [str(answered_on or "")])
    new = await repository.insert_import(
        session,
        import_id=import_id,
        survey=code,
        file_sha256=sha,
        mapping=understood,
        rows=len(sheet.rows),
        imported_by=actor,
        now=now,
    )
    if not new:
        before = await repository.find_import(session, code, sha)
        if before.mapping != understood:
            raise OtherMapping("Its columns were read in another way then, or it was for another day.")
        return Imported(before.id, before.rows, repeated=True)
    day = answered_on or now.astimezone(ZoneInfo(survey.zone)).date()
    for start in range(0, len(sheet.rows), _ROWS_A_STATEMENT):
        responses = [
            Response(
                id=new_id(),
                survey=code,
                unit="",
                service="",
                channel=channel,
                day=day,
                answered_at=now,
                complete=all(slug in row.answers for slug in instrument.slugs),
                answers=row.answers,
                respondent=row.respondent,
                import_id=import_id,
            )
            for row in sheet.rows[start : start + _ROWS_A_STATEMENT]
        ]
        await repository.insert_responses(session, responses)
    return Imported(import_id, len(sheet.rows), repeated=False)


async def skm_of(session: AsyncSession, asked: Asked) -> tuple[Survey, Index]:
    """The satisfaction index that is asked for. Raises `NotFound`."""
    survey = await find(session, asked.survey)
    missing = asked.missing or survey.missing
    tallies = await repository.read_tallies(
        session, survey.code, first=asked.first, last=asked.last, complete_only=missing == "complete_rows"
    )
    index = skm(
        tallies.counts,
        tallies.n,
        instruments()[survey.instrument],
        edition=asked.edition or survey.edition,
        weighting=asked.weighting,
    )
    return survey, index


async def nps_of(session: AsyncSession, asked: Asked) -> Nps:
    """The NPS that is asked for. Raises `NotFound`."""
    survey = await find(session, asked.survey)
    tallies = await repository.read_tallies(session, survey.code, first=asked.first, last=asked.last)
    return nps(tallies.counts.get(NPS, {}))
