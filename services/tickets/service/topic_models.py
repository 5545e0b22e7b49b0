"""Models that choose topics: kept, looked at, and put to work. Training is the command line's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.topics import LinearModel
from services.tickets.models import TopicModel
from services.tickets.repository import topic_models, topics
from shared.errors import Conflict, FieldError, NotFound


class LabelsAreNoTopics(Conflict):
    """A model may only be asked whose labels are slugs of topics: what it says would lead nowhere."""

    code, title = "labels_are_no_topics", "The model knows labels that are no topics"


async def keep(session: AsyncSession, model: LinearModel, report: Mapping[str, Any], *, by: str, now: datetime) -> int:
    """Keeps a model, which is not asked before somebody activates it. Its version."""
    return await topic_models.insert(session, model, report, by=by, now=now)


async def list_models(session: AsyncSession) -> Sequence[TopicModel]:
    """Every model, the newest first."""
    return await topic_models.list_all(session)


async def get_model(session: AsyncSession, version: int) -> TopicModel:
    """The model of this version. Raises `NotFound`."""
    model = await topic_models.get(session, version)
    if model is None:
        expected = "a version of GET /v1/topic-models"
        raise NotFound("There is no such model.", errors=[FieldError("version", "is not known", expected)])
    return model


async def activate(session: AsyncSession, version: int, *, by: str, now: datetime) -> TopicModel:
    """Has this model asked from now on, instead of any other. Raises `NotFound`, `LabelsAreNoTopics`."""
    model = await get_model(session, version)
    known = {each.topic.slug for each in await topics.list_all(session)}
    unknown = set(model.labels) - known
    if unknown:
        fault = FieldError(
            "version", f"has {len(unknown)} labels that are no topics", "a model of topics of this house"
        )
        raise LabelsAreNoTopics("Add these topics first (PUT /v1/topics/{slug}), or train another.", errors=[fault])
    await topic_models.activate(session, version, by=by, now=now)
    return await get_model(session, version)


async def deactivate(session: AsyncSession, *, by: str, now: datetime) -> None:
    """Has no model asked any more: phrases alone choose."""
    await topic_models.activate(session, None, by=by, now=now)
