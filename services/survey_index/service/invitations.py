"""Asking: whose case has ended is asked once, if he is drawn, was not asked lately, and can be reached."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sampling import Draw, lot, to_invite
from services.survey_index.domain.scope import folded
from services.survey_index.models import Case, CaseOutcome, Invitation, Survey
from services.survey_index.repository import cases
from services.survey_index.repository import surveys as stored
from services.survey_index.service import surveys
from services.survey_index.service.links import Links, UnknownLink
from shared import outbox
from shared.errors import FieldError, NotFound, Refusal
from shared.events import InvitedData, Person, SurveyInvited, TicketResolved
from shared.ids import new_id
from shared.secret import Secrets


class InvitationExpired(Refusal):
    """The link was not answered in time."""

    status, code, title = 410, "invitation_expired", "This link is no longer valid"
    fault = FieldError("token", "has expired", "a link within its time")


class Invitations:
    """Invites, under the rules of the survey that resolved cases belong to."""

    def __init__(self, *, links: Links, secrets: Secrets, survey: str) -> None:
        self._links = links
        self._survey = survey
        self._secrets = secrets
        self._people = secrets.keys("people who were asked")

    async def invite(self, session: AsyncSession, events: Sequence[TicketResolved], now: datetime) -> None:
        """Puts each resolved case into the frame of its survey, and invites where the rules say so; each case once."""
        resolved: dict[UUID, TicketResolved] = {}
        for event in events:
            resolved.setdefault(event.data.ticket_id, event)
        await cases.lock_people(session, [mark for event in resolved.values() for mark in self._marks(event)])
        for survey, events_of_it in await self._frames(session, list(resolved.values()), now):
            await self._invite(session, survey, events_of_it, now)

    async def _frames(
        self, session: AsyncSession, events: Sequence[TicketResolved], now: datetime
    ) -> list[tuple[Survey, list[TicketResolved]]]:
        """Which survey each case belongs to: its unit's own that runs now, or else the installation's, which has
        successors.
        """
        general = await surveys.find(session, self._survey)
        units = {folded(name) for event in events for name in _names_of_unit(event)}
        own = await stored.surveys_of_units(session, units | {""}, now)
        successor = own.pop("", general)  # the newest that is for every unit
        if not general.takes(general.day_of(now)):
            general = successor
        frames: dict[str, tuple[Survey, list[TicketResolved]]] = {}
        for event in events:
            survey = next((own[unit] for unit in map(folded, _names_of_unit(event)) if unit in own), general)
            frames.setdefault(survey.code, (survey, []))[1].append(event)
        return [frames[code] for code in sorted(frames)]  # in one order, so that no two batches wait for each other

    async def _invite(
        self, session: AsyncSession, survey: Survey, events: Sequence[TicketResolved], now: datetime
    ) -> None:
        """Puts cases into the frame of one survey, and invites those whom its rules choose."""
        draw = await self._draw(session, survey)
        in_frame = await cases.in_frame(session, [event.data.ticket_id for event in events])
        marks = [(event, self._marks(event)) for event in events if event.data.ticket_id not in in_frame]
        since = now - timedelta(days=survey.recontact_days)
        every = [mark for _, marks_of_case in marks for mark in marks_of_case]
        asked_lately = await cases.invited_since(session, every, since) if survey.recontact_days else set()
        lately = {marks_of_case[0] for _, marks_of_case in marks if not asked_lately.isdisjoint(marks_of_case)}
        persons = [(event, marks_of_case[0] if marks_of_case else None) for event, marks_of_case in marks]
        frame, draw = self._decided(survey, persons, lately, draw, now)
        if draw is not None:
            await cases.save_draw(session, survey.code, draw)
        new = await cases.insert_cases(session, [case for _, case in frame])
        asked = [(event, case) for event, case in frame if case.ticket_id in new and case.outcome == "invited"]
        invitations = [_invitation(case, survey, now) for _, case in asked]
        await cases.insert_invitations(session, invitations)
        invitation_events = [
            self._invitation_event(i, event, survey, now) for i, (event, _) in zip(invitations, asked, strict=True)
        ]
        await outbox.add(session, "survey_index", invitation_events)

    def _decided(
        self,
        survey: Survey,
        persons: Sequence[tuple[TicketResolved, bytes | None]],
        lately: set[bytes],
        draw: Draw | None,
        now: datetime,
    ) -> tuple[list[tuple[TicketResolved, Case]], Draw | None]:
        """What becomes of each case, in the order in which they came, and how far the draw is then."""
        lots = self._secrets.key(f"lots of the survey {survey.code}")
        frame = []
        for event, person in persons:
            outcome = _outside(survey, event, now)
            if outcome is None:
                outcome = _unasked(person, lately)
                if draw is not None:
                    can_be_asked = outcome is None
                    is_drawn = can_be_asked and lot(lots, event.data.ticket_id) < draw.chance
                    draw = draw.after(can_be_asked=can_be_asked, is_drawn=is_drawn)
                    outcome = outcome or (None if is_drawn else "not_drawn")
            if outcome is None and person is not None and survey.recontact_days:
                lately.add(person)
            frame.append((event, _case(event, survey, person, outcome or "invited", now)))
        return frame, draw

    async def _draw(self, session: AsyncSession, survey: Survey) -> Draw | None:
        """How far the survey's sample is drawn, held until the end of the transaction; None where all are asked."""
        if survey.selection != "simple_random" or survey.population is None:
            return None
        size = to_invite(survey.population, survey.response_percent)
        draw = await cases.lock_draw(session, survey.code)
        return Draw(survey.population, size, draw.seen, draw.reached, draw.drawn)

    def _marks(self, event: TicketResolved) -> list[bytes]:
        """Marks by which the same address is known again, and from which it cannot be read: one of each secret, that
        of the newest first, which is kept. None where there is no address.
        """
        address = event.data.citizen.email or event.data.citizen.phone
        if not address:
            return []
        return [hmac.digest(key, address.casefold().encode(), hashlib.sha256) for key in self._people]

    def _invitation_event(
        self, invitation: Invitation, event: TicketResolved, survey: Survey, now: datetime
    ) -> SurveyInvited:
        data = InvitedData(
            invitation_id=invitation.id,
            survey=survey.code,
            ticket_id=invitation.ticket_id,
            tracking_code=invitation.tracking_code,
            link=self._links.link(invitation.id),
            expires_at=invitation.expires_at,
            zone=survey.zone,
            citizen=event.data.citizen if event.data.privacy == "none" else _unnamed(event.data.citizen),
        )
        return SurveyInvited.of(data, subject=invitation.ticket_id, now=now, trace=event.trace)


