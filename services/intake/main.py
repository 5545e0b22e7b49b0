"""The composition root of intake: nothing else wires anything."""

from collections.abc import Mapping
from datetime import timedelta

from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import hooks
from services.intake.api import hours as hours_routes
from services.intake.api import streams as stream_routes
from services.intake.api import visits as visit_routes
from services.intake.channels import channels_of
from services.intake.channels.channel import Channel
from services.intake.consumers import ticket_handlers
from services.intake.domain.chats import Allowance
from services.intake.domain.hours import hours_of
from services.intake.jobs.parser import Parser
from services.intake.jobs.unread import UnreadAnswers
from services.intake.repository.raw import forget_raw
from services.intake.repository.retention import blank_contacts, blank_replies, blank_visits
from services.intake.repository.threads import forget_sources, forget_threads
from services.intake.repository.withdrawals import forget_withdrawals
from services.intake.service.acceptance import Acceptor
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts
from services.intake.service.group_commit import QueueLimits
from services.intake.service.hooks import Hooks
from services.intake.service.hours import ServiceHours
from services.intake.service.raw import RawKeeper
from services.intake.service.receive import Receiver
from services.intake.service.stream_tickets import StreamTickets
from services.intake.service.streams import Streams
from services.intake.service.visits import Visits
from services.intake.service.wakes import Listener, Wakes, valkey
from services.intake.settings import IntakeSettings
from shared.auth import ApiKeys, Authority, StaffTokens
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.keystore import KeyStore
from shared.plumbing import Plumbing
from shared.retention import Rule
from shared.runner import Service
from shared.seal import Capabilities, Seal
from shared.settings import CommonSettings


def build(
    common: CommonSettings,
    settings: IntakeSettings,
    clock: Clock = utcnow,
    channels: Mapping[str, Channel] | None = None,
) -> Service:
    """intake, wired, with every channel that the settings open, or with these."""
    channels = channels_of(settings) if channels is None else channels
    pipes = Plumbing(common, "intake", clock)
    redis = valkey(common.redis_url)
    streams = Streams(db=pipes.db, most=max(1, common.max_connections // 2))
    wakes = Wakes(redis, streams)
    listener = Listener(redis, streams, wakes.sender)
    consumer = pipes.consumer(STREAMS["tickets"], ticket_handlers(wakes.follow), essential=False)
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
        follow=wakes.follow,
    )
    chat_tokens = Capabilities(pipes.secrets, "chats")
    seal = Seal(pipes.secrets)
    contacts = Contacts(seal=seal, chat_tokens=chat_tokens)
    keeper = RawKeeper(db=pipes.db, limits=limits)
    receiver = Receiver(seal=seal, thread_lasts=timedelta(days=settings.thread_days))
    parser = Parser(db=pipes.db, channels=channels, receiver=receiver, keeper=keeper, clock=clock)
    chats = Chats(token_lasts=timedelta(days=settings.chat_token_days), follow=wakes.follow)
    hours = ServiceHours(hours_of(settings.hours, settings.hours_zone))
    call_within = timedelta(seconds=settings.call_within_seconds)
    visits = Visits(contacts=contacts, zone=settings.booth_zone, call_within=call_within)
    authority = Authority(
        staff=StaffTokens(pipes.secrets),
        revocations=pipes.revocations,
        api_keys=ApiKeys(KeyStore(pipes.db).load),
        chats=chat_tokens,
    )
    app = pipes.app(
        description="Takes what a citizen brings, keeps it before it answers, and passes it on.",
        authority=authority,
        routers=[
            contact_routes.router,
            chat_routes.router,
            stream_routes.router,
            hours_routes.router,
            visit_routes.router,
            hooks.router,
        ],
        parts=[acceptor, contacts, chats, streams, wakes, StreamTickets(redis), hours, visits, keeper, Hooks(channels)],
        redis_essential=False,
    )
    texts = timedelta(days=settings.keep_texts_days)
    unread = UnreadAnswers(db=pipes.db, quiet=timedelta(minutes=settings.unread_minutes), clock=clock)
    keep = [
        Rule("contacts", texts, blank_contacts),
        Rule("chat replies", texts, blank_replies),
        Rule("raw", timedelta(days=settings.keep_raw_days), forget_raw),
        Rule("threads", texts, forget_threads),
        Rule("withdrawals", texts, forget_withdrawals),
        Rule("sources", texts, forget_sources),
        Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits),
    ]
    return pipes.service(app, [acceptor, keeper, parser, consumer, streams, listener, wakes, unread], keep)
