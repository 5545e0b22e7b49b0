"""The figures of calls."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from shared.ratios import Ratio


class CallFiguresOut(BaseModel):
    """Counts of calls and what is made of them (docs/domain.md, "Telephones"). A ratio is null where nothing was
    offered, or nobody waited.
    """

    offered: int
    answered: int
    abandoned: int
    unanswered: int
    forwarded: int
    ended_in_menu: int
    unknown_end: int
    answered_within: int
    answer_rate: Ratio | None
    abandonment: Ratio | None
    service_level: Ratio | None
    average_wait_seconds: Ratio | None
    longest_wait_seconds: int


class CallFiguresRow(CallFiguresOut):
    """The figures of an hour, a day or a queue, by what it is called."""

    of: str


class CallFiguresReport(BaseModel):
    """The figures of a span of days of the zone `zone`, all together and by `by`.

    `callbacks_open` is how many call-backs wait now, `callbacks_reached` how many reached the citizen in those days.
    """

    since: date
    until: date
    zone: str
    queue: str | None
    by: Literal["hour", "day", "queue"]
    within_seconds: int
    total: CallFiguresOut
    items: list[CallFiguresRow]
    callbacks_open: int
    callbacks_reached: int
