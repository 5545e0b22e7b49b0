"""The composition root of survey_index: nothing else wires anything."""

from services.survey_index.api import answers, catalogue, figures, imports, pages, reports, surveys
from services.survey_index.consumers import ticket_handlers
from services.survey_index.service.checks import Checks
from services.survey_index.service.invitations import Invitations
from services.survey_index.service.links import Links
from services.survey_index.service.readers import Readers
from services.survey_index.settings import SurveyIndexSettings
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.pages import Pages
from shared.plumbing import Plumbing
from shared.runner import Service
from shared.settings import CommonSettings


def build(common: CommonSettings, settings: SurveyIndexSettings, clock: Clock = utcnow) -> Service:
    """survey_index, wired."""
    pipes = Plumbing(common, "survey_index", clock)
    links = Links(secrets=pipes.secrets, public_url=str(settings.public_url))
    invitations = Invitations(links=links, secrets=pipes.secrets, survey=settings.survey)
    consumer = pipes.consumer(STREAMS["tickets"], ticket_handlers(invitations), essential=False)
    app = pipes.app(
        description="Asks how well it went, and turns the answers into indices that can be reproduced.",
        authority=pipes.authority(takes_keys=True),
        routers=[
            figures.router,
            catalogue.router,
            surveys.router,
            answers.router,
            imports.router,
            reports.router,
            pages.router,
        ],
        parts=[links, Checks(pipes.secrets), Readers()],
        max_import_bytes=settings.max_import_bytes,
    )
    app.add_middleware(Pages, places=pages.PLACES, page=pages.refused_page)
    return pipes.service(app, [consumer])
