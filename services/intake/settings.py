"""Settings that only intake has."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import Listed

_DAYS, _CLOCK = "(mon|tue|wed|thu|fri|sat|sun)", "([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY_HOURS = rf"{_DAYS}(-{_DAYS})?( +{_CLOCK}-({_CLOCK}|24:00))+"
_HOURS = rf"^(always|{_DAY_HOURS}(; *{_DAY_HOURS})*)$"
_HOLIDAY_KINDS = ("ID", "ID/cuti-bersama")


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
        default=None,
        description="Signs what WhatsApp brings; by commas one for each account, and two while one replaces the other",
    )
    whatsapp_verify_token: SecretStr | None = Field(default=None, description="Answers Meta's handshake")
    line_channel_secret: SecretStr | None = Field(default=None, description="Signs what LINE brings; as WhatsApp's")
    whatsapp_access_token: SecretStr | None = Field(default=None, description="With it, pictures and files are fetched")
    whatsapp_graph_url: HttpUrl = Field(
        default=HttpUrl("https://graph.facebook.com/v25.0"), description="Where WhatsApp says where a file is"
    )
    line_access_token: SecretStr | None = Field(default=None, description="As WhatsApp's")
    line_data_url: HttpUrl = Field(default=HttpUrl("https://api-data.line.me"), description="Where LINE has files")
    keep_visits_days: int = Field(default=90, ge=1, description="Then who came to a booth, and for what, is blanked")
    chat_token_days: int = Field(default=30, ge=1, description="A chat's token works so long after its last line")
    mail_bytes: int = Field(default=10_485_760, ge=1_024, description="A longer mail is refused")
    mail_addresses: Listed = Field(
        default=(), description="Ours, by commas: a mail from one of them is never answered by a machine"
    )
    attachments_dir: Path = Field(
        default=Path("/var/lib/satuatap/attachments"), description="Files of citizens; all instances see the same"
    )
    bucket: str = Field(default="", description="With it files are in this bucket, and not in the directory")
    bucket_endpoint: HttpUrl | None = Field(
        default=None, description="Of a server that speaks as S3 does; else Amazon's"
    )
    bucket_region: str = Field(default="us-east-1")
    bucket_key: SecretStr = Field(default=SecretStr(""), description="Whose bucket it is")
    bucket_secret: SecretStr = SecretStr("")
    smtp_port: int | None = Field(
        default=None, ge=0, le=65_535, description="Mail servers hand mails over here; else off"
    )
    smtp_host: str = Field(default="127.0.0.1", description="The address that it listens at")
    smtp_hostname: str = Field(default="localhost", description="How it calls itself to mail servers")
    smtp_certificate: Path | None = Field(default=None, description="A PEM file; with it, STARTTLS is offered")
    smtp_key: Path | None = Field(default=None, description="Its key, where that is another file")
    smtp_connections: int = Field(default=100, ge=1, description="Open at one time")
    smtp_recipients: int = Field(default=1_000, ge=100, description="Of one mail; the others come in another")
    imap_host: str | None = Field(default=None, description="The server of a mailbox that mails are fetched from")
    imap_port: int = Field(default=993, ge=1, le=65_535)
    imap_tls: bool = Field(default=True, description="From the first byte on; without it, only where nobody listens in")
    imap_user: str = Field(default="", description="Whose mailbox it is")
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = Field(default="INBOX", description="All that is in it is fetched, whether it was read or not")
    imap_done_folder: str = Field(default="", description="Where what was kept is moved to; else it is marked as read")
    unread_minutes: float = Field(
        default=10, ge=0, description="After so long a silence it is told which answers in a chat were not read"
    )
    hours: str = Field(
        default="mon-sun 08:00-20:00",
        pattern=_HOURS,
        description="When chats are answered and citizens called back, such as "
        "`mon-fri 08:00-20:00; sat 09:00-12:00`, or `always`",
    )
    hours_zone: str = Field(
        default="Asia/Jakarta", description="Whose clocks show the hours, and whose days calls have"
    )
    holidays: Listed = Field(
        default=(),
        description="On which days chats are not answered and nobody is called back: dates, `ID`, `ID/cuti-bersama`, "
        "by commas",
    )
    booth_zone: str = Field(default="Asia/Jakarta", description="Where the booths' day begins")
    call_within_seconds: int = Field(default=300, ge=1, description="PTSA: a visitor is called within five minutes")

    public_url: HttpUrl | None = Field(default=None, description="How Twilio reaches us: what it signs begins with it")
    cases_url: HttpUrl | None = Field(
        default=None, description="Where citizens reach the pages of their cases; else at the address of intake"
    )
    twilio_auth_token: SecretStr | None = Field(default=None, description="Opens /v1/hooks/twilio; as WhatsApp's")
    twilio_shared_key: SecretStr | None = Field(
        default=None, description="Of signatures that name their algorithm; as WhatsApp's"
    )
    cti_token: SecretStr | None = Field(default=None, description="Opens /v1/hooks/cti/TOKEN; as WhatsApp's")
    asterisk_token: SecretStr | None = Field(default=None, description="Opens /v1/hooks/asterisk; as WhatsApp's")
    ivr_menu: str = Field(default="utama", description="The menu that callers are led through")
    call_ends_after_hours: int = Field(default=4, ge=1, description="Then a call of which nothing is told has ended")
    keep_calls_days: int = Field(default=365, ge=1, description="Then who called, or is to be called, is blanked")

    @field_validator("holidays")
    @classmethod
    def _holidays_are_days(cls, given: Sequence[str]) -> Sequence[str]:
        for text in given:
            if text not in _HOLIDAY_KINDS:
                date.fromisoformat(text)
        return given

    @model_validator(mode="after")
    def _bucket_needs_its_key(self) -> Self:
        if self.bucket and not (self.bucket_key.get_secret_value() and self.bucket_secret.get_secret_value()):
            raise ValueError("INTAKE_BUCKET needs INTAKE_BUCKET_KEY and INTAKE_BUCKET_SECRET")
        return self

    @model_validator(mode="after")
    def _twilio_needs_our_address(self) -> Self:
        if self.twilio_auth_token and not self.public_url:
            raise ValueError("INTAKE_TWILIO_AUTH_TOKEN needs INTAKE_PUBLIC_URL: Twilio signs the address that it calls")
        return self


def values_in(secret: SecretStr | None) -> Sequence[str]:
    """The secrets in a setting, by commas: one for each account, and two of one that is being replaced."""
    given = secret.get_secret_value() if secret else ""
    return tuple(filter(None, (value.strip() for value in given.split(","))))