def _unnamed(citizen: Person) -> Person:
    """Of whom it is hidden who he is: where to reach him, and no name to greet him by."""
    return citizen.model_copy(update={"name": None})


async def forget(session: AsyncSession, ticket_id: UUID) -> None:
    """Erases who it was that a case belonged to (UU 27/2022). Every figure stays. Raises `NotFound`."""
    if not await cases.forget_ticket(session, ticket_id):
        raise NotFound("There is no such case.", errors=[FieldError("ticket_id", "is not known", "a resolved case")])


async def opened_by(
    session: AsyncSession, links: Links, token: str, now: datetime, *, hold: bool = False
) -> tuple[Invitation, Survey]:
    """The invitation that `token` opens. Raises `UnknownLink`, `InvitationExpired`, `SurveyClosed`."""
    invitation_id = links.read(token)
    get_invitation = cases.lock_invitation if hold else cases.get_invitation
    invitation = await get_invitation(session, invitation_id)
    if invitation is None:
        raise UnknownLink
    survey = await surveys.find(session, invitation.survey, hold=hold)
    if invitation.used_at is None:
        if now > invitation.expires_at:
            raise InvitationExpired("The time to answer has passed. Thank you all the same.")
        if not survey.takes(survey.day_of(now)):
            raise surveys.SurveyClosed("The survey has ended. Thank you all the same.")
    return invitation, survey


def _names_of_unit(event: TicketResolved) -> tuple[str, str]:
    """How a survey may call the unit that handled a case: by its name, or by its slug."""
    return event.data.handled_by, event.data.unit


def _unit_in(survey: Survey, event: TicketResolved) -> str | None:
    """The unit that handled a case, by the name under which the survey knows it; None if it is not the survey's."""
    return next((name for name in _names_of_unit(event) if survey.scope.find("unit", name) is not None), None)


def _outside(survey: Survey, event: TicketResolved, now: datetime) -> CaseOutcome | None:
    """Why a case is no part of what the survey asks about; None if it is."""
    if _unit_in(survey, event) is None:
        return "other_unit"
    if survey.selection == "nobody":
        return "nobody_is_asked"
    return None if survey.takes(survey.day_of(now)) else "not_running"


def _unasked(person: bytes | None, lately: Collection[bytes]) -> CaseOutcome | None:
    """Why somebody cannot be asked; None if he can."""
    if person is None:
        return "no_address"
    return "asked_recently" if person in lately else None


def _case(event: TicketResolved, survey: Survey, person: bytes | None, outcome: CaseOutcome, now: datetime) -> Case:
    data = event.data
    unit = _unit_in(survey, event) or data.handled_by
    return Case(data.ticket_id, survey.code, data.tracking_code, unit, data.channel, now, person, outcome)


def _invitation(case: Case, survey: Survey, now: datetime) -> Invitation:
    return Invitation(
        id=new_id(),
        survey=survey.code,
        ticket_id=case.ticket_id,
        tracking_code=case.tracking_code,
        unit=case.unit,
        channel=case.channel,
        issued_at=now,
        expires_at=survey.answered_until(now),
    )
