"""What is told of who got a case, and why."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.tickets.domain.routing import Verdict
from services.tickets.schemas.roster import Language
from shared.http import Model, example


class LookOut(BaseModel):
    """How an agent was looked at for a case: how many open cases he had, of how many, and what came of it."""

    agent: str
    verdict: Verdict
    load: int
    capacity: int


class RoutingOut(BaseModel):
    """To whom the case was given by itself, or null: it waited."""

    at: datetime
    agent: str | None
    looks: list[LookOut]


class ReasonsOut(BaseModel):
    """Why a case is whose it is. `now` says of each agent of its unit what speaks against him at this moment, while the
    case is open and nobody's; who is `chosen` gets it next. It waits by itself where `is_given_by_itself` is false:
    then somebody claims or assigns it. `kept` is what was decided before, the newest first.
    """

    ticket_id: UUID
    assignee: str | None
    is_given_by_itself: bool
    now: list[LookOut]
    kept: list[RoutingOut]


class LanguageIn(Model):
    """In which language the citizen wants to be answered: the case is given to agents who speak it."""

    model_config = example(language="en")
    language: Language = Field(description="ISO 639, as `id` or `en`")
