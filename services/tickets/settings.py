"""What only this service needs to be told."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.text import OneLine


class TicketsSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TICKETS_", frozen=True, extra="ignore", env_ignore_empty=True)

    default_unit: Annotated[str, OneLine()] = Field(
        default="contact centre", description="The unit that handles what is of no topic: its slug or its name"
    )
    policy: str = Field(default="ptsa", description="The SLA policy of new tickets; its version in force is used")
    most_followers: int = Field(default=200, ge=0, description="How many may follow what happens, in each process")
