"""What a citizen sees of his case, for programs. For people there are pages (`pages.py`)."""

from fastapi import APIRouter

from services.tickets.api.parameters import public_words
from services.tickets.domain.tracking_words import ASKED, STEPS, Language, status_words
from services.tickets.models import Tracked
from services.tickets.schemas.track import Tracking, TrackingStep
from services.tickets.service import track as tracking
from shared.auth import PUBLIC
from shared.errors import FieldError, NotFound
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.ids import normalise_tracking_code
from shared.refusals import refusals

router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/track/{tracking_code}", tags=["track"], dependencies=[PUBLIC], responses=refusals(NotFound))
async def track(session: Reading, tracking_code: str, lang: Language = "id") -> Tracking:
    """How the case stands, for whoever knows its code: where it is, what happened, by when, and what is asked of its
    citizen. Typing errors such as O for 0 are understood. What was written is shown to who has the link alone, at
    `/t/…`.
    """
    code = normalise_tracking_code(tracking_code)
    tracked = await tracking.by_code(session, code) if code else None
    if tracked is None:
        raise NotFound(
            "No case is known by this code.",
            errors=[FieldError("tracking_code", "is not known", "the code that you were given, as 7K3Q-WM9X-TB40")],
        )
    return told(tracked, lang)


def told(tracked: Tracked, language: Language) -> Tracking:
    """A case in the words of its citizen, its moments in the unit's zone."""
    words = public_words(tracked.standing)
    zone = words["resolution_due_at"].tzinfo
    return Tracking(
        **{name: words[name] for name in Tracking.model_fields if name in words},
        status_text=status_words(words["status"], words["status_category"], language),
        asked=ASKED[language].get(words["status"]),
        steps=[
            TrackingStep(step=step.kind, text=STEPS[language][step.kind], at=step.at.astimezone(zone), times=step.times)
            for step in tracked.steps
        ],
    )
