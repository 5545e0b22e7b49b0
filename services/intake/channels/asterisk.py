"""The queue_log of Asterisk: lines that tell of callers in queues, and who answered them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from services.intake.channels.channel import NotGenuine, Webhook
from services.intake.channels.signatures import is_one_of
from services.intake.domain.call_events import CallEvent, Kind
from services.intake.domain.callers import WITHHELD, Caller, caller_of
from services.intake.domain.utterances import Unreadable
from services.intake.models.calls import CallReport
from shared.errors import FieldError, Invalid

PROVIDER = "asterisk"
_NOBODY = frozenset({"NONE", "REALTIME", ""})
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class _Reader:
    """What an event of queue_log is, and at which of its further fields it says how long he waited, and talked."""

    kind: Kind
    waited: int | None = None
    talked: int | None = None
    cause: str = ""


_READERS = {
    "ENTERQUEUE": _Reader("queued"),
    "CONNECT": _Reader("answered", waited=0),
    "COMPLETECALLER": _Reader("ended", waited=0, talked=1, cause="caller"),
    "COMPLETEAGENT": _Reader("ended", waited=0, talked=1, cause="agent"),
    "ABANDON": _Reader("abandoned", waited=2),
    "EXITWITHTIMEOUT": _Reader("left", waited=2, cause="timeout"),
    "EXITEMPTY": _Reader("left", waited=2, cause="empty"),
    "EXITWITHKEY": _Reader("left", waited=3, cause="key"),
    "RINGNOANSWER": _Reader("rang_out"),
    "BLINDTRANSFER": _Reader("transferred", waited=2, talked=3),
    "ATTENDEDTRANSFER": _Reader("transferred"),
}
"""The events that say how a call goes on. Others are about agents, or about the log itself."""


class Asterisk:
    """Reads lines `unixtime|callid|queue|member|EVENT|…`, as a JSON array or as text."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens

    def authenticate(self, webhook: Webhook) -> None:
        """Raises `NotGenuine` unless `Authorization` has a token, with `Bearer` before it or without."""
        given = webhook.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not is_one_of(given, self._tokens):
            raise NotGenuine("The token in `Authorization` is not the one of this installation.")

    def parse(self, webhook: Webhook) -> tuple[list[CallReport], list[Unreadable]]:
        """What the lines tell, and those that cannot be read. Events of no call, or of no interest, tell nothing."""
        reports: list[CallReport] = []
        faults: list[Unreadable] = []
        for place, line in enumerate(_lines(webhook)):
            try:
                one = _report(line)
            except (ValueError, OverflowError, OSError) as error:
                faults.append(
                    Unreadable(f"lines[{place}]", f"{type(error).__name__}: time|callid|queue|member|EVENT|…")
                )
                continue
            if one:
                reports.append(one)
        return reports, faults


def _lines(webhook: Webhook) -> Sequence[object]:
    """The lines that were brought. Raises `Invalid` for JSON that is no array."""
    if webhook.headers.get("content-type", "").startswith("application/json"):
        try:
            lines = orjson.loads(webhook.content)
        except orjson.JSONDecodeError:
            lines = None
        if not isinstance(lines, list):
            fault = FieldError("body", "is no array of lines", "a JSON array of lines of queue_log, or lines of text")
            raise Invalid("The body cannot be read.", errors=[fault])
        return lines
    return [line for line in webhook.content.decode("utf-8", "replace").splitlines() if line.strip()]


def _report(line: object) -> CallReport | None:
    """What a line tells; None where it is about no call. Raises `ValueError` for what is no line."""
    if not isinstance(line, str) or "\0" in line:
        raise ValueError
    moment, call_id, queue, member, event, *more = line.encode("utf-8", "replace").decode().strip().split("|")
    at = datetime.fromtimestamp(float(moment), UTC)
    if event not in _READERS or call_id in _NOBODY:
        return None
    if max(len(call_id), len(queue), len(member)) > _LONGEST:
        raise ValueError
    reader = _READERS[event]
    key, place = f"{moment} {event} {queue} {member}", "" if queue in _NOBODY else queue
    agent = "" if member in _NOBODY else member
    if event == "ENTERQUEUE":
        opened = CallEvent("opened", "opened", at)
        return CallReport(PROVIDER, call_id, (opened, CallEvent(key, "queued", at, place)), caller=_caller(more))
    waited, talked = _seconds(more, reader.waited), _seconds(more, reader.talked)
    happened = CallEvent(key, reader.kind, at, place, agent, reader.cause, waited, talked)
    return CallReport(PROVIDER, call_id, (happened,))


def _caller(more: Sequence[str]) -> Caller:
    """The number of who enters a queue, behind the address that the queue was called with."""
    return caller_of(more[1]) if len(more) > 1 else WITHHELD


def _seconds(more: Sequence[str], place: int | None) -> int | None:
    """The seconds at a place of the further fields; None where there is no such number."""
    if place is None or len(more) <= place:
        return None
    text = more[place].strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
