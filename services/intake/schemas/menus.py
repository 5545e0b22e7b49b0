"""A telephone menu as it is written and read."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from services.intake.domain.menus import Menu
from shared.http import Model

_MENU = TypeAdapter(Menu)

StepName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
QueueName = Annotated[str, StringConstraints(pattern=r"^\S{1,64}$")]
Tries = Annotated[int, Field(ge=1, le=10)]
Timeout = Annotated[int, Field(ge=1, le=60)]


class PromptForm(Model):
    """What the caller hears: a text to be spoken, or a recording to be played in its place."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    recording: Annotated[
        str | None, Field(max_length=500, description="An address that the telephone system plays")
    ] = None


class ChooseForm(Model):
    """Asks for one digit. Who types none, or unknown ones, `tries` times goes on to `otherwise`."""

    kind: Literal["choose"]
    say: PromptForm
    choices: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")], StepName], Field(min_length=1, max_length=12)
    ]
    otherwise: StepName
    tries: Tries = 3
    timeout_seconds: Timeout = 5


class CollectForm(Model):
    """Asks for a number of `least` to `digits` digits, ended by `#`; `*` begins again."""

    kind: Literal["collect"]
    say: PromptForm
    about: Literal["programme_number", "number"]
    digits: Annotated[int, Field(ge=1, le=32)]
    least: Annotated[int, Field(ge=1, le=32)] = 1
    next: StepName
    otherwise: StepName
    tries: Tries = 3
    timeout_seconds: Timeout = 5


class SayForm(Model):
    """Says something, and goes on."""

    kind: Literal["say"]
    say: PromptForm
    next: StepName


class RecordForm(Model):
    """Takes a message of the caller, and goes on."""

    kind: Literal["record"]
    say: PromptForm
    next: StepName
    longest_seconds: Annotated[int, Field(ge=5, le=600)] = 120


class QueueForm(Model):
    """Puts the caller into a queue for a person."""

    kind: Literal["queue"]
    say: PromptForm
    queue: QueueName


class HangupForm(Model):
    """Says goodbye."""

    kind: Literal["hangup"]
    say: PromptForm


StepForm = Annotated[
    ChooseForm | CollectForm | SayForm | RecordForm | QueueForm | HangupForm, Field(discriminator="kind")
]
_EXAMPLE: dict[str, Any] = {
    "start": "sapaan",
    "steps": {
        "sapaan": {
            "kind": "choose",
            "say": {"text": "Untuk informasi, tekan 1. Untuk pengaduan, tekan 2."},
            "choices": {"1": "informasi", "2": "petugas"},
            "otherwise": "petugas",
        },
        "informasi": {"kind": "hangup", "say": {"text": "Layanan buka setiap hari pukul 08.00 sampai 20.00 WIB."}},
        "petugas": {"kind": "queue", "say": {"text": "Mohon tunggu."}, "queue": "umum"},
    },
}


class MenuIn(Model):
    """The steps of a menu by their names, and the one that begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    start: StepName
    steps: Annotated[dict[StepName, StepForm], Field(min_length=1, max_length=100)]

    def menu(self) -> Menu:
        """This menu, as it is walked through."""
        return _MENU.validate_python(self.model_dump())


class MenuOut(MenuIn):
    """A version of a menu."""

    name: str
    version: int
    written_at: datetime
