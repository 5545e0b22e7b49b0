"""Figures of cases over HTTP."""

from datetime import date

from pydantic import BaseModel

from shared.ratios import Ratio


class FiguresRow(BaseModel):
    """The figures of a group: `of` is what it is called; empty for cases of no topic."""

    of: str
    figures: dict[str, int | Ratio | None]


class FiguresOut(BaseModel):
    """Figures of cases from one day to another, all together and by `by`. A fraction is null where nothing was counted
    that it could be a part of.
    """

    name: str
    since: date | None
    until: date | None
    by: str
    definitions: dict[str, str]
    total: dict[str, int | Ratio | None]
    items: list[FiguresRow]
