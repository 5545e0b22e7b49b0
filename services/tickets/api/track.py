"""What a citizen sees of his case."""

from fastapi import APIRouter

from services.tickets.api.parameters import public_words
from services.tickets.schemas import Tracking
from services.tickets.service import tickets
from shared.auth import PUBLIC
from shared.errors import FieldError, NotFound
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.ids import normalise_tracking_code
from shared.refusals import refusals

router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/track/{tracking_code}", tags=["track"], dependencies=[PUBLIC], responses=refusals(NotFound))
async def track(session: Reading, tracking_code: str) -> Tracking:
    """How the case stands, for whoever knows its code. Typing errors such as O for 0 are understood."""
    code = normalise_tracking_code(tracking_code)
    standing = await tickets.track(session, code) if code else None
    if standing is None:
        raise NotFound(
            "No case is known by this code.",
            errors=[FieldError("tracking_code", "is not known", "the code that you were given, as 7K3Q-WM9X-TB40")],
        )
    return Tracking.model_validate(public_words(standing))
