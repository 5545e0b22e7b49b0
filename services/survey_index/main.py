"""The composition root of the ear: nothing else wires anything."""

from datetime import timedelta

from services.survey_index.api import answers, figures
from services.survey_index.consumers import ticket_handlers
from services.survey_index.service.links import Links
from services.survey_index.settings import SurveyIndexSettings
from shared.auth import Authority, StaffTokens
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.plumbing import Plumbing
from shared.runner import Service
from shared.settings import CommonSettings


def build(common: CommonSettings, settings: SurveyIndexSettings, clock: Clock = utcnow) -> Service:
    """The ear, wired."""
    pipes = Plumbing(common, "survey_index", clock)
    links = Links(secret=pipes.secret, public_url=str(settings.public_url))
    consumer = pipes.consumer(
        STREAMS["tickets"],
        ticket_handlers(links=links, survey_code=settings.survey, valid_for=timedelta(days=settings.invitation_days)),
    )
    app = pipes.app(
        description="The ear: asks how well it went, and turns the answers into indices that can be reproduced.",
        authority=Authority(staff=StaffTokens(pipes.secret)),
        routers=[figures.router, answers.routes(links)],
        max_import_bytes=settings.max_import_bytes,
    )
    return pipes.service(app, [consumer])
