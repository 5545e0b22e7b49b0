"""What telephone systems of others bring: Twilio, a PBX by the generic CTI dialect, and Asterisk's queue_log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.channels.asterisk import Asterisk
from services.intake.channels.channel import Webhook
from services.intake.channels.cti import Cti
from services.intake.channels.cti import Fields as CtiFields
from services.intake.channels.twilio import Fields, Twilio
from services.intake.domain.utterances import Unreadable
from services.intake.models.raw import Raw
from services.intake.repository import raw
from services.intake.service.calls import Calls
from services.intake.service.conversations import CallEnded, Conversations
from shared.errors import NotFound
from shared.events import Trace
from shared.ids import new_id
from shared.telemetry import log

System = TypeVar("System")


@dataclass(frozen=True, slots=True)
class Telephones:
    """The systems that may call; None for one that the settings do not open. Its verbs run in the caller's transaction.

    None of them is refused for what a caller is called, for a call that is not known, or for one that has ended.
    """

    calls: Calls
    conversations: Conversations
    opened_twilio: Twilio | None = None
    opened_cti: Cti | None = None
    opened_asterisk: Asterisk | None = None

    @property
    def twilio(self) -> Twilio:
        """Raises `NotFound` where it is not opened."""
        return _opened(self.opened_twilio)

    @property
    def cti(self) -> Cti:
        """Raises `NotFound` where it is not opened."""
        return _opened(self.opened_cti)

    @property
    def asterisk(self) -> Asterisk:
        """Raises `NotFound` where it is not opened."""
        return _opened(self.opened_asterisk)

    async def voice(self, session: AsyncSession, form: Fields, now: datetime, trace: Trace) -> str:
        """A call comes in by Twilio: the TwiML of what its caller hears."""
        call, turn = await self.conversations.open(session, self.twilio.opened(form, now), now, trace)
        return self.twilio.twiml(turn, call.turn)

    async def gather(self, session: AsyncSession, form: Fields, now: datetime, trace: Trace) -> str:
        """The caller typed, or said something after the tone: the TwiML of what he hears next."""
        recorded = self.twilio.recorded(form, now)
        if recorded.recordings:
            await self.calls.tell(session, [recorded], now, trace)
        digits, number = self.twilio.digits(form), self.twilio.turn_number(form)
        try:
            call, turn = await self.conversations.type(session, recorded.key, digits, now, trace, number)
        except NotFound:
            return await self.voice(session, form, now, trace)
        except CallEnded:
            return self.twilio.goodbye()
        return self.twilio.twiml(turn, call.turn)

    async def status(self, session: AsyncSession, form: Fields, now: datetime, trace: Trace) -> str:
        """What became of a call of Twilio's. TwiML, for a caller who has left a queue is still there."""
        await self.calls.tell(session, [self.twilio.status(form, now)], now, trace)
        return self.twilio.goodbye() if "QueueResult" in form else self.twilio.nothing()

    async def event(self, session: AsyncSession, fields: CtiFields, now: datetime, trace: Trace) -> None:
        """What a PBX tells of a call. Raises `Invalid` as `Cti.told`."""
        await self.calls.tell(session, [self.cti.report(fields, now)], now, trace)

    async def queue_log(
        self, session: AsyncSession, webhook: Webhook, now: datetime, trace: Trace
    ) -> tuple[int, Sequence[Unreadable]]:
        """Takes lines of a queue_log: how many told of calls, and those that nobody can read.

        Where there are such, all that was brought is kept with the reasons. Raises `Invalid` as `Asterisk.parse`.
        """
        reports, faults = self.asterisk.parse(webhook)
        if reports:
            await self.calls.tell(session, reports, now, trace)
        if faults:
            await _keep(session, webhook, faults, now, trace)
        return len(reports), faults


def _opened(system: System | None) -> System:
    if system is None:
        raise NotFound("There is no such channel.")
    return system


async def _keep(
    session: AsyncSession, webhook: Webhook, faults: Sequence[Unreadable], now: datetime, trace: Trace
) -> None:
    kept = Raw(
        id=new_id(),
        channel="call",
        account="asterisk",
        content=webhook.content,
        headers={"content-type": webhook.headers.get("content-type", "")},
        received_at=now,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
    )
    await raw.keep(session, [kept])
    await raw.mark_parsed(session, {kept.id: faults}, now)
    log.warning("queue_log.unreadable", raw_id=str(kept.id), count=len(faults))
