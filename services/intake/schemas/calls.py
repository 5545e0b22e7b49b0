"""A call, as our own dialect tells of it, and what its caller hears."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from shared.http import Model, example
from shared.text import OneLine

CallId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x21-\x2e\x30-\x7e]+$")]
Party = Annotated[str, StringConstraints(max_length=200)]
Word = Annotated[str, StringConstraints(max_length=64), OneLine()]
Reference = Annotated[str, StringConstraints(max_length=500, pattern=r"^\S*$")]


class CallIn(Model):
    """A call that comes in. `from` is taken as it is: a number, or a word where the caller withholds it."""

    model_config = example(
        **{"call_id": "ivr-17", "from": "+6281255501207", "to": "1708", "at": "2026-03-13T09:00:00Z"}
    )
    call_id: CallId
    caller: Party = Field(default="", alias="from")
    account: Party = Field(default="", alias="to")
    at: AwareDatetime


class DigitsIn(Model):
    """What the caller typed, with the `#` if he ended with one; empty where he typed nothing in time."""

    model_config = example(digits="2")
    digits: Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9*#]*$")]


class CallEventIn(Model):
    """What happened to the call. Events may come in any order, and twice."""

    model_config = example(event="queued", at="2026-03-13T09:01:00+07:00", queue="umum")
    event: Literal["queued", "ringing", "answered", "transferred", "abandoned", "ended"]
    at: AwareDatetime
    agent: Word = ""
    queue: Word = ""
    cause: Word = ""
    recording: Reference = ""


class Prompt(BaseModel):
    """A text to be spoken, or a recording to be played in its place."""

    text: str
    recording: str | None = None


class GatherOut(BaseModel):
    """Wait for so many digits, at most so long between two of them; `finish_on` ends them sooner."""

    digits: int
    timeout_seconds: int
    finish_on: str = "#"


class NextOut(BaseModel):
    """What comes after the prompts: `digits` are sent to us, a message is `record`ed, the caller enters the `queue`, or
    the call is ended (`hangup`).
    """

    action: Literal["digits", "record", "queue", "hangup"]
    queue: str | None = None
    longest_seconds: int | None = None


class TurnOut(BaseModel):
    """What the caller hears, and what comes after it."""

    id: UUID
    call_id: str
    say: list[Prompt]
    gather: GatherOut | None
    next: NextOut


class CallOut(BaseModel):
    """How a call stands. `no_callback` says why a caller who gave up is not called back."""

    id: UUID
    call_id: str
    status: Literal["menu", "queued", "ringing", "answered", "ended"]
    outcome: Literal["answered", "abandoned", "unanswered", "forwarded", "menu", "unknown"] | None
    wait_seconds: int
    tracking_code: str | None
    no_callback: Literal["withheld", "not_a_number"] | None
    is_incomplete: bool
