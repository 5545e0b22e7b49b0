"""How the audit trail tells what happened."""

from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.happenings import (
    Alerted,
    Breached,
    DueSet,
    Escalated,
    Happened,
    NoticeFailed,
    NoticeSettled,
    Opened,
    PolicyChanged,
    Recomputed,
    Unrecognised,
    Warned,
    kind_of,
)

BOOTH = "booth"
"""Who did what a channel had done before it brought the case."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who did what to a ticket, and in `detail` what was said about it."""

    version: int
    actor: str
    verb: str
    detail: str
    at: datetime


def record_of(happened: Happened) -> Record:
    """The record of it."""
    verb, detail = _words(happened)
    return Record(happened.version, happened.actor, verb, detail, happened.at)


def _words(happened: Happened) -> tuple[str, str]:
    match happened.happening:
        case NoticeFailed(way=way, reason=reason, outcome=outcome, error=error):
            return f"notice_{outcome}", f"{way} about {reason}: {error}"
        case NoticeSettled(way=way, reason=reason, outcome=outcome):
            return f"notice_{outcome}", f"{way} about {reason}"
        case Opened(channel=channel, mention=mention):
            return "opened", f"{channel}, mentions {mention}" if mention else channel
        case Escalated() if happened.actor == BOOTH:  # there is but one level that it goes up to
            return "escalated", ""
        case Escalated(level=level, reason=reason):
            return "escalated", f"level {level}: {reason}" if reason else f"level {level}"
        case Warned(clock=clock, due_at=due_at) | Breached(clock=clock, due_at=due_at):
            return kind_of(happened.happening), f"{clock}, due {due_at.isoformat()}"
        case Alerted(clock=clock, step=step, unit=unit, role=role):
            return "alerted", f"{role} of {unit}: {clock}, step {step}"
        case DueSet(clock=clock, due_at=due_at, reason=reason):
            until = f"{clock} due {due_at.isoformat()}" if due_at else f"{clock} due by its policy"
            return "due_set", f"{until}: {reason}" if reason else until
        case PolicyChanged(policy=policy, version=version, before=before, before_version=before_version):
            return "policy_changed", f"{policy}, version {version}; before {before}, version {before_version}"
        case Recomputed(clock=clock, calendar=calendar, edition=edition, before=was, after=after):
            changed = f"{clock} due {after.isoformat()}, before {was.isoformat()}"
            return "recomputed", f"{changed}, by version {edition} of {calendar}"
        case Unrecognised(kind=kind, data=data):
            return kind, str(data.get("detail", ""))
        case happening:
            return kind_of(happening), ""
