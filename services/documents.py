"""Writes `docs/openapi/*.json`, what each service's HTTP interface takes, answers and refuses, from its routes.

`python -m services.documents` writes them; a test fails when they are stale.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import HttpUrl, SecretStr

from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.notify.main import build as build_notify
from services.notify.settings import NotifySettings
from services.survey_index.main import build as build_survey_index
from services.survey_index.settings import SurveyIndexSettings
from services.tickets.main import build as build_tickets
from services.tickets.settings import TicketsSettings
from shared.runner import Service
from shared.settings import CommonSettings

_DOCS = Path(__file__).parent.parent / "docs" / "openapi"


def documents() -> dict[Path, str]:
    """File → what it must hold."""
    return {
        _DOCS / f"{service.name}.json": json.dumps(service.app.openapi(), indent=2, ensure_ascii=False) + "\n"
        for service in _services()
    }


def _services() -> Iterable[Service]:
    """The services as they are wired, with settings of nowhere: nothing is asked of an engine before a request."""
    nowhere = HttpUrl("http://127.0.0.1:1")
    common = CommonSettings(
        DATABASE_URL="postgresql://nobody:nothing@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
        secret=SecretStr("a secret of more than 32 characters that seals nothing"),
    )
    notify = NotifySettings(
        smtp_host="127.0.0.1",
        mail_from="Satu Atap <layanan@satuatap.example>",
        sms_url=nowhere,
        sms_api_key=SecretStr("nobody's"),
    )
    return (
        build_intake(common, IntakeSettings()),
        build_tickets(common, TicketsSettings()),
        build_survey_index(common, SurveyIndexSettings(public_url=nowhere)),
        build_notify(common, notify),
    )


if __name__ == "__main__":
    for file, content in documents().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, "utf-8")
