"""The words: templates filled with what an event says. Texts are in `templates/<language>/`."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.domain.notices import Kind, Reason
from shared.events import BaseEvent

_TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


class Letters:
    """Writes letters in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES / language),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text for mail and SMS, never HTML
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def write(self, reason: Reason, kind: Kind, event: BaseEvent) -> Letter:
        """The letter for `event`. A mail's first line is its subject; an SMS has none."""
        data = event.data  # type: ignore[attr-defined]
        words = {**dict(data), "day": self._day(data.zone), "moment": self._moment(data.zone)}
        text = self._environment.get_template(f"{reason}.{kind}.txt").render(words).strip()
        if kind == "sms":
            return Letter("", " ".join(text.split()))
        subject, _, body = text.partition("\n")
        return Letter(" ".join(subject.split()), body.strip() + "\n")

    def _day(self, zone: str) -> Any:
        """A date as people say it: `Sabtu, 28 November 2026`."""

        def day(moment: datetime) -> str:
            return format_date(moment.astimezone(ZoneInfo(zone)), "EEEE, d MMMM y", locale=self._language)

        return day

    def _moment(self, zone: str) -> Any:
        def say(moment: datetime) -> str:
            local = moment.astimezone(ZoneInfo(zone))
            return format_datetime(local, "d MMMM y HH.mm", locale=self._language)

        return say
