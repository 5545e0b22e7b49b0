"""The words: templates filled with what an event says. Texts are in `templates/<language>/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.domain.notices import TOGETHER, Kind, Reason, greeted, is_private
from services.notify.models import Notice
from shared.case_links import CaseLinks
from shared.events import AnyEvent
from shared.text import tidied

_TEMPLATES = Path(__file__).parent.parent / "templates"
_UNREAD = "unread"
"""The words for several answers that were not read in a chat."""
_MOST_IN_FULL = 20
"""So many are told in full in one message; of more, only the codes."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


class Letters:
    """Writes letters in one language, with the link of the case where `links` makes one."""

    def __init__(self, language: str, links: CaseLinks | None = None) -> None:
        self._language = language
        self._links = links
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES / language),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text for mail and SMS, never HTML
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["one_line"] = tidied

    def write(self, reason: Reason, kind: Kind, event: AnyEvent) -> Letter:
        """The letter for `event`. A mail's first line is its subject; an SMS has none. Whose case is hidden is not
        greeted by his name: a letter may be read by others.
        """
        data = event.data
        citizen = getattr(data, "citizen", None)
        words = {
            **dict(data),
            "unit": getattr(data, "handled_by", None) or getattr(data, "unit_name", None),
            "name": greeted(citizen.name) if citizen and not is_private(event) else None,
            "day": self._day(data.zone),
            "moment": self._moment(data.zone),
            "case_link": self._links.link(data.ticket_id) if self._links else None,
        }
        return self._fill(reason, kind, words)

    def together(self, notices: Sequence[Notice]) -> Notice:
        """One notice that says what several to the same address say. It goes under the name of the first."""
        first = notices[0]
        if first.kind is None or len(notices) == 1:
            return first
        codes = list(dict.fromkeys(notice.tracking_code for notice in notices))
        words = {"count": len(notices), "letters": notices[:_MOST_IN_FULL], "codes": codes}
        of_one_chat = len(codes) == 1 and all(notice.reply_id for notice in notices)
        letter = self._fill(_UNREAD if of_one_chat else TOGETHER, first.kind, words)
        reason = first.reason if of_one_chat else TOGETHER
        return replace(first, reason=reason, subject=letter.subject, body=letter.body)

    def _fill(self, reason: str, kind: Kind, words: Mapping[str, Any]) -> Letter:
        text = self._environment.get_template(f"{reason}.{kind}.txt").render(words).strip()
        if kind == "sms":
            return Letter("", " ".join(text.split()))
        subject, _, body = text.partition("\n")
        return Letter(" ".join(subject.split()), body.strip() + "\n")

    def _day(self, zone: str) -> Any:
        """A date as people say it: `Sabtu, 28 November 2026`."""

        def day(moment: datetime) -> str:
            return _date(moment.astimezone(ZoneInfo(zone)).date(), self._language)

        return day

    def _moment(self, zone: str) -> Any:
        def say(moment: datetime) -> str:
            local = moment.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, tzinfo=None)
            return _minute(local, self._language)

        return say


@lru_cache(maxsize=1_000)
def _date(day: date, language: str) -> str:
    return format_date(day, "EEEE, d MMMM y", locale=language)


@lru_cache(maxsize=1_000)
def _minute(minute: datetime, language: str) -> str:
    """Of a minute as the clock on the wall shows it: two zones may have the same moment, and not the same words."""
    return format_datetime(minute, "d MMMM y HH.mm", locale=language)
