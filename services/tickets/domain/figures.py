"""The figures of cases, made of counts: each with its definition, exactly (docs/domain.md, "Figures of cases")."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

Name = Literal["overview", "backlog", "sla", "channels", "topics", "agents", "fcr", "yearly"]
NAMES: tuple[Name, ...] = get_args(Name)
Value = int | Fraction | None
Counts = Mapping[str, int]
"""What cases counted for, what happened to them, and how many are `overdue`, each by its name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: how it is made of counts, what it means, and whether it is a share, which is shown as a percentage."""

    made_of: Callable[[Counts], Value]
    meaning: str
    is_share: bool = False


def _count(name: str, meaning: str) -> Figure:
    return Figure(lambda counts: counts.get(name, 0), meaning)


def _ratio(part: str, whole: str, meaning: str, *, is_share: bool = True) -> Figure:
    def exact(counts: Counts) -> Fraction | None:
        return Fraction(counts.get(part, 0), counts[whole]) if counts.get(whole) else None

    return Figure(exact, meaning, is_share)


FIGURES: Mapping[str, Figure] = {
    "opened": _count("opened", "cases that began in the span"),
    "resolved": _count("resolved", "cases that were resolved in the span and still are"),
    "reopened": _count("reopened", "times that a citizen opened a resolved case again in the span"),
    "escalated": _count("escalated", "times that a case went a level up in the span"),
    "open": _count("open", "cases that wait for us now"),
    "waiting": _count("waiting", "cases that wait for somebody else now"),
    "overdue": _count("overdue", "cases that are not resolved now, though they were due"),
    "first_replied": _count("first_replied", "cases that were answered for the first time in the span"),
    "average_first_reply_seconds": _ratio(
        "first_reply_seconds",
        "first_replied",
        "seconds from the filing to the first answer of an agent ÷ cases answered for the first time",
        is_share=False,
    ),
    "average_resolution_seconds": _ratio(
        "resolution_seconds", "resolved", "seconds from the filing to the resolution ÷ resolved", is_share=False
    ),
    "in_time": _count("in_time", "resolved by the moment when they were due"),
    "late": Figure(lambda counts: counts.get("resolved", 0) - counts.get("in_time", 0), "resolved after it"),
    "in_time_share": _ratio("in_time", "resolved", "resolved in time ÷ resolved"),
    "first_contact": _count("first_contact", "resolved after its citizen had come once; lines of one chat are one"),
    "fcr": _ratio("first_contact", "resolved", "resolved with the first contact ÷ resolved, across channels"),
    "completed": _count("completed", "of the cases that began in the span, those that are resolved now"),
    "completion": _ratio("completed", "opened", "completed ÷ opened"),
    "replies": _count("replied", "answers that the agent gave"),
    "resolutions": _count("resolved", "times that the agent resolved a case"),
    "escalations": _count("escalated", "times that the agent escalated a case"),
}
_OF_CASES = ("opened", "resolved", "average_first_reply_seconds", "average_resolution_seconds", "in_time_share", "fcr")
COLUMNS: Mapping[Name, tuple[str, ...]] = {
    "overview": ("opened", "resolved", "reopened", "escalated", *_OF_CASES[2:]),
    "backlog": ("open", "waiting", "overdue"),
    "sla": ("resolved", "in_time", "late", "in_time_share", "first_replied", "average_first_reply_seconds"),
    "channels": _OF_CASES,
    "topics": _OF_CASES,
    "agents": ("replies", "resolutions", "escalations"),
    "fcr": ("resolved", "first_contact", "fcr"),
    "yearly": ("opened", "completed", "completion"),
}
"""Which figures each report shows."""


def figures(name: Name, counts: Counts) -> dict[str, Value]:
    """The figures of a report."""
    return {column: FIGURES[column].made_of(counts) for column in COLUMNS[name]}


def definitions(name: Name) -> dict[str, str]:
    """What each figure of a report means."""
    return {column: FIGURES[column].meaning for column in COLUMNS[name]}
