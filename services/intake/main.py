"""The composition root of intake: nothing else wires anything."""

from collections.abc import Mapping
from datetime import timedelta

from services.intake.api import call_figures as figure_routes
from services.intake.api import callbacks as callback_routes
from services.intake.api import calls as call_routes
from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import forms, hooks, raw
from services.intake.api import menus as menu_routes
from services.intake.api import telephones as telephone_routes
from services.intake.api import visits as visit_routes
from services.intake.channels import channels_of
from services.intake.channels.asterisk import Asterisk
from services.intake.channels.channel import Channel
from services.intake.channels.cti import Cti
from services.intake.channels.twilio import Twilio
from services.intake.consumers import HANDLERS
from services.intake.domain.callbacks import CallingHours
from services.intake.domain.chats import Allowance
from services.intake.jobs.calls import CallSweep
from services.intake.jobs.parser import Parser
from services.intake.repository.callbacks import blank_callbacks
from services.intake.repository.calls import blank_calls, forget_events
from services.intake.repository.raw import forget_raw
from services.intake.repository.retention import blank_contacts, blank_replies, blank_visits
from services.intake.repository.threads import forget_sources, forget_threads
from services.intake.repository.withdrawals import forget_withdrawals
from services.intake.service.acceptance import Acceptor
from services.intake.service.call_contacts import CallContacts
from services.intake.service.call_figures import Figures
from services.intake.service.callbacks import Callbacks
from services.intake.service.calls import Calls
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts
from services.intake.service.conversations import Conversations
from services.intake.service.forms import Forms
from services.intake.service.group_commit import QueueLimits
from services.intake.service.hooks import Hooks
from services.intake.service.menus import Menus
from services.intake.service.raw import RawKeeper
from services.intake.service.receive import Receiver
from services.intake.service.telephones import Telephones
from services.intake.service.visits import Visits
from services.intake.settings import IntakeSettings
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


def build(
    common: CommonSettings,
    settings: IntakeSettings,
    clock: Clock = utcnow,
    channels: Mapping[str, Channel] | None = None,
) -> Service:
    """intake, wired, with every channel that the settings open, or with these."""
    channels = channels_of(settings) if channels is None else channels
    pipes = Plumbing(common, "intake", clock)
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
    receiver = Receiver(seal=seal, thread_lasts=timedelta(days=settings.thread_days))
    parser = Parser(db=pipes.db, channels=channels, receiver=receiver, keeper=keeper, clock=clock)
    chats = Chats(token_lasts=timedelta(days=settings.chat_token_days))
    call_within = timedelta(seconds=settings.call_within_seconds)
    visits = Visits(contacts=contacts, zone=settings.booth_zone, call_within=call_within)
    hours = CallingHours(settings.contact_centre_zone, settings.contact_centre_opens, settings.contact_centre_closes)
    callbacks = Callbacks(hours=hours)
    calls = Calls(callbacks=callbacks, contacts=CallContacts(receiver=receiver, seal=seal))
    conversations = Conversations(calls=calls, seal=seal, menu=settings.ivr_menu)
    silent_for = timedelta(hours=settings.call_ends_after_hours)
    telephones = _telephones(settings, calls, conversations)
    figures = Figures(zone=settings.contact_centre_zone)
    sweep = CallSweep(db=pipes.db, calls=calls, figures=figures, silent_for=silent_for, clock=clock)
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
            forms.router,
            raw.router,
            figure_routes.router,
            call_routes.router,
            callback_routes.router,
            menu_routes.router,
            telephone_routes.router,
            hooks.router,
        ],
        parts=[
            acceptor,
            contacts,
            chats,
            visits,
            keeper,
            Hooks(channels),
            web_forms,
            calls,
            conversations,
            Menus(),
            callbacks,
            figures,
            telephones,
        ],
        redis_essential=False,
    )
    app.add_middleware(Pages, places=forms.PLACES, page=forms.refused_page)
    texts = timedelta(days=settings.keep_texts_days)
    kept_calls = timedelta(days=settings.keep_calls_days)
    keep = [
        Rule("contacts", texts, blank_contacts),
        Rule("chat replies", texts, blank_replies),
        Rule("raw", timedelta(days=settings.keep_raw_days), forget_raw),
        Rule("threads", texts, forget_threads),
        Rule("withdrawals", texts, forget_withdrawals),
        Rule("sources", texts, forget_sources),
        Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits),
        Rule("call events", kept_calls, forget_events),
        Rule("calls", kept_calls, blank_calls),
        Rule("call-backs", kept_calls, blank_callbacks),
    ]
    return pipes.service(app, [acceptor, keeper, parser, consumer, sweep], keep)


def _telephones(settings: IntakeSettings, calls: Calls, conversations: Conversations) -> Telephones:
    """The telephone systems that the settings open."""
    token, shared_key = settings.twilio_auth_token, settings.twilio_shared_key
    return Telephones(
        calls,
        conversations,
        Twilio(
            auth_token=token.get_secret_value(),
            shared_key=shared_key.get_secret_value() if shared_key else None,
            public_url=str(settings.public_url),
        )
        if token
        else None,
        Cti(settings.cti_token.get_secret_value()) if settings.cti_token else None,
        Asterisk(settings.asterisk_token.get_secret_value()) if settings.asterisk_token else None,
    )
