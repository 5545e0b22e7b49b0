"""The generic CTI dialect of Zammad: a PBX posts newCall, answer and hangup, with a token in the path."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.intake.channels.channel import NotGenuine
from services.intake.channels.signatures import is_one_of
from services.intake.domain.call_events import CallEvent, Direction
from services.intake.domain.callers import caller_of
from services.intake.models.calls import CallReport
from shared.errors import FieldError, Invalid

PROVIDER = "cti"
_NO_QUEUE = "cti"
_LONGEST = 64
Fields = Mapping[str, Sequence[str]]
"""What was sent, by its names; lists, and names such as `user[]`, have several values."""


class Cti:
    """Reads the events of a PBX. They carry no time: it is that of their coming."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens

    def authenticate(self, token: str) -> None:
        """Raises `NotGenuine` for any other token."""
        if not is_one_of(token, self._tokens):
            raise NotGenuine("The token in the path is not the one of this installation.")

    def report(self, fields: Fields, now: datetime) -> CallReport:
        """What an event tells. Raises `Invalid` where it says neither of which call it is nor what happened."""
        call_id = _first(fields, "callId", "call_id")
        direction = _direction(fields)
        ours, citizen = _first(fields, "to"), _first(fields, "from")
        if direction == "out":
            ours, citizen = citizen, ours
        if not call_id:
            raise _invalid("callId", "is missing", "what the PBX calls the call")
        queue = _first(fields, "queue") or ours or _NO_QUEUE
        return CallReport(
            PROVIDER,
            call_id,
            _events(fields, direction, queue, now),
            direction=direction,
            account=caller_of(ours).text,
            caller=caller_of(citizen),
        )


def _events(fields: Fields, direction: Direction, queue: str, now: datetime) -> tuple[CallEvent, ...]:
    agent = _first(fields, "user", "user[]", "caller", "caller[]")
    answering = _first(fields, "answeringNumber")
    cause = _first(fields, "cause")
    match _first(fields, "event"):
        case "newCall":
            opened = CallEvent("newCall", "opened", now)
            return (opened, CallEvent("newCall queue", "queued", now, queue)) if direction == "in" else (opened,)
        case "answer" if "voicemail" in (agent, answering):
            return (CallEvent("answer voicemail", "abandoned", now, queue, cause="voicemail"),)
        case "answer":
            return (CallEvent(f"answer {answering}", "answered", now, queue, agent or answering),)
        case "hangup" if cause == "forwarded":
            return CallEvent("forwarded", "forwarded", now, queue), CallEvent("hangup", "ended", now, cause=cause)
        case "hangup":
            return (CallEvent("hangup", "ended", now, queue if direction == "in" else "", cause=cause),)
    raise _invalid("event", "is not known", "newCall, answer or hangup")


def _direction(fields: Fields) -> Direction:
    match _first(fields, "direction"):
        case "in":
            return "in"
        case "out":
            return "out"
    raise _invalid("direction", "is not known", "in or out")


def _first(fields: Fields, *names: str) -> str:
    """The first value of the first of these names that has one."""
    values = (value for name in names for value in fields.get(name, ()))
    return next(values, "").encode("utf-8", "replace").decode().replace("\0", "").strip()[:_LONGEST]


def _invalid(field: str, message: str, expected: str) -> Invalid:
    return Invalid("That is no event of a call.", errors=[FieldError(field, message, expected)])
