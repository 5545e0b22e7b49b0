"""What only survey_index needs to be told."""

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict


class SurveyIndexSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SURVEY_INDEX_", frozen=True, extra="ignore", env_ignore_empty=True)

    public_url: HttpUrl = Field(description="Where citizens reach this service; invitations link to `/s/…` there")
    survey: str = Field(default="layanan", description="The survey that a resolved case is invited to")
    max_import_bytes: int = Field(default=33_554_432, ge=1_024)
