"""The composition root of intake: nothing else wires anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from redis.asyncio import Redis

from services.intake.api import attachments as attachment_routes
from services.intake.api import board, booth_figures, dispensers, forms, hooks, raw
from services.intake.api import booths as booth_routes
from services.intake.api import call_figures as figure_routes
from services.intake.api import callbacks as callback_routes
from services.intake.api import calls as call_routes
from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import gaps as gap_routes
from services.intake.api import hours as hours_routes
from services.intake.api import mails as mail_routes
from services.intake.api import menus as menu_routes
from services.intake.api import queues as queue_routes
from services.intake.api import replies as reply_routes
from services.intake.api import streams as stream_routes
from services.intake.api import telephones as telephone_routes
from services.intake.api import visits as visit_routes
from services.intake.channels import channels_of
from services.intake.channels.asterisk import Asterisk
from services.intake.channels.channel import Channel
from services.intake.channels.cti import Cti
from services.intake.channels.twilio import Twilio
from services.intake.consumers import ticket_handlers
from services.intake.domain.chats import Allowance
from services.intake.domain.hours import hours_of
from services.intake.jobs.booths import BoothClock
from services.intake.jobs.calls import CallSweep
from services.intake.jobs.gaps import GapsWatch
from services.intake.jobs.loose_files import LooseFiles
from services.intake.jobs.mail import mail_workers
from services.intake.jobs.media import MediaFetcher
from services.intake.jobs.parser import Parser
from services.intake.jobs.unread import UnreadAnswers
from services.intake.providers import media_sources
from services.intake.providers.media import MediaSource
from services.intake.repository.attachments import forget_attachments
from services.intake.repository.callbacks import blank_callbacks
from services.intake.repository.calls import blank_calls, forget_events
from services.intake.repository.ledger import forget_tickets
from services.intake.repository.mailboxes import forget_fetched
from services.intake.repository.raw import forget_raw
from services.intake.repository.retention import blank_contacts, blank_replies, blank_visits
from services.intake.repository.threads import forget_sources, forget_threads
from services.intake.repository.withdrawals import forget_withdrawals
from services.intake.service.acceptance import Acceptor
from services.intake.service.attachments import Attachments
from services.intake.service.board import Boards
from services.intake.service.board_streams import BoardStreams
from services.intake.service.booth_figures import BoothFigures
from services.intake.service.booths import Booths
from services.intake.service.call_contacts import CallContacts
from services.intake.service.call_figures import Figures
from services.intake.service.callbacks import Callbacks
from services.intake.service.calls import Calls
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts
from services.intake.service.conversations import Conversations
from services.intake.service.dispensers import Dispensers
from services.intake.service.forms import Forms
from services.intake.service.gaps import KEPT, Gaps
from services.intake.service.group_commit import QueueLimits
from services.intake.service.hooks import Hooks
from services.intake.service.hours import ServiceHours
from services.intake.service.mails import Mails
from services.intake.service.media import Media
from services.intake.service.menus import Menus
from services.intake.service.queues import Queues
from services.intake.service.raw import RawKeeper
from services.intake.service.receive import Receiver
from services.intake.service.stream_tickets import StreamTickets
from services.intake.service.streams import Streams
from services.intake.service.telephones import Telephones
from services.intake.service.visits import Visits
from services.intake.service.wakes import Listener, Wakes, valkey
from services.intake.settings import IntakeSettings, values_in
from services.intake.storage import Store, store_of
from shared import mail_threads
from shared.auth import Authority
from shared.case_links import CaseLinks
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.pages import Pages
from shared.plumbing import Plumbing
from shared.retention import Rule
from shared.runner import Service
from shared.seal import Seal
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens
from shared.worker import Worker


@dataclass(frozen=True, slots=True)
class Wing:
    """A part of the service that stands for itself: its routes and what they need, what works in the background, and
    how long it keeps what.
    """

    routers: Sequence[APIRouter]
    parts: Sequence[object]
    workers: Sequence[Worker] = ()
    keep: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every wing stands on."""

    pipes: Plumbing
    settings: IntakeSettings
    clock: Clock
    seal: Seal
    chat_tokens: Capabilities
    contacts: Contacts
    limits: QueueLimits

    @property
    def texts(self) -> timedelta:
        """How long what people wrote is kept."""
        return timedelta(days=self.settings.keep_texts_days)


