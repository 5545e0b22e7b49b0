"""Who is given which case, and why: the one rule, without a clock or a database of its own.

The more urgent case comes first, and of those the one that waits longest. It goes to whom it can go to that has the
fewest open cases, and of those to who was given one longest ago. What can go to nobody waits, and says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from services.tickets.domain.roster import Agent, Unable, why_unable
from shared.errors import Conflict, FieldError

PRIORITIES = ("urgent", "high", "normal", "low")
Verdict = Literal["chosen", "has_more", Unable, "other_unit", "lacks_skill", "lacks_language", "full", "is_being_given"]
"""What spoke for somebody or against him. `has_more`: it could go to him, and went to one with fewer open cases, or who
was given one longer ago. `is_being_given`: just then he was given another one.
"""
_OF_A_PERSON = frozenset({"lacks_skill", "lacks_language"})
"""What a person may pass over who gives a case to somebody."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class CannotTake(Conflict):
    """The agent is not there, has as many open cases as he may, or may not work on cases of that unit."""

    code, title = "agent_cannot_take_it", "The agent cannot take the ticket now"
    fault = FieldError("assignee", "is given nothing now", "an agent of its unit who is there and has room")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that nobody has: what it asks of whoever takes it, and since when it waits."""

    id: UUID
    unit: str
    topic: str | None
    priority: str
    since: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """An agent, as he was looked at for a case: how many open cases he had, of how many, and what came of it."""

    agent: str
    verdict: Verdict
    load: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Placing:
    """A case, to whom it goes (None: it waits), and how each agent of its unit was looked at."""

    ticket_id: UUID
    agent: str | None
    looks: tuple[Look, ...]


_REFUSED: Mapping[Verdict, str] = {
    "may_not": "His role does not work on cases.",
    "other_unit": "He is of another unit than the ticket.",
    "offline": "He is offline.",
    "away": "He is away.",
    "lease_ended": "He has not said for a while that he is there.",
    "off_shift": "It is not his shift.",
    "full": "He has as many open cases as he may.",
}


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Cases in the order in which they are given."""
    return sorted(waiting, key=lambda case: (_rank(case.priority), case.since, case.id))


def _rank(priority: str) -> int:
    """One that only a newer release knows is as a normal one."""
    return PRIORITIES.index(priority if priority in PRIORITIES else "normal")


def why_not(agent: Agent, case: Waiting, load: int, now: datetime) -> Verdict | None:
    """What speaks against giving this case to this agent, who has `load` open ones; None if nothing does."""
    if case.unit not in agent.units:
        return "other_unit"
    unable = why_unable(agent, now)
    if unable:
        return unable
    if agent.skills and case.topic is not None and case.topic not in agent.skills:
        return "lacks_skill"
    if case.language is not None and case.language not in agent.languages:
        return "lacks_language"
    return "full" if load >= agent.capacity else None


def check_may_be_given(agent: Agent, case: Waiting, load: int, now: datetime) -> None:
    """Raises `CannotTake` where a person gives a case to whom it must not go. What he can is for that person to say."""
    verdict = why_not(agent, case, load, now)
    if verdict is not None and verdict not in _OF_A_PERSON:
        raise CannotTake(_REFUSED[verdict])


def place(
    waiting: Iterable[Waiting],
    agents: Sequence[Agent],
    loads: Mapping[str, int],
    now: datetime,
    *,
    busy: frozenset[str] = frozenset(),
) -> list[Placing]:
    """Where each case goes, in their order. Of `busy` agents nobody can say now how much they have."""
    known = {agent.subject: agent for agent in agents}
    open_cases = {subject: loads.get(subject, 0) for subject in known}
    placings = []
    for case in in_order(waiting):
        verdicts = {
            subject: why_not(agent, case, open_cases[subject], now) or ("is_being_given" if subject in busy else None)
            for subject, agent in known.items()
            if case.unit in agent.units
        }
        able = [known[subject] for subject, verdict in verdicts.items() if verdict is None]
        chosen = min(able, key=lambda agent: _turn(agent, open_cases), default=None)
        looks = _looks(verdicts, chosen, known, open_cases)
        placings.append(Placing(case.id, chosen.subject if chosen else None, looks))
        if chosen:
            open_cases[chosen.subject] += 1
            known[chosen.subject] = replace(chosen, last_given_at=now)
    return placings


def _turn(agent: Agent, open_cases: Mapping[str, int]) -> tuple[int, datetime, str]:
    """Whose turn it is, the smallest first."""
    return open_cases[agent.subject], agent.last_given_at or _NEVER, agent.subject


def _looks(
    verdicts: Mapping[str, Verdict | None],
    chosen: Agent | None,
    known: Mapping[str, Agent],
    open_cases: Mapping[str, int],
) -> tuple[Look, ...]:
    """How each was looked at, who got it first, and then by whose turn it would have been."""
    looks = [
        Look(
            subject,
            verdict or ("chosen" if chosen and subject == chosen.subject else "has_more"),
            open_cases[subject],
            known[subject].capacity,
        )
        for subject, verdict in verdicts.items()
    ]
    return tuple(sorted(looks, key=lambda look: (look.verdict != "chosen", look.verdict != "has_more", look.load)))
