"""What every service needs to be told, from the environment. Each service has its own Settings beside this."""

import resource
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Self

import orjson
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    UrlConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import Url
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.addresses import is_safe_url, network, origin
from shared.caller import Role
from shared.engine_url import complete
from shared.secret import Secrets

PostgresUrl = Annotated[Url, UrlConstraints(allowed_schemes=["postgresql", "postgres"])]
RedisUrl = Annotated[Url, UrlConstraints(allowed_schemes=["redis", "rediss"])]

_MOST_CONNECTIONS = 10_000


def _half_of_the_files() -> int:
    """The other half is for the engines, for the files that uploads are kept in, and for a crowd that comes at once."""
    may_be_open, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if may_be_open == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, may_be_open // 2)


def _by_commas(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _for_each(check: Callable[[str], str]) -> AfterValidator:
    def checked(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(check, values))

    return AfterValidator(checked)


def _by_json(value: object) -> object:
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("it is no JSON") from None


def _safe(url: str) -> str:
    if not is_safe_url(url):
        raise ValueError("it is neither https:// nor on this machine: whoever is between could sign tokens")
    return url


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_by_commas)]


class CommonSettings(BaseSettings):
    """Environment variables read by all services. Those of one service carry its name as prefix."""

    model_config = SettingsConfigDict(
        env_prefix="SATUATAP_", frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: PostgresUrl = Field(validation_alias="DATABASE_URL")
    database_password: SecretStr | None = Field(
        default=None, validation_alias="DATABASE_PASSWORD", description="As it is, where DATABASE_URL leaves it out"
    )
    redis_url: RedisUrl = Field(validation_alias="REDIS_URL")
    redis_password: SecretStr | None = Field(
        default=None, validation_alias="REDIS_PASSWORD", description="As it is, where REDIS_URL leaves it out"
    )
    secret: SecretStr = Field(
        description="Signs tokens and links, seals numbers. 32 characters or more; several by commas, the newest first"
    )
    instance: str = Field(default_factory=socket.gethostname, pattern=r"^[A-Za-z0-9._-]{1,64}$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    max_body_bytes: int = Field(default=262_144, ge=1_024)
    public_requests_per_minute: int = Field(default=600, ge=1, description="For each address, on routes without a key")
    failed_credentials_per_minute: int = Field(
        default=60, ge=1, description="For each address; then 429 to all that are not known, before anybody is asked"
    )
    widget_chats_per_minute: int = Field(
        default=20, ge=1, description="For each address, of the chats that widgets open in pages"
    )
    trusted_proxies: Annotated[Listed, _for_each(network)] = Field(
        default=(), description="Addresses and networks whose X-Forwarded-For is believed, by commas"
    )
    allowed_origins: Annotated[Listed, _for_each(origin)] = Field(
        default=(), description="Origins of the pages whose scripts may call the routes for them, by commas"
    )
    oidc_issuer: Annotated[str, AfterValidator(_safe)] | None = Field(
        default=None, description="The OpenID Connect issuer whose tokens staff bring, as it stands in them"
    )
    oidc_audience: str | None = Field(default=None, description="For whom its tokens are: what stands in `aud`")
    oidc_roles_claim: str = Field(default="roles", description="Where they say roles, as realm_access.roles")
    oidc_roles: Annotated[dict[str, Role], NoDecode, BeforeValidator(_by_json)] = Field(
        default={}, description="Its words for our roles, as JSON; ours as they are if left out"
    )
    oidc_units_claim: str | None = Field(
        default=None, description="Where they say units; everybody is for every unit if left out"
    )
    oidc_units: Annotated[dict[str, str], NoDecode, BeforeValidator(_by_json)] = Field(
        default={}, description="Its words for the slugs of units, as JSON; `*` is every unit"
    )
    local_tokens: bool = Field(
        default=True, description="Whether the tokens of `satuatap token` are taken, beside the issuer's"
    )
    max_connections: int = Field(
        default_factory=_half_of_the_files, ge=1, description="Open at one time; half of the files that may be open"
    )
    replay_window_days: int = Field(default=7, ge=1, description="How long published events stay in the outbox")
    inbox_window_days: int = Field(default=30, ge=1, description="How long a handled event is remembered")
    keep_keys_days: int = Field(default=30, ge=1, description="How long an Idempotency-Key is remembered")
    keep_dead_letters_days: int = Field(default=90, ge=1, description="How long one that has ended is kept")
    keep_access_trail_days: int = Field(default=730, ge=1, description="How long it is kept who did and read what")
    retry_minutes: float = Field(
        default=10, ge=0, description="How long an event that fails is tried again before it waits for a person"
    )
    crash_at: str = Field(default="", description="Only for tests: the named points at which a process dies, by commas")

    @field_validator("secret")
    @classmethod
    def _nobody_guesses_it(cls, secret: SecretStr) -> SecretStr:
        Secrets.read(secret.get_secret_value())
        return secret

    @model_validator(mode="before")
    @classmethod
    def _passwords_go_into_their_addresses(cls, values: dict[str, Any]) -> dict[str, Any]:
        urls = {name: values.get(f"{name}_URL") for name in ("DATABASE", "REDIS")}
        whole = {
            f"{name}_URL": complete(name, str(url), values.get(f"{name}_PASSWORD")) for name, url in urls.items() if url
        }
        return {**values, **whole}

    @model_validator(mode="after")
    def _replays_are_recognised(self) -> Self:
        if self.inbox_window_days <= self.replay_window_days:
            raise ValueError("SATUATAP_INBOX_WINDOW_DAYS must be longer than SATUATAP_REPLAY_WINDOW_DAYS")
        return self

    @model_validator(mode="after")
    def _staff_can_come_in(self) -> Self:
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("SATUATAP_OIDC_AUDIENCE must say for whom the tokens of SATUATAP_OIDC_ISSUER are")
        if not (self.oidc_issuer or self.local_tokens):
            raise ValueError("without SATUATAP_LOCAL_TOKENS nobody comes in, unless there is a SATUATAP_OIDC_ISSUER")
        return self

    @property
    def secrets(self) -> Secrets:
        return Secrets.read(self.secret.get_secret_value())

    @property
    def replay_window(self) -> timedelta:
        return timedelta(days=self.replay_window_days)

    @property
    def retry_window(self) -> timedelta:
        return timedelta(minutes=self.retry_minutes)

    @property
    def inbox_window(self) -> timedelta:
        return timedelta(days=self.inbox_window_days)
