"""The figures of cases, for dashboards: as JSON, or as a table (CSV)."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from services.tickets.domain.figures import FIGURES, Name, Value, definitions
from services.tickets.domain.units import slug_of
from services.tickets.models import Grouping, Span
from services.tickets.schemas.figures import FiguresOut, FiguresRow
from services.tickets.service import figures
from services.tickets.service.figures import Report
from shared.auth import staff, visibility
from shared.http import Reading
from shared.ratios import Ratio, ratio
from shared.trail import RecordedRoute
from shared.visibility import Visibility
from shared.wiring import Now

Reader = staff("figures:read", by_unit=True, is_recorded=False)
"""Figures say nothing of a person."""
Sees = Annotated[Visibility, Depends(visibility(Reader))]
Since = Annotated[date | None, Query(alias="from", description="The first day, in the zones of the units")]
Until = Annotated[date | None, Query(alias="to", description="The last day")]
Format = Annotated[Literal["json", "csv"], Query(description="`csv` gives a table, a row a group")]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="The `ETag` that you have: 304 if it holds")
]
router = APIRouter(prefix="/v1", tags=["metrics"], route_class=RecordedRoute)


@router.get("/metrics/{name}", response_model=FiguresOut)
async def read_metrics(
    session: Reading,
    sees: Sees,
    now: Now,
    name: Name,
    since: Since = None,
    until: Until = None,
    unit: str | None = None,
    topic: str | None = None,
    channel: str | None = None,
    by: Grouping | None = None,
    form: Annotated[Format, Query(alias="format")] = "json",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Figures of the cases that you see, all together and by group, each with its definition. `backlog` and `yearly`
    are about all cases, whatever the days.
    """
    span = Span(since, until, slug_of(unit) if unit is not None else None, topic, channel)
    report = await figures.report(session, sees, name, span, by, now)
    body, kind = (
        (_table(report), "text/csv; charset=utf-8") if form == "csv" else (_document(report), "application/json")
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


def _document(report: Report) -> bytes:
    document = FiguresOut(
        name=report.name,
        since=report.span.since,
        until=report.span.until,
        by=report.by,
        definitions=definitions(report.name),
        total=_shown(report.total),
        items=[FiguresRow(of=of, figures=_shown(values)) for of, values in report.items.items()],
    )
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False).encode()


def _table(report: Report) -> bytes:
    """A row a group, and the last for all together. A fraction is its rounded figure."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([report.by, *report.total])
    for of, values in [*report.items.items(), ("total", report.total)]:
        table.writerow([of, *(getattr(value, "rounded", value) for value in _shown(values).values())])
    return written.getvalue().encode()


def _shown(values: Mapping[str, Value]) -> dict[str, int | Ratio | None]:
    return {
        name: ratio(value, 100 if FIGURES[name].is_share else 1) if isinstance(value, Fraction) else value
        for name, value in values.items()
    }
