"""Which contacts go on with a case, and which begin one."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from services.tickets.domain.ticket import Ticket


def thread_of(ticket: Ticket) -> UUID:
    """The thread of a ticket, as contacts know it: its chat, or the ticket itself where it came by none."""
    return ticket.chat_id or ticket.id


def going_on(threads: Sequence[UUID | None], threads_with_case: Collection[UUID]) -> Iterator[bool]:
    """For each contact, given by its thread, whether that has a case: it is one of `threads_with_case`, or a contact
    before it begins one. A contact of no thread begins a case.
    """
    begun = set(threads_with_case)
    for thread in threads:
        yield thread in begun
        if thread:
            begun.add(thread)
