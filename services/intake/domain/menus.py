"""A telephone menu: data, checked when it is written, and gone through by turns (docs/domain.md, "Telephones").

A caller who types nothing must come to an end from every step: to a queue, or to the end of the call. Then there is
no dead end, and no loop without a way out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

FINISH = "#"
AGAIN = "*"
_UNKNOWN = "Pilihan tidak dikenal."
_NOTHING = "Kami belum menerima pilihan Anda."


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


@dataclass(frozen=True, slots=True)
class Position:
    """Where a caller is: his step, how often he failed there, what he has typed of a number, and all numbers typed."""

    step: str
    tries: int = 0
    digits: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gather:
    """Waits for so many digits, at most so long between two of them. `#` ends them sooner."""

    digits: int
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What the caller hears, and one thing after it: digits are gathered, a message taken, a queue entered, or he is
    let go.
    """

    prompts: tuple[Prompt, ...]
    position: Position
    gather: Gather | None = None
    record_seconds: int | None = None
    queue: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether the menu has nothing more to do with this call."""
        return self.gather is None and self.record_seconds is None


# -- what a menu may be -----------------------------------------------------------------------------------------


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


# -- the way through it -----------------------------------------------------------------------------------------


def begin(menu: Menu) -> Turn:
    """The first turn of a call."""
    return _enter(menu, Position(menu.start))


def repeat(menu: Menu, position: Position) -> Turn:
    """The turn of a caller at this position once more, as it is when nothing new was typed."""
    step = menu.steps[position.step]
    if isinstance(step, Collect) and position.digits:
        return _ask(step, position, (_missing(step, position.digits),))
    return _enter(menu, position)


def go_on(menu: Menu, position: Position, digits: str) -> Turn:
    """The turn after a caller at this position typed these digits, or none in time."""
    step = menu.steps[position.step]
    match step:
        case Choose():
            return _chosen(menu, step, position, digits)
        case Collect():
            return _collected(menu, step, position, digits)
        case Record():
            return _enter(menu, Position(step.next, typed=position.typed))
        case Say() | Enqueue() | Hangup():
            return repeat(menu, position)


def _chosen(menu: Menu, step: Choose, position: Position, digits: str) -> Turn:
    target = step.choices.get(digits) or step.choices.get(digits.rstrip(FINISH))
    if target is not None:
        return _enter(menu, Position(target, typed=position.typed))
    failed = replace(position, tries=position.tries + 1)
    why = Prompt(_UNKNOWN if digits else _NOTHING)
    if failed.tries >= step.tries:
        return _enter(menu, Position(step.otherwise, typed=position.typed), (why,))
    return _ask(step, failed, (why, step.say))


def _collected(menu: Menu, step: Collect, position: Position, digits: str) -> Turn:
    """Takes digits that come slowly, too: what was typed in time is kept, and the rest is asked for."""
    before = "" if AGAIN in digits else position.digits
    typed = (before + digits.rpartition(AGAIN)[2].replace(FINISH, ""))[: step.digits]
    is_finished = digits.endswith(FINISH) or not digits
    is_enough = len(typed) >= step.least
    if len(typed) == step.digits or (is_enough and digits.endswith(FINISH)):
        return _enter(menu, Position(step.next, typed={**position.typed, step.about: typed}))
    tries = position.tries + 1 if is_finished else 0
    if tries >= step.tries and is_enough:
        return _enter(menu, Position(step.next, typed={**position.typed, step.about: typed}))
    if tries >= step.tries:
        return _enter(menu, Position(step.otherwise, typed=position.typed))
    going_on = replace(position, tries=tries, digits=typed)
    return _ask(step, going_on, (_missing(step, typed),) if typed else (Prompt(_NOTHING), step.say))


def _missing(step: Collect, typed: str) -> Prompt:
    left = step.digits - len(typed)
    return Prompt(f"{len(typed)} angka sudah kami terima. Silakan ketik {left} angka berikutnya.")


def _enter(menu: Menu, position: Position, prompts: tuple[Prompt, ...] = ()) -> Turn:
    """The turn that begins with a step: whatever is only said on the way is said, up to the next that waits or ends."""
    step = menu.steps[position.step]
    while isinstance(step, Say):
        prompts += (step.say,)
        position = replace(position, step=step.next)
        step = menu.steps[position.step]
    return _ask(step, position, (*prompts, step.say))


def _ask(step: Choose | Collect | Record | Enqueue | Hangup, position: Position, prompts: tuple[Prompt, ...]) -> Turn:
    match step:
        case Choose():
            return Turn(prompts, position, gather=Gather(1, step.timeout_seconds))
        case Collect():
            return Turn(prompts, position, gather=Gather(step.digits - len(position.digits), step.timeout_seconds))
        case Record():
            return Turn(prompts, position, record_seconds=step.longest_seconds)
        case Enqueue():
            return Turn(prompts, position, queue=step.queue)
        case Hangup():
            return Turn(prompts, position)
