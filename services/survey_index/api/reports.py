"""The report that is handed in, as a page, a document, and a workbook."""

from typing import Annotated, Literal

from anyio import to_process
from fastapi import APIRouter, Depends, Path, Request, Response

from services.survey_index.api.figures import OfPart
from services.survey_index.domain.skm import Missing, Weighting
from services.survey_index.report.print import MEDIA_TYPES, print_report
from services.survey_index.schemas import Edition
from services.survey_index.service.reports import report_of
from shared.auth import staff
from shared.http import Reading

router = APIRouter(prefix="/v1", tags=["report"], dependencies=[Depends(staff("officer", "supervisor"))])


@router.get("/surveys/{survey}/report.{form}", response_class=Response)
async def read_report(
    request: Request,
    session: Reading,
    survey: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")],
    form: Literal["html", "pdf", "xlsx"],
    part: OfPart,
    edition: Edition | None = None,
    weighting: Weighting = "exact",
    missing: Missing | None = None,
) -> Response:
    """The report of a survey, in Indonesian. It is made in a process of its own, so that nobody waits for it."""
    report = await report_of(
        session,
        survey,
        part,
        edition=edition,
        weighting=weighting,
        missing=missing,
        now=request.app.state.clock(),
    )
    content = await to_process.run_sync(print_report, report, form, cancellable=True)
    name = f"skm-{survey}.{form}"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
