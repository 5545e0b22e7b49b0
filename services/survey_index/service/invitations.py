"""Asking: whose case has ended is asked once, if he is drawn, was not asked lately, and can be reached."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sampling import lot, rate
from services.survey_index.models import Case, CaseOutcome, Invitation, Survey
from services.survey_index.repository import cases
from services.survey_index.service import surveys
from services.survey_index.service.links import Links, UnknownLink
from shared import outbox
from shared.errors import FieldError, NotFound, Refusal
from shared.events import InvitedData, SurveyInvited, TicketResolved
from shared.ids import new_id
from shared.seal import derive_key


class InvitationExpired(Refusal):
    """The link was not answered in time."""

    status, code, title = 410, "invitation_expired", "This link is no longer valid"


class Invitations:
    """Invites, under the rules of the survey that settled cases belong to."""

    def __init__(self, *, links: Links, secret: str, survey: str) -> None:
        self._links = links
        self._survey = survey
        self._people = derive_key(secret, "people who were asked")
        self._lots = derive_key(secret, f"lots of the survey {survey}")

    async def invite(self, session: AsyncSession, events: Sequence[TicketResolved], now: datetime) -> None:
        """Puts each settled case into the frame, and invites where the rules say so; each case once."""
        survey = await surveys.find(session, self._survey)
        people = {event.data.ticket_id: self._person(event) for event in events}
        marks = [person for person in people.values() if person is not None]
        await cases.lock_people(session, marks)
        is_running = survey.takes(survey.day_of(now))
        since = now - timedelta(days=survey.recontact_days)
        lately = await cases.asked_since(session, marks, since) if survey.recontact_days else set()
        share = rate(survey.population, survey.response_percent) if survey.selection == "simple_random" else Fraction(1)
        frame: dict[UUID, tuple[Case, TicketResolved]] = {}
        for event in events:
            if event.data.ticket_id in frame:
                continue
            person = people[event.data.ticket_id]
            is_drawn = lot(self._lots, event.data.ticket_id) < share
            outcome = _outcome(is_running, person, is_drawn, lately)
            frame[event.data.ticket_id] = (_case(event, survey, person, outcome, now), event)
            if outcome == "invited" and person is not None and survey.recontact_days:
                lately.add(person)
        new = await cases.insert_cases(session, [case for case, _ in frame.values()])
        drawn = [(case, event) for id_, (case, event) in frame.items() if id_ in new and case.outcome == "invited"]
        invitations = [_invitation(case, survey, now) for case, _ in drawn]
        await cases.insert_invitations(session, invitations)
        told = [self._told(i, event, survey, now) for i, (_, event) in zip(invitations, drawn, strict=True)]
        await outbox.add(session, "survey_index", told)

    def _person(self, event: TicketResolved) -> bytes | None:
        """A mark by which the same address is known again, and from which it cannot be read."""
        address = event.data.citizen.email or event.data.citizen.phone
        return hmac.digest(self._people, address.casefold().encode(), hashlib.sha256) if address else None

    def _told(self, invitation: Invitation, event: TicketResolved, survey: Survey, now: datetime) -> SurveyInvited:
        data = InvitedData(
            invitation_id=invitation.id,
            survey=survey.code,
            ticket_id=invitation.ticket_id,
            tracking_code=invitation.tracking_code,
            link=self._links.link(invitation.id),
            expires_at=invitation.expires_at,
            zone=survey.zone,
            citizen=event.data.citizen,
        )
        return SurveyInvited.of(data, subject=invitation.ticket_id, now=now, correlation_id=event.correlationid)


async def forget(session: AsyncSession, ticket_id: UUID) -> None:
    """Erases who it was that a case belonged to (UU 27/2022). Every figure stays. Raises `NotFound`."""
    if not await cases.forget_ticket(session, ticket_id):
        raise NotFound("There is no such case.", errors=[FieldError("ticket_id", "is not known", "a settled case")])


async def opened_by(
    session: AsyncSession, links: Links, token: str, now: datetime, *, hold: bool = False
) -> tuple[Invitation, Survey]:
    """The invitation that `token` opens. Raises `UnknownLink`, `InvitationExpired`, `SurveyClosed`."""
    invitation_id = links.read(token)
    look = cases.lock_invitation if hold else cases.get_invitation
    invitation = await look(session, invitation_id)
    if invitation is None:
        raise UnknownLink
    survey = await surveys.find(session, invitation.survey, hold=hold)
    if invitation.used_at is None:
        if now >= invitation.expires_at:
            raise InvitationExpired("The time to answer has passed. Thank you all the same.")
        if not survey.takes(survey.day_of(now)):
            raise surveys.SurveyClosed("The survey has ended. Thank you all the same.")
    return invitation, survey


def _outcome(is_running: bool, person: bytes | None, is_drawn: bool, lately: set[bytes]) -> CaseOutcome:
    if not is_running:
        return "not_running"
    if person is None:
        return "no_address"
    if not is_drawn:
        return "not_drawn"
    return "asked_recently" if person in lately else "invited"


def _case(event: TicketResolved, survey: Survey, person: bytes | None, outcome: CaseOutcome, now: datetime) -> Case:
    data = event.data
    return Case(data.ticket_id, survey.code, data.tracking_code, data.unit, data.channel, now, person, outcome)


def _invitation(case: Case, survey: Survey, now: datetime) -> Invitation:
    return Invitation(
        id=new_id(),
        survey=survey.code,
        ticket_id=case.ticket_id,
        tracking_code=case.tracking_code,
        unit=case.unit,
        channel=case.channel,
        issued_at=now,
        expires_at=now + timedelta(days=survey.invitation_days),
    )
