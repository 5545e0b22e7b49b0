"""Models that choose topics, over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from shared.http import Model, example


class TopicModelIn(Model):
    """Which model is asked beside the phrases; none where `version` is null."""

    model_config = example(version=2)
    version: Annotated[int, Field(ge=1, le=2_147_483_647)] | None


class TopicModelOut(BaseModel):
    """A model: of which topics, trained by whom and when, and what the report of its training says."""

    version: int
    labels: list[str]
    trained_at: datetime
    trained_by: str
    is_active: bool
    activated_at: datetime | None
    activated_by: str | None
    report: dict[str, Any]


class TopicModelPage(BaseModel):
    items: list[TopicModelOut]
