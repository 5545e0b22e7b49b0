"""What only notify needs to be told."""

from email.utils import parseaddr
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.mail_threads import LONGEST_LOCAL_PART


class NotifySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="NOTIFY_", frozen=True, extra="ignore", env_ignore_empty=True)

    smtp_host: str
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_connections: int = Field(default=4, ge=1, le=32)
    mail_from: str = Field(description="The sender of mails, such as `Satu Atap <layanan@contoh.go.id>`")
    mail_reply_to: str | None = Field(
        default=None,
        pattern=rf"^[A-Za-z0-9._-]{{1,{LONGEST_LOCAL_PART}}}@[A-Za-z0-9.-]+$",
        description="Where answers come in, such as `layanan@contoh.go.id`; a token of the case goes behind a `+`",
    )
    sms_url: HttpUrl = Field(description="The provider's address; messages go to `/sms/3/messages` there (Infobip)")
    sms_api_key: SecretStr
    sms_sender: str = Field(default="SatuAtap", max_length=11)
    sms_connections: int = Field(default=4, ge=1, le=32)
    cases_url: HttpUrl | None = Field(
        default=None,
        description="Where citizens reach the pages of their cases (`tickets`); letters link to `/t/…` there, else to "
        "nothing",
    )
    language: Literal["id", "en"] = "id"
    batch: int = Field(default=100, ge=1, le=500, description="Notices that are claimed at once by one connection")
    notices_per_hour: int = Field(
        default=12, ge=1, description="To one address; more are held for an hour and told together"
    )
    mail_answers_per_hour: int = Field(
        default=60, ge=1, description="Automatic ones to one mail domain, and to one text; more wait for a person"
    )
    keep_texts_days: int = Field(default=90, ge=1, description="Then a notice's text and address are blanked")
    keep_attempts_days: int = Field(default=365, ge=1, description="How long the attempts to hand it over are kept")
    give_up_after_hours: int = Field(default=24, ge=1)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Ours, in small letters: what goes to one of them comes back."""
        ours = parseaddr(self.mail_from)[1], self.mail_reply_to or ""
        return frozenset(address.lower() for address in ours if address)
