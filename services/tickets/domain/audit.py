"""How the audit trail tells what happened."""

from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.happenings import (
    Escalated,
    Happened,
    Joined,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Unrecognised,
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
        case Joined(because=because, score=float(score)) | Reopened(because=because, score=float(score)):
            return kind_of(happened.happening), f"{score:.2f}: {', '.join(because)}"
        case Unrecognised(kind=kind, data=data):
            return kind, str(data.get("detail", ""))
        case happening:
            return kind_of(happening), ""