@dataclass(frozen=True, slots=True)
class Live:
    """What is followed as it goes on, chats and boards, and what wakes it here and in other processes."""

    redis: Redis
    streams: Streams
    boards: BoardStreams
    wakes: Wakes

    def listener(self) -> Listener:
        """Who hears the other processes."""
        return Listener(self.redis, self.streams, self.boards, self.wakes.sender)


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
    ground = _ground(pipes, settings, clock)
    store = store_of(settings)
    sources = media_sources(settings)
    attachments = Attachments(db=pipes.db, store=store, fetched_from={source.channel for source in sources})
    receiver = Receiver(seal=ground.seal, thread_lasts=timedelta(days=settings.thread_days), attachments=attachments)
    live = _live(ground, common)
    wings = [
        _contacts(ground, live, attachments),
        _visits(ground, live),
        _calls(ground, receiver),
        _channels(ground, receiver, channels),
        _files(ground, store, attachments, sources),
        _ledger(ground),
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


def _ground(pipes: Plumbing, settings: IntakeSettings, clock: Clock) -> Ground:
    seal, chat_tokens = Seal(pipes.secrets), Capabilities(pipes.secrets, "chats")
    limits = QueueLimits(
        queue=settings.queue_limit,
        queue_bytes=settings.queue_bytes,
        batch=settings.batch_limit,
        batch_bytes=settings.batch_bytes,
    )
    contacts = Contacts(seal=seal, chat_tokens=chat_tokens)
    return Ground(pipes, settings, clock, seal, chat_tokens, contacts, limits)


def _live(ground: Ground, common: CommonSettings) -> Live:
    pipes, redis = ground.pipes, valkey(common.redis_url)
    streams = Streams(db=pipes.db, most=max(1, common.max_connections // 2))
    boards = BoardStreams(
        db=pipes.db,
        boards=Boards(booths=Booths(zone=ground.settings.booth_zone)),
        clock=ground.clock,
        most=max(1, common.max_connections // 8),
    )
    return Live(redis, streams, boards, Wakes(redis, streams, boards))


def _contacts(ground: Ground, live: Live, attachments: Attachments) -> Wing:
    """Forms and chats: they are answered after the commit that they share, and who follows a chat is woken by it."""
    pipes, settings, wakes = ground.pipes, ground.settings, live.wakes
    acceptor = Acceptor(
        db=pipes.db,
        limits=ground.limits,
        allowance=Allowance(
            lines_per_minute=settings.chat_lines_per_minute,
            lines=settings.chat_lines,
            characters=settings.chat_characters,
        ),
        follow=wakes.follow,
    )
    chats = Chats(token_lasts=timedelta(days=settings.chat_token_days), follow=wakes.follow)
    hours = ServiceHours(hours_of(settings.hours, settings.hours_zone, settings.holidays))
    consumer = pipes.consumer(STREAMS["tickets"], ticket_handlers(wakes.follow), essential=False)
    unread = UnreadAnswers(db=pipes.db, quiet=timedelta(minutes=settings.unread_minutes), clock=ground.clock)
    web_forms = Forms(
        db=pipes.db,
        contacts=ground.contacts,
        acceptor=acceptor,
        attachments=attachments,
        links=Capabilities(pipes.secrets, "web forms"),
        most_file_bytes=settings.mail_bytes,
    )
    return Wing(
        routers=[
            contact_routes.router,
            chat_routes.router,
            stream_routes.router,
            hours_routes.router,
            forms.router,
            reply_routes.router,
        ],
        parts=[
            acceptor,
            ground.contacts,
            chats,
            live.streams,
            wakes,
            StreamTickets(live.redis),
            hours,
            web_forms,
            CaseLinks(pipes.secrets, str(settings.cases_url or "")),
        ],
        workers=[acceptor, consumer, live.streams, live.listener(), wakes, unread],
        keep=[Rule("contacts", ground.texts, blank_contacts), Rule("chat replies", ground.texts, blank_replies)],
    )


def _visits(ground: Ground, live: Live) -> Wing:
    """Booths: numbers, turns, and what the board shows."""
    settings = ground.settings
    call_within = timedelta(seconds=settings.call_within_seconds)
    booths = Booths(zone=settings.booth_zone, follow=live.wakes.follow_booths)
    visits = Visits(contacts=ground.contacts, booths=booths, call_within=call_within)
    queues = Queues(booths=booths)
    modules = (booth_routes, visit_routes, queue_routes, dispensers, board, booth_figures)
    return Wing(
        routers=[module.router for module in modules],
        parts=[
            booths,
            visits,
            queues,
            Dispensers(booths=booths, visits=visits),
            Boards(booths=booths),
            BoothFigures(),
            live.boards,
        ],
        workers=[BoothClock(db=ground.pipes.db, queues=queues, clock=ground.clock), live.boards],
        keep=[Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits)],
    )


def _calls(ground: Ground, receiver: Receiver) -> Wing:
    """Telephone calls, whichever system tells of them."""
    settings = ground.settings
    callbacks = Callbacks(hours=hours_of(settings.hours, settings.hours_zone, settings.holidays))
    calls = Calls(callbacks=callbacks, contacts=CallContacts(receiver=receiver, seal=ground.seal))
    conversations = Conversations(calls=calls, seal=ground.seal, menu=settings.ivr_menu)
    figures = Figures(zone=settings.hours_zone)
    silent_for = timedelta(hours=settings.call_ends_after_hours)
    sweep = CallSweep(db=ground.pipes.db, calls=calls, figures=figures, silent_for=silent_for, clock=ground.clock)
    kept = timedelta(days=settings.keep_calls_days)
    return Wing(
        routers=[
            figure_routes.router,
            call_routes.router,
            callback_routes.router,
            menu_routes.router,
            telephone_routes.router,
        ],
        parts=[calls, conversations, Menus(), callbacks, figures, _telephones(settings, calls, conversations)],
        workers=[sweep],
        keep=[
            Rule("call events", kept, forget_events),
            Rule("calls", kept, blank_calls),
            Rule("call-backs", kept, blank_callbacks),
        ],
    )


def _channels(ground: Ground, receiver: Receiver, channels: Mapping[str, Channel]) -> Wing:
    """Mails and webhooks: their bytes are kept, and parsed afterwards (ADR 34)."""
    settings, db = ground.settings, ground.pipes.db
    keeper = RawKeeper(db=db, limits=ground.limits)
    mails = Mails(db, keeper)
    parser = Parser(db=db, channels=channels, receiver=receiver, keeper=keeper, clock=ground.clock)
    return Wing(
        # whatever has a path of its own below /v1/hooks stands before them
        routers=[raw.router, mail_routes.router, hooks.router],
        parts=[keeper, Hooks(channels), mails],
        workers=[keeper, parser, *mail_workers(settings, mails, db, ground.clock)],
        keep=[
            Rule("raw", timedelta(days=settings.keep_raw_days), forget_raw),
            Rule("threads", ground.texts, forget_threads),
            Rule("withdrawals", ground.texts, forget_withdrawals),
            Rule("sources", ground.texts, forget_sources),
            Rule("fetched mails", ground.texts, forget_fetched),
        ],
    )


def _files(ground: Ground, store: Store, attachments: Attachments, sources: Sequence[MediaSource]) -> Wing:
    """Files of citizens: how they come, are seen, and go (ADR 39)."""
    db = ground.pipes.db
    media = Media(db=db, store=store)
    return Wing(
        routers=[attachment_routes.router],
        parts=[attachments],
        workers=[
            LooseFiles(db=db, store=store),
            *(MediaFetcher(source=source, media=media) for source in sources),
        ],
        keep=[Rule("attachments", ground.texts, forget_attachments)],
    )


def _ledger(ground: Ground) -> Wing:
    """What shows that nothing was lost."""
    gaps = Gaps(zone=ground.settings.hours_zone)
    return Wing(
        routers=[gap_routes.router],
        parts=[gaps],
        workers=[GapsWatch(db=ground.pipes.db, gaps=gaps, clock=ground.clock)],
        keep=[Rule("ledger", KEPT, forget_tickets)],
    )


def _telephones(settings: IntakeSettings, calls: Calls, conversations: Conversations) -> Telephones:
    """The telephone systems that the settings open."""
    twilio_tokens = values_in(settings.twilio_auth_token)
    cti_tokens, asterisk_tokens = values_in(settings.cti_token), values_in(settings.asterisk_token)
    return Telephones(
        calls,
        conversations,
        Twilio(
            auth_tokens=twilio_tokens,
            shared_keys=values_in(settings.twilio_shared_key),
            public_url=str(settings.public_url),
        )
        if twilio_tokens
        else None,
        Cti(cti_tokens) if cti_tokens else None,
        Asterisk(asterisk_tokens) if asterisk_tokens else None,
    )
