"""Lists of tickets as files."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.tickets.api.criteria import Criteria, Sorting
from services.tickets.api.parameters import Reader
from services.tickets.service import exports
from services.tickets.service.exports import Format
from shared.http import Reading
from shared.idempotency import KeyedRoute

router = APIRouter(prefix="/v1", route_class=KeyedRoute)
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {media_type.partition(";")[0]: {} for media_type in _TYPES.values()}}
}


@router.get("/tickets:export", tags=["tickets"], response_class=Response, responses=_FILE)
async def export(
    session: Reading,
    sees: Reader,
    criteria: Criteria,
    sort: Sorting = "newest",
    form: Annotated[Format, Query(alias="format", description="`csv`, or a workbook")] = "csv",
) -> Response:
    """All tickets of a list as a file, up to 50,000: what `GET /v1/tickets` shows to the same caller, and no more."""
    found = await exports.collect(session, sees, criteria, sort)
    content = await asyncio.to_thread(exports.written, found, form)
    headers = {"Content-Disposition": f'attachment; filename="tickets.{form}"', "Cache-Control": "no-store"}
    return Response(content, media_type=_TYPES[form], headers=headers)
