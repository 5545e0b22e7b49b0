"""Models that choose topics: looked at, and put to work. `satuatap topics train` makes them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.tickets.api.parameters import READER, SUPERVISOR
from services.tickets.schemas.topic_models import TopicModelIn, TopicModelOut, TopicModelPage
from services.tickets.service import topic_models
from services.tickets.service.topic_models import LabelsAreNoTopics
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

ModelVersion = Annotated[int, Path(ge=1, le=2_147_483_647)]
router = APIRouter(prefix="/v1", tags=["topics"], route_class=KeyedRoute)


@router.get("/topic-models", dependencies=[Depends(READER)])
async def list_models(session: Reading) -> TopicModelPage:
    """Every model, the newest first, and which of them is active."""
    return TopicModelPage(
        items=[
            TopicModelOut.model_validate(model, from_attributes=True)
            for model in await topic_models.list_models(session)
        ]
    )


@router.get("/topic-models/{version}", dependencies=[Depends(READER)], responses=refusals(NotFound))
async def get_model(session: Reading, version: ModelVersion) -> TopicModelOut:
    """One model, with the report of its training."""
    return TopicModelOut.model_validate(await topic_models.get_model(session, version), from_attributes=True)


@router.put("/topic-models/active", responses=refusals(NotFound, LabelsAreNoTopics))
async def activate(
    session: Transaction, now: Now, caller: Annotated[Caller, Depends(SUPERVISOR)], form: TopicModelIn
) -> TopicModelIn:
    """Has a model asked beside the phrases, instead of any other; with null, none. It counts within ten seconds."""
    if form.version is None:
        await topic_models.deactivate(session, by=caller.subject, now=now)
    else:
        await topic_models.activate(session, form.version, by=caller.subject, now=now)
    return form
