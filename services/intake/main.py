"""The composition root of intake: nothing else wires anything."""

from collections.abc import Mapping
from datetime import timedelta

from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import forms, hooks, raw
from services.intake.api import mails as mail_routes
from services.intake.api import visits as visit_routes
from services.intake.channels import channels_of
from services.intake.channels.channel import Channel
from services.intake.consumers import HANDLERS
from services.intake.domain.chats import Allowance
from services.intake.jobs.mail import mail_workers
from services.intake.jobs.parser import Parser
from services.intake.repository.mailboxes import forget_fetched
from services.intake.repository.raw import forget_raw
from services.intake.repository.retention import blank_contacts, blank_replies, blank_visits
from services.intake.repository.threads import forget_sources, forget_threads
from services.intake.repository.withdrawals import forget_withdrawals
from services.intake.service.acceptance import Acceptor
from services.intake.service.attachments import Attachments
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts
from services.intake.service.forms import Forms
from services.intake.service.group_commit import QueueLimits
from services.intake.service.hooks import Hooks
from services.intake.service.mails import Mails
from services.intake.service.raw import RawKeeper
from services.intake.service.receive import Receiver
from services.intake.service.visits import Visits
from services.intake.settings import IntakeSettings
from services.intake.storage import Directory
from shared.auth import ApiKeys, Authority, StaffTokens
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.keystore import KeyStore
from shared.pages import Pages
from shared.plumbing import Plumbing
from shared.retention import Rule
from shared.runner import Service
from shared.seal import Seal
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.worker import Worker


def build(
    common: CommonSettings,
    settings: IntakeSettings,
    clock: Clock = utcnow,
    channels: Mapping[str, Channel] | None = None,
) -> Service:
    """intake, wired, with every channel that the settings open, or with these."""
    pipes = Plumbing(common, "intake", clock)
    if channels is None:
        channels = channels_of(settings, Capabilities(pipes.secrets, "mail threads"))
    consumer = pipes.consumer(STREAMS["tickets"], HANDLERS, essential=False)
    limits = QueueLimits(
        queue=settings.queue_limit,
        queue_bytes=settings.queue_bytes,
        batch=settings.batch_limit,
        batch_bytes=settings.batch_bytes,
    )
    acceptor = Acceptor(
        db=pipes.db,
        limits=limits,
        allowance=Allowance(
            lines_per_minute=settings.chat_lines_per_minute,
            lines=settings.chat_lines,
            characters=settings.chat_characters,
        ),
    )
    chat_tokens = Capabilities(pipes.secrets, "chats")
    seal = Seal(pipes.secrets)
    contacts = Contacts(seal=seal, chat_tokens=chat_tokens)
    keeper = RawKeeper(db=pipes.db, limits=limits)
    attachments = Attachments(Directory(settings.attachments_dir))
    receiver = Receiver(seal=seal, thread_lasts=timedelta(days=settings.thread_days), attachments=attachments)
    parser = Parser(db=pipes.db, channels=channels, receiver=receiver, keeper=keeper, clock=clock)
    mails = Mails(pipes.db, keeper)
    chats = Chats(token_lasts=timedelta(days=settings.chat_token_days))
    call_within = timedelta(seconds=settings.call_within_seconds)
    visits = Visits(contacts=contacts, zone=settings.booth_zone, call_within=call_within)
    authority = Authority(
        staff=StaffTokens(pipes.secrets),
        revocations=pipes.revocations,
        api_keys=ApiKeys(KeyStore(pipes.db).load),
        chats=chat_tokens,
    )
    web_forms = Forms(contacts=contacts, acceptor=acceptor, links=Capabilities(pipes.secrets, "web forms"))
    app = pipes.app(
        description="Takes what a citizen brings, keeps it before it answers, and passes it on.",
        authority=authority,
        routers=[
            contact_routes.router,
            chat_routes.router,
            visit_routes.router,
            hooks.router,
            forms.router,
            raw.router,
            mail_routes.router,
        ],
        parts=[acceptor, contacts, chats, visits, keeper, Hooks(channels), web_forms, mails],
        max_import_bytes=settings.mail_bytes,
        redis_essential=False,
    )
    app.add_middleware(Pages, places=forms.PLACES, page=forms.refused_page)
    texts = timedelta(days=settings.keep_texts_days)
    keep = [
        Rule("contacts", texts, blank_contacts),
        Rule("chat replies", texts, blank_replies),
        Rule("raw", timedelta(days=settings.keep_raw_days), forget_raw),
        Rule("threads", texts, forget_threads),
        Rule("withdrawals", texts, forget_withdrawals),
        Rule("sources", texts, forget_sources),
        Rule("attachments", texts, attachments.forget),
        Rule("fetched mails", texts, forget_fetched),
        Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits),
    ]
    workers: list[Worker] = [acceptor, keeper, parser, consumer, *mail_workers(settings, mails, pipes.db, clock)]
    return pipes.service(app, workers, keep)
