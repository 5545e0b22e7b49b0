"""Two citizens are one person, as a person says; and what of it can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.happenings import CitizenChanged, Happened
from shared.errors import Conflict, FieldError
from shared.ids import new_id


class MergedIntoItself(Conflict):
    """Nobody is merged into himself."""

    code, title = "same_citizen", "It is one citizen already"
    fault = FieldError("into", "is the same citizen", "another citizen")


class CitizenMerged(Conflict):
    """One of the two is merged into somebody: what would be done to him is to be done to that one."""

    code, title = "citizen_merged", "The citizen is merged into another"
    fault = FieldError("citizen_id", "is merged into another", "a citizen who is not: `merged_into` says who")


class NotMerged(Conflict):
    """There is nothing to undo."""

    code, title = "citizen_not_merged", "The citizen is not merged"
    fault = FieldError("citizen_id", "is not merged into anybody", "a citizen who is")


@dataclass(frozen=True, slots=True)
class CitizenMerge:
    """What moved from one citizen to another, by whom and why; and who moved it back, once somebody did."""

    id: UUID
    citizen_id: UUID
    into_id: UUID
    ticket_ids: Sequence[UUID]
    handle_ids: Sequence[UUID]
    reason: str
    merged_at: datetime
    merged_by: str


def check_mergeable(citizen: Citizen, into: Citizen) -> None:
    """Raises `MergedIntoItself` and `CitizenMerged`."""
    if citizen.id == into.id:
        raise MergedIntoItself("A citizen cannot be merged into himself.")
    for each in (citizen, into):
        if each.merged_into:
            raise CitizenMerged(f"{each.id} is merged into {each.merged_into}.")


def merge_of(citizen: Citizen, into: Citizen, cases: Sequence[Case], reason: str, act: Act) -> CitizenMerge:
    """Everything of one that becomes the other's."""
    tickets, handles = [case.ticket.id for case in cases], [handle.id for handle in citizen.handles]
    return CitizenMerge(new_id(), citizen.id, into.id, tickets, handles, reason, act.now, act.actor)


def belonging(cases: Sequence[Case], to: Citizen, act: Act) -> list[Change]:
    """These cases are another's now, and each says so in its trail."""
    return [_belonging(case, to, act) for case in cases]


def _belonging(case: Case, to: Citizen, act: Act) -> Change:
    ticket = replace(case.ticket, citizen_id=to.id, version=case.ticket.version + 1)
    happened = Happened(ticket.id, ticket.version, CitizenChanged(to.id), act.actor, act.now)
    return Change(case, replace(case, ticket=ticket, citizen=to), (happened,), act.trace)
