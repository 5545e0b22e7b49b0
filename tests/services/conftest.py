"""All four services, built as they run."""

from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.notify.main import build as build_notify
from services.notify.settings import NotifySettings
from services.survey_index.main import build as build_survey_index
from services.survey_index.settings import SurveyIndexSettings
from services.tickets.main import build as build_tickets
from services.tickets.settings import TicketsSettings
from shared.clock import Clock, utcnow
from shared.runner import Service
from shared.settings import CommonSettings

INTAKE = IntakeSettings(hours="always")
"""Citizens are called back at whatever time a test runs."""
NOTIFY = NotifySettings(
    smtp_host="127.0.0.1",
    mail_from="Satu Atap <layanan@contoh.example>",
    sms_url=HttpUrl("https://sms.contoh.example"),
    sms_api_key=SecretStr("invented"),
)


def built(
    common: CommonSettings, clock: Clock = utcnow, *, attachments_dir: Path = Path("nowhere")
) -> dict[str, Service]:
    """The services, by their names."""
    services = (
        build_intake(common, INTAKE.model_copy(update={"attachments_dir": attachments_dir}), clock),
        build_tickets(common, TicketsSettings(), clock),
        build_survey_index(common, SurveyIndexSettings(public_url=HttpUrl("https://survei.contoh.example")), clock),
        build_notify(common, NOTIFY, clock),
    )
    return {service.name: service for service in services}


@pytest.fixture
def services(common: CommonSettings, tmp_path: Path) -> dict[str, Service]:
    return built(common, attachments_dir=tmp_path / "attachments")
