"""A telephone menu: data that is checked when it is written (docs/domain.md, "Telephones").

A caller who types nothing must come to an end from every step: to a queue, or to the end of the call. Then there is
no dead end, and no loop without a way out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the caller hears: a text to be spoken, or a recording to be played in its place."""

    text: str
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    """Asks for one digit. Who types none, or unknown ones, `tries` times goes on to `otherwise`."""

    say: Prompt
    choices: Mapping[str, str]
    otherwise: str
    tries: int = 3
    timeout_seconds: int = 5
    kind: Literal["choose"] = "choose"


@dataclass(frozen=True, slots=True)
class Collect:
    """Asks for a number of up to `digits` digits and at least `least`, ended by `#`; `*` begins again."""

    say: Prompt
    about: Literal["programme_number", "number"]
    digits: int
    next: str
    otherwise: str
    least: int = 1
    tries: int = 3
    timeout_seconds: int = 5
    kind: Literal["collect"] = "collect"


@dataclass(frozen=True, slots=True)
class Say:
    """Says something, and goes on."""

    say: Prompt
    next: str
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class Record:
    """Takes a message of the caller, and goes on."""

    say: Prompt
    next: str
    longest_seconds: int = 120
    kind: Literal["record"] = "record"


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Puts the caller into a queue for a person."""

    say: Prompt
    queue: str
    kind: Literal["queue"] = "queue"


@dataclass(frozen=True, slots=True)
class Hangup:
    """Says goodbye."""

    say: Prompt
    kind: Literal["hangup"] = "hangup"


Step = Choose | Collect | Say | Record | Enqueue | Hangup


@dataclass(frozen=True, slots=True)
class Menu:
    """The steps of a menu by their names, and the first."""

    start: str
    steps: Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class MenuFault:
    """What is wrong with a menu, and where: `steps.sapaan.choices.3`."""

    path: str
    message: str
    expected: str


def menu_faults(menu: Menu) -> list[MenuFault]:
    """What is wrong with a menu: targets that are not there, then loops that a silent caller never leaves."""
    names = ", ".join(sorted(menu.steps)) or "none"
    unknown = [
        MenuFault(path, "names a step that is not there", f"one of: {names}")
        for path, target in _targets(menu)
        if target not in menu.steps
    ]
    return unknown or list(_loops(menu))


def _targets(menu: Menu) -> Iterator[tuple[str, str]]:
    yield "start", menu.start
    for name, step in menu.steps.items():
        path = f"steps.{name}"
        if isinstance(step, Choose):
            yield from ((f"{path}.choices.{digit}", target) for digit, target in step.choices.items())
        if isinstance(step, Choose | Collect):
            yield f"{path}.otherwise", step.otherwise
        if isinstance(step, Collect | Say | Record):
            yield f"{path}.next", step.next


def _loops(menu: Menu) -> Iterator[MenuFault]:
    told: set[str] = set()
    for name in menu.steps:
        walked = [name]
        while (target := _when_silent(menu.steps[walked[-1]])) is not None and target not in walked:
            walked.append(target)
        if target is not None and target not in told:
            loop = walked[walked.index(target) :]
            told.update(loop)
            edge = "otherwise" if isinstance(menu.steps[loop[-1]], Choose | Collect) else "next"
            way = " → ".join([*loop, target])
            expected = "a way that comes to a queue or a hangup when nothing is typed"
            yield MenuFault(f"steps.{loop[-1]}.{edge}", f"never ends when nothing is typed: {way}", expected)


def _when_silent(step: Step) -> str | None:
    """Where a caller comes who types nothing; None where the menu ends."""
    if isinstance(step, Choose | Collect):
        return step.otherwise
    return step.next if isinstance(step, Say | Record) else None
