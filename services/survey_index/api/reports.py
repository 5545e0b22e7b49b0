"""The report that is handed in, as a page, a document, and a workbook."""

from anyio import to_process
from fastapi import APIRouter, Depends, Response

from services.survey_index.api.parameters import OfPart, SurveyPath, may_run
from services.survey_index.domain.editions import Edition
from services.survey_index.domain.skm import Missing, Weighting
from services.survey_index.report.print import MEDIA_TYPES, Form
from services.survey_index.service.reports import Rule, collect, printed
from shared.errors import NotFound
from shared.refusals import refusals
from shared.trail import RecordedRoute
from shared.wiring import Db, Now

router = APIRouter(prefix="/v1", tags=["report"], dependencies=[Depends(may_run)], route_class=RecordedRoute)


@router.get("/surveys/{survey}/report.{form}", response_class=Response, responses=refusals(NotFound))
async def read_report(
    db: Db,
    now: Now,
    survey: SurveyPath,
    form: Form,
    part: OfPart,
    edition: Edition | None = None,
    weighting: Weighting = "exact",
    missing: Missing | None = None,
) -> Response:
    """The report of a survey, in Indonesian. It is made in a process of its own, so that nobody waits for it."""
    rule = Rule(edition, weighting, missing)
    async with db.autocommit(patient=True) as session:
        found = await collect(session, survey, part, rule, now)
    content = await to_process.run_sync(printed, found, rule, form, cancellable=True)
    headers = {
        "Content-Disposition": f'inline; filename="skm-{survey}.{form}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
