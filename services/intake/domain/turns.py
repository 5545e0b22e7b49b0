"""The way of a caller through a menu, a turn at a time: what he hears, and what is waited for (docs/domain.md,
"Telephones").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.intake.domain.menus import Choose, Collect, Enqueue, Hangup, Menu, Prompt, Record, Say

FINISH = "#"
AGAIN = "*"
_UNKNOWN = "Pilihan tidak dikenal."
_NOTHING = "Kami belum menerima pilihan Anda."


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


OVER = Turn((), Position(""))
"""The turn of a call that has ended: nothing is heard, and nothing waited for."""


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
