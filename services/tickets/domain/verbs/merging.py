"""Two cases become one, and two again; and lines of one become a case of their own.

Both cases are held when these are asked, in the order of their ids: of two merges in the same second the later one
finds what the first made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Merged, Opened, Split, Unmerged
from services.tickets.domain.merging import Merge, due_without
from services.tickets.domain.privacy import stricter
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.verbs.changing import change, happened, next_version, open_status
from services.tickets.domain.verbs.refusing import MergedAway, check_may
from shared.errors import Conflict, FieldError, Invalid
from shared.ids import new_id, new_tracking_code


class NotMerged(Conflict):
    """The ticket has never been merged: there is nothing to undo."""

    code, title = "not_merged", "The ticket was not merged"
    fault = FieldError("ticket_id", "was never merged", "a ticket that is merged")


class MergedMeanwhile(Conflict):
    """The ticket into which this one was merged was itself merged since: that is undone first."""

    code, title = "merged_meanwhile", "A later merge has to be undone first"


@dataclass(frozen=True, slots=True)
class Merging:
    """What becomes of both cases, and what is kept to undo it."""

    source: Change
    target: Change
    merge: Merge


def check_mergeable(source: Ticket, target: Ticket, root: UUID) -> None:
    """Raises what is wrong with merging one ticket into another, of which `root` is the ticket that goes on with it."""
    if source.id == target.id:
        fault = FieldError("into", "is this ticket itself", "the id of another ticket")
        raise Invalid("A ticket is merged into another.", errors=[fault])
    check_may(source, "merge")
    if root != target.id:
        fault = FieldError("into", "is merged itself", f"{root}, which goes on with it")
        raise MergedAway(f"That ticket was merged into {root}.", errors=[fault])
    check_may(target, "merge")


def merge(source: Case, target: Case, into_target: Sequence[Merge], act: Act) -> Merging:
    """The source goes on as the target, under the earlier deadline of the two. `into_target`: what is merged into that
    already.
    """
    check_mergeable(source.ticket, target.ticket, target.ticket.merged_into or target.ticket.id)
    own_due_at = into_target[0].own_due_at if into_target else target.resolution.due_at
    due_at = min(source.resolution.due_at, target.resolution.due_at)
    gone = next_version(source, status="merged", merged_into=target.ticket.id)
    is_awaited = source.ticket.status_category == "open" and target.ticket.status_category == "waiting"
    privacy = stricter(source.ticket.privacy, target.ticket.privacy)
    going_on = next_version(target, privacy=privacy, **({"status": open_status(target.ticket)} if is_awaited else {}))
    return Merging(
        change(source, gone, Merged(target.ticket.id, "source", due_at, source.ticket.status), act),
        change(target, going_on, Merged(source.ticket.id, "target", due_at), act),
        Merge(
            id=new_id(),
            source_id=source.ticket.id,
            target_id=target.ticket.id,
            source_due_at=source.resolution.due_at,
            own_due_at=own_due_at,
            merged_at=act.now,
            merged_by=act.actor,
        ),
    )


def unmerge(source: Case, target: Case, merged: Merge, into_target: Sequence[Merge], act: Act) -> Merging:
    """Both are as they were, but that the source is open: somebody has to look at what it is about."""
    check_may(source.ticket, "unmerge")
    if target.ticket.merged_into is not None:
        blocking = f"the merge of {target.ticket.id} into {target.ticket.merged_into}"
        fault = FieldError("ticket_id", "is held by a later merge", f"{blocking}, undone")
        raise MergedMeanwhile(f"Undo {blocking} first.", errors=[fault])
    back = next_version(source, status=open_status(source.ticket), merged_into=None)
    due_at = due_without(merged, into_target)
    return Merging(
        change(source, back, Unmerged(target.ticket.id, "source", merged.source_due_at, back.ticket.status), act),
        change(target, next_version(target), Unmerged(source.ticket.id, "target", due_at), act),
        replace(merged, unmerged_at=act.now),
    )


def split(case: Case, entries: Sequence[Entry], act: Act) -> tuple[Change, Change]:
    """Lines of a case become a new one, with a code of its own, under the same deadlines and of the same citizen.

    The line with which a case began stays in it; one at least of those that go is the citizen's own.
    """
    check_may(case.ticket, "split")
    contact_id, said_at = _beginning(case.ticket, entries)
    ticket = Ticket(
        id=new_id(),
        tracking_code=new_tracking_code(),
        contact_id=contact_id,
        chat_id=None,
        channel=case.ticket.channel,
        status="open",
        topic=case.ticket.topic,
        unit=case.ticket.unit,
        subject=case.ticket.subject,
        citizen_id=case.citizen.id,
        zone=case.ticket.zone,
        opened_at=said_at,
        correlation_id=act.trace.correlation_id,
        priority=case.ticket.priority,
        privacy=case.ticket.privacy,
    )
    ids = tuple(entry.id for entry in entries)
    clocks = tuple(replace(clock, ticket_id=ticket.id) for clock in case.clocks)
    new = Case(ticket, clocks, case.unit, case.citizen)
    what = (happened(new, Opened(ticket.channel), act), happened(new, Split(case.ticket.id, "new", ids), act))
    origin = change(case, next_version(case), Split(ticket.id, "origin", ids), act)
    return origin, Change(None, new, what, act.trace)


def _beginning(ticket: Ticket, entries: Sequence[Entry]) -> tuple[UUID, datetime]:
    """The contact with which a new case begins that has these lines, and when it was said. Raises `Invalid`."""
    for entry in entries:
        if entry.contact_id == ticket.contact_id or entry.said_to is not None:
            fault = FieldError("entry_ids", "cannot leave the case", "lines but the first, and none of a merged ticket")
            raise Invalid("One of the lines cannot become another case.", errors=[fault])
    for entry in sorted(entries, key=lambda entry: entry.at):
        if entry.contact_id is not None:
            return entry.contact_id, entry.at
    fault = FieldError("entry_ids", "have no line of the citizen", "at least one line that he said")
    raise Invalid("A case begins with what a citizen said.", errors=[fault])
