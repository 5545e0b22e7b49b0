"""How the audit trail tells what happened."""

from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.happenings import (
    Alerted,
    Assigned,
    Breached,
    Claimed,
    Closed,
    DueSet,
    Escalated,
    Forwarded,
    Happened,
    Held,
    InfoReceived,
    InfoRequested,
    Joined,
    Linked,
    Merged,
    NoticeFailed,
    NoticeSettled,
    Opened,
    PolicyChanged,
    Prioritised,
    PrivacySet,
    Recomputed,
    Rejected,
    Reopened,
    ReopenedByAgent,
    Split,
    Unassigned,
    Unmerged,
    Unrecognised,
    Warned,
    kind_of,
)

BOOTH = "booth"
"""Who did what a channel had done before it brought the case."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who did what to a ticket, from where, and in `detail` what was said about it."""

    version: int
    actor: str
    verb: str
    detail: str
    at: datetime
    origin: str = ""


def record_of(happened: Happened) -> Record:
    """The record of it."""
    verb, detail = _words(happened)
    return Record(happened.version, happened.actor, verb, detail, happened.at, happened.origin)


def _words(happened: Happened) -> tuple[str, str]:
    match happened.happening:
        case NoticeFailed(way=way, reason=reason, outcome=outcome, error=error):
            return f"notice_{outcome}", f"{way} about {reason}: {error}"
        case NoticeSettled(way=way, reason=reason, outcome=outcome):
            return f"notice_{outcome}", f"{way} about {reason}"
        case Opened() as opened:
            return "opened", _opening(opened)
        case Escalated() if happened.actor == BOOTH:  # there is but one level that it goes up to
            return "escalated", ""
        case Escalated(level=level, reason=reason):
            return "escalated", f"level {level}: {reason}" if reason else f"level {level}"
        case Assigned(assignee=assignee, before=before, because=because):
            return "assigned", _because(f"{before} → {assignee}" if before else assignee, because)
        case Claimed(assignee=assignee):
            return "claimed", assignee
        case Unassigned(before=before, because=because):
            return "unassigned", _because(before, because)
        case Held(until=until, reason=reason):
            return "held", _because(f"until {until.isoformat()}", reason)
        case Forwarded(to=to):
            return "forwarded", to
        case Closed(reason=reason) | Rejected(reason=reason) | ReopenedByAgent(reason=reason):
            return kind_of(happened.happening), reason
        case Prioritised(before=before, after=after) | PrivacySet(before=before, after=after):
            return kind_of(happened.happening), f"{before} → {after}"
        case Merged(other=other, role=role):
            return "merged", f"{'into' if role == 'source' else 'with'} {other}"
        case Unmerged(other=other):
            return "unmerged", f"from {other}"
        case Split(other=other, role=role):
            return "split", f"{'into' if role == 'origin' else 'from'} {other}"
        case Linked(other=other):
            return "linked", str(other)
        case InfoRequested(fields=fields, is_reminder=True):
            return "info_requested", _because("reminder", ", ".join(fields))
        case InfoRequested(fields=fields) | InfoReceived(fields=fields):
            return kind_of(happened.happening), ", ".join(fields)
        case Warned(clock=clock, due_at=due_at) | Breached(clock=clock, due_at=due_at):
            return kind_of(happened.happening), f"{clock}, due {due_at.isoformat()}"
        case Alerted(clock=clock, step=step, unit=unit, role=role):
            return "alerted", f"{role} of {unit}: {clock}, step {step}"
        case DueSet(clock=clock, due_at=fixed_at, reason=reason):
            due = f"{clock} due {fixed_at.isoformat()}" if fixed_at else f"{clock} due by its policy"
            return "due_set", _because(due, reason)
        case PolicyChanged(policy=policy, version=version, before=before, before_version=before_version):
            return "policy_changed", f"{policy}, version {version}; before {before}, version {before_version}"
        case Recomputed(clock=clock, calendar=calendar, edition=edition, before=was, after=after):
            changed = f"{clock} due {after.isoformat()}, before {was.isoformat()}"
            return "recomputed", f"{changed}, by version {edition} of {calendar}"
        case Joined(because=because, score=float(score)) | Reopened(because=because, score=float(score)):
            return kind_of(happened.happening), f"{score:.2f}: {', '.join(because)}"
        case Unrecognised(kind=kind, data=data):
            return kind, str(data.get("detail", ""))
        case happening:
            return kind_of(happening), ""


def _because(what: str, reason: str) -> str:
    return f"{what}: {reason}" if reason else what


def _opening(opened: Opened) -> str:
    told = [opened.channel]
    if opened.mention:
        told.append(f"mentions {opened.mention}")
    if opened.because:
        told.append(f"because of: {'; '.join(opened.because)} ({opened.confidence:.0%})")
    return ", ".join(told)
