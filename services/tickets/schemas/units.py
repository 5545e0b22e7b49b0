"""Units over HTTP."""

from pydantic import BaseModel, Field

from services.tickets.domain.units import Slug
from services.tickets.schemas import UnitName
from shared.http import Model, example


class UnitIn(Model):
    """What a unit is called, and what it belongs to. What is left out beside the name stays as it is."""

    model_config = example(name="Prakerja / pencairan", parent="prakerja", auto_assign=False)
    name: UnitName
    parent: Slug | None = Field(
        default=None, description="The slug of the unit that it belongs to, whose head sees its cases; null for none"
    )
    auto_assign: bool = Field(default=False, description="Whether its cases are given to its agents by themselves")


class UnitOut(BaseModel):
    """A unit: `slug` is what programs call it, `name` what people do."""

    slug: str
    name: str
    parent: str | None
    auto_assign: bool


class UnitPage(BaseModel):
    items: list[UnitOut]
