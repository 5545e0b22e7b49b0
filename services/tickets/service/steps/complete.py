"""Does it answer what we asked for? What was asked and can be told by its form is learned of the citizen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen, Handle
from services.tickets.domain.completeness import InfoRequest, found_in, known_fields, receive_info
from services.tickets.repository import info_requests
from services.tickets.service.batch import Arrival, Batch
from services.tickets.service.steps.route import INTAKE
from shared.ids import new_id
from shared.seal import Seal
from shared.visibility import EVERYTHING


async def complete(session: AsyncSession, batch: Batch, seal: Seal) -> None:
    """Fills what citizens say of themselves with what they answer, in whichever of their lines it stands.

    Their first line after a question is its answer, whatever it says. A machine answers nothing.
    """
    requests = await info_requests.of_tickets(session, [case.ticket for case in batch.by_thread.values()])
    for arrival in batch.arrivals:
        case = batch.by_thread.get(arrival.thread)
        if case is not None and not arrival.contact.is_automatic:
            asked = [request for request in requests if request.ticket_id == case.ticket.id]
            _fill(arrival, case, asked, seal)
            requests = [request for request in requests if request not in arrival.answers] + [
                replace(request, answered_at=arrival.event.time) for request in arrival.answers
            ]
    batch.requests = requests


def answered(batch: Batch, changes: Sequence[Change]) -> Iterator[Change]:
    """That questions were answered, after all that the answers changed."""
    latest = {change.after.ticket.id: change.after for change in changes}
    for arrival in batch.arrivals:
        act = Act(INTAKE, arrival.event.trace, arrival.event.time, EVERYTHING)
        for request in arrival.answers:
            yield receive_info(latest[request.ticket_id], request, arrival.filled, act)


def _fill(arrival: Arrival, case: Case, requests: Sequence[InfoRequest], seal: Seal) -> None:
    asked = {name for request in requests for name in request.names} - known_fields(case.citizen)
    found = found_in(arrival.contact.body, asked)
    arrival.answers = [request for request in requests if request.answered_at is None]
    arrival.filled = sorted(found)
    arrival.introduced = _told(arrival.introduced, arrival, found, seal)


def _told(citizen: Citizen, arrival: Arrival, found: dict[str, str], seal: Seal) -> Citizen:
    said = [_handle(citizen, arrival, name, value, seal) for name, value in found.items()]
    kinds = {handle.kind for handle in said}
    return replace(citizen, handles=(*(handle for handle in citizen.handles if handle.kind not in kinds), *said))


def _handle(citizen: Citizen, arrival: Arrival, name: str, value: str, seal: Seal) -> Handle:
    at = arrival.contact.received_at
    match name:
        case "nik" | "programme_number":
            index = seal.index(name, value)
            return Handle(new_id(), citizen.id, name, None, seal.close(value), value[-4:], "said", at, index)
        case "email" | "phone":
            return Handle(new_id(), citizen.id, name, value, None, None, "said", at)
        case _:
            raise AssertionError(f"{name} is not told by its form")
