"""Settings that only intake has."""

from collections.abc import Sequence

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_DAYS, _CLOCK = "(mon|tue|wed|thu|fri|sat|sun)", "([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY_HOURS = rf"{_DAYS}(-{_DAYS})?( +{_CLOCK}-({_CLOCK}|24:00))+"
_HOURS = rf"^(always|{_DAY_HOURS}(; *{_DAY_HOURS})*)$"


class IntakeSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="INTAKE_", frozen=True, extra="ignore", env_ignore_empty=True)

    queue_limit: int = Field(default=2_000, ge=1, description="Contacts waiting for a commit before 503 is answered")
    queue_bytes: int = Field(default=33_554_432, ge=1, description="Their bytes before 503 is answered")
    batch_limit: int = Field(default=500, ge=1, description="Contacts in one commit at the most")
    batch_bytes: int = Field(default=1_048_576, ge=1, description="Bytes in one commit at the most")
    chat_lines_per_minute: int = Field(default=30, ge=1, le=10**9, description="Then a chat answers 429 for a while")
    chat_lines: int = Field(default=500, ge=1, le=10**9, description="Then a chat is full, and answers 409")
    chat_characters: int = Field(default=500_000, ge=1, le=10**9, description="The same, whatever its lines")
    keep_texts_days: int = Field(default=365, ge=1, description="Then who wrote a contact, and what, is blanked")
    keep_raw_days: int = Field(default=30, ge=1, description="Then mails and webhooks that were parsed are forgotten")
    thread_days: int = Field(
        default=14, ge=1, description="A message goes on with a conversation that was silent for so long at most"
    )
    whatsapp_app_secret: SecretStr | None = Field(
        default=None, description="Signs what WhatsApp brings; two with a comma while one replaces the other"
    )
    whatsapp_verify_token: SecretStr | None = Field(default=None, description="Answers Meta's handshake")
    line_channel_secret: SecretStr | None = Field(default=None, description="Signs what LINE brings; as WhatsApp's")
    keep_visits_days: int = Field(default=90, ge=1, description="Then who came to a booth, and for what, is blanked")
    chat_token_days: int = Field(default=30, ge=1, description="A chat's token works so long after its last line")
    unread_minutes: float = Field(
        default=10, ge=0, description="After so long a silence it is told which answers in a chat were not read"
    )
    hours: str = Field(
        default="mon-sun 08:00-20:00",
        pattern=_HOURS,
        description="When chats are answered, such as `mon-fri 08:00-20:00; sat 09:00-12:00`, or `always`",
    )
    hours_zone: str = Field(default="Asia/Jakarta", description="Whose clocks show the hours")
    booth_zone: str = Field(default="Asia/Jakarta", description="Where the booths' day begins")
    call_within_seconds: int = Field(default=300, ge=1, description="PTSA: a visitor is called within five minutes")


def values_in(secret: SecretStr) -> Sequence[str]:
    """The secrets in a setting: one, or while it is being replaced two with a comma between them."""
    return tuple(filter(None, (value.strip() for value in secret.get_secret_value().split(","))))
