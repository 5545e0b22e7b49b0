"""Nobody sees what is not his: every read of the repository says for whom it reads, or begins at what was read so."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_type_hints
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.domain.ticket import Ticket
from shared.visibility import Visibility

SAYS_FOR_WHOM = {Visibility, Ticket, Sequence[Ticket]}
OF_NO_CASE = {"matching_rules", "topics", "topic_models", "units", "plans", "calendars", "policies", "escalation"} | {
    "erasure",
    "roster",
}
"""What is no case and of no case: topics and their models, policies, calendars, units, whom to tell in them and who
works there. What is erased of a citizen is so whoever sees it."""
WRITES = (
    *(
        "insert",
        "update",
        "update_answered",
        "keep",
        "keep_handles",
        "add",
        "move",
        "remove",
        "undo",
        "decide",
        "withdraw",
    ),
    *("add_deeds", "replace", "hold_names", "hold_chats", "read_page"),
)
"""What writes, what holds what has no row, and what `pages` reads for the files beside it, from a ticket."""
OWED = (
    *("uncounted", "unfindable", "keep", "due_tickets", "due_of", "fired", "next_due", "stale_tickets"),
    *("hold_waiting", "ids_of", "loads", "last"),
)
"""Ids, moments and numbers for sweeps, for the keeper of the clocks and for who gives out cases: they read the cases by
`cases.lock`.
"""


def reads() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function that reads of cases, by its name."""
    for module in iter_modules(repository.__path__):
        if module.name not in OF_NO_CASE:
            found = import_module(f"{repository.__name__}.{module.name}")
            for name, function in inspect.getmembers(found, inspect.iscoroutinefunction):
                if function.__module__ == found.__name__ and not name.startswith("_") and name not in (*WRITES, *OWED):
                    yield f"{module.name}.{name}", function


def says_for_whom(function: Callable[..., Any]) -> bool:
    hints = get_type_hints(function)
    return any(hints.get(name) in SAYS_FOR_WHOM for name in inspect.signature(function).parameters)


async def read_of_anybody(session: AsyncSession, ticket_id: UUID) -> None:
    """A read as none may be."""


def test_read_says_for_whom_it_reads() -> None:
    found = dict(reads())
    assert {"tickets.get", "tickets.page", "cases.lock", "entries.of_ticket", "clocks.load"} <= found.keys()
    assert [name for name, function in found.items() if not says_for_whom(function)] == []


def test_read_that_does_not_say_for_whom_is_found() -> None:
    assert not says_for_whom(read_of_anybody)
