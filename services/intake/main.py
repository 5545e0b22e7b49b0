"""The composition root of intake: nothing else wires anything."""

from collections.abc import Mapping
from datetime import timedelta

from services.intake.api import forms
from services.intake.channels import channels_of
from services.intake.channels.channel import Channel
from services.intake.providers import media_sources
from services.intake.service.attachments import Attachments
from services.intake.service.receive import Receiver
from services.intake.settings import IntakeSettings
from services.intake.storage import store_of
from services.intake.wings.calls import calls_wing
from services.intake.wings.channels import channels_wing
from services.intake.wings.contacts import contacts_wing
from services.intake.wings.files import files_wing
from services.intake.wings.ground import ground_of
from services.intake.wings.ledger import ledger_wing
from services.intake.wings.live import live_of
from services.intake.wings.visits import visits_wing
from shared import mail_threads
from shared.auth import Authority
from shared.clock import Clock, utcnow
from shared.pages import Pages
from shared.plumbing import Plumbing
from shared.runner import Service
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens


def build(
    common: CommonSettings,
    settings: IntakeSettings,
    clock: Clock = utcnow,
    channels: Mapping[str, Channel] | None = None,
) -> Service:
    """intake, wired, with every channel that the settings open, or with these."""
    pipes = Plumbing(common, "intake", clock)
    if channels is None:
        channels = channels_of(settings, Capabilities(pipes.secrets, mail_threads.PURPOSE))
    ground = ground_of(pipes, settings, clock)
    store = store_of(settings)
    sources = media_sources(settings)
    attachments = Attachments(db=pipes.db, store=store, fetched_from={source.channel for source in sources})
    receiver = Receiver(seal=ground.seal, thread_lasts=timedelta(days=settings.thread_days), attachments=attachments)
    live = live_of(ground, common)
    wings = [
        contacts_wing(ground, live, attachments),
        visits_wing(ground, live),
        calls_wing(ground, receiver),
        channels_wing(ground, receiver, channels),
        files_wing(ground, store, attachments, sources),
        ledger_wing(ground),
    ]
    keys, key_uses = pipes.api_keys()
    app = pipes.app(
        description="Takes what a citizen brings, keeps it before it answers, and passes it on.",
        authority=Authority(
            staff=StaffTokens(pipes.secrets),
            revocations=pipes.revocations,
            api_keys=keys,
            key_uses=key_uses,
            chats=ground.chat_tokens,
        ),
        routers=[router for wing in wings for router in wing.routers],
        parts=[part for wing in wings for part in wing.parts],
        max_import_bytes=settings.mail_bytes,
        bounds_itself=forms.BOUNDED,
        redis_essential=False,
    )
    app.add_middleware(Pages, places=forms.PLACES, page=forms.refused_page)
    workers = [worker for wing in wings for worker in wing.workers]
    return pipes.service(app, workers, [rule for wing in wings for rule in wing.keep])
