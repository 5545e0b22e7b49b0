"""What every service needs to be told, from the environment. Each service has its own Settings beside this."""

import resource
import socket
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, SecretStr, UrlConstraints, model_validator
from pydantic_core import Url
from pydantic_settings import BaseSettings, SettingsConfigDict

PostgresUrl = Annotated[Url, UrlConstraints(allowed_schemes=["postgresql", "postgres"])]
RedisUrl = Annotated[Url, UrlConstraints(allowed_schemes=["redis", "rediss"])]

SHORTEST_SECRET = 32
_MOST_CONNECTIONS = 10_000


def _half_of_the_files() -> int:
    """The other half is for the engines, for the files that uploads are kept in, and for a crowd that comes at once."""
    may_be_open, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if may_be_open == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, may_be_open // 2)


class CommonSettings(BaseSettings):
    """Environment variables read by all services. Those of one service carry its name as prefix."""

    model_config = SettingsConfigDict(env_prefix="SATUATAP_", frozen=True, extra="ignore")

    database_url: PostgresUrl = Field(validation_alias="DATABASE_URL")
    redis_url: RedisUrl = Field(validation_alias="REDIS_URL")
    secret: SecretStr = Field(
        min_length=SHORTEST_SECRET, description="Signs tokens and links, seals numbers. 32 characters or more."
    )
    instance: str = Field(default_factory=socket.gethostname, pattern=r"^[A-Za-z0-9._-]{1,64}$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    max_body_bytes: int = Field(default=262_144, ge=1_024)
    public_requests_per_minute: int = Field(default=600, ge=1, description="For each address, on routes without a key")
    max_connections: int = Field(
        default_factory=_half_of_the_files, ge=1, description="Open at one time; half of the files that may be open"
    )
    replay_window_days: int = Field(default=7, ge=1, description="How long published events stay in the outbox")
    inbox_window_days: int = Field(default=30, ge=1, description="How long a handled event is remembered")
    keep_keys_days: int = Field(default=30, ge=1, description="How long an Idempotency-Key is remembered")
    keep_dead_letters_days: int = Field(default=90, ge=1, description="How long one that has ended is kept")
    retry_minutes: float = Field(
        default=10, ge=0, description="How long an event that fails is tried again before it waits for a person"
    )
    crash_at: str = Field(default="", description="Only for tests: the named points at which a process dies, by commas")

    @model_validator(mode="after")
    def _replays_are_recognised(self) -> Self:
        if self.inbox_window_days <= self.replay_window_days:
            raise ValueError("SATUATAP_INBOX_WINDOW_DAYS must be longer than SATUATAP_REPLAY_WINDOW_DAYS")
        return self

    @property
    def replay_window(self) -> timedelta:
        return timedelta(days=self.replay_window_days)

    @property
    def retry_window(self) -> timedelta:
        return timedelta(minutes=self.retry_minutes)

    @property
    def inbox_window(self) -> timedelta:
        return timedelta(days=self.inbox_window_days)
