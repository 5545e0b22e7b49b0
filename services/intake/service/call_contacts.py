"""Makes contacts of calls: of one who left a message or typed something, and of one who was passed on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Attachment, Utterance
from services.intake.models.calls import Call, CallKey, CallReport
from services.intake.models.raw import Raw
from services.intake.service.positions import opened
from services.intake.service.receive import Incoming, Receiver
from shared.events import Person
from shared.seal import Seal

CHANNEL = "call"


class CallContacts:
    """Makes a contact of each thing that was said in a call, once; all of one call is one conversation."""

    def __init__(self, *, receiver: Receiver, seal: Seal) -> None:
        self._receiver = receiver
        self._seal = seal

    async def make(
        self,
        session: AsyncSession,
        calls: Sequence[Call],
        reports: Mapping[CallKey, Sequence[CallReport]],
        now: datetime,
    ) -> list[Call]:
        """Makes the contacts that these calls give now. Answers the calls, with the tracking code of their case.

        What was typed of a call that has ended is forgotten here.
        """
        incoming = {
            call.key: [_incoming(call, each, now) for each in self._utterances(call, reports.get(call.key, ()))]
            for call in calls
        }
        made = await self._receiver.receive(session, [each for several in incoming.values() for each in several], now)
        codes = {(contact.client, contact.idempotency_key): contact.event.data.tracking_code for contact in made}
        return [
            replace(
                call,
                tracking_code=next(
                    (codes[each.key] for each in incoming[call.key] if each.key in codes), call.tracking_code
                ),
                position_sealed=None if call.status == "ended" else call.position_sealed,
            )
            for call in calls
        ]

    def _utterances(self, call: Call, reports: Sequence[CallReport]) -> Iterator[Utterance]:
        if call.is_consult or call.direction == "out":
            return
        if call.position_sealed and call.status != "menu":
            yield from self._typed(call, call.position_sealed)
        for one in reports:
            yield from (_recorded(call, reference) for reference in one.recordings)
        if any(event.kind == "transferred" for one in reports for event in one.events):
            yield _utterance(call, "passed on", "Panggilan telepon diteruskan oleh petugas.")

    def _typed(self, call: Call, position_sealed: str) -> Iterator[Utterance]:
        typed = opened(self._seal, position_sealed).typed
        if not typed:
            return
        number = typed.get("number")
        body = f"Nomor yang diketik penelepon: {number}" if number else "Penelepon mengetik nomor kartunya."
        yield replace(_utterance(call, "typed", body), programme_number=typed.get("programme_number"))


def _recorded(call: Call, reference: str) -> Utterance:
    recording = Attachment("pesan-suara", "audio/mpeg", reference=reference)
    return replace(_utterance(call, reference, f"Pesan suara: {reference}"), attachments=(recording,))


def _utterance(call: Call, what: str, body: str) -> Utterance:
    return Utterance(
        account=call.provider,
        external_id=f"{call.call_id} {what}",
        sender=call.caller,
        said_at=call.opened_at,
        body=body,
        subject="Panggilan telepon",
        citizen=Person(phone=call.party.phone),
        names=(call.call_id,),
        goes_on_with=(call.call_id,),
    )


def _incoming(call: Call, utterance: Utterance, now: datetime) -> Incoming:
    """The utterance as `receive` takes it. It was in no raw bytes: where it came from is the call."""
    came_from = Raw(call.id, CHANNEL, call.account, b"", {}, now, call.correlation_id)
    return Incoming(came_from, utterance)
