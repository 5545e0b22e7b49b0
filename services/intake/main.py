"""The composition root of intake: nothing else wires anything."""

from datetime import timedelta

from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import visits as visit_routes
from services.intake.consumers import HANDLERS
from services.intake.domain.chats import Allowance
from services.intake.repository.retention import blank_contacts, blank_replies, blank_visits
from services.intake.service.acceptance import Acceptor, QueueLimits
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts
from services.intake.service.visits import Visits
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


def build(common: CommonSettings, settings: IntakeSettings, clock: Clock = utcnow) -> Service:
    """intake, wired."""
    pipes = Plumbing(common, "intake", clock)
    consumer = pipes.consumer(STREAMS["tickets"], HANDLERS, essential=False)
    acceptor = Acceptor(
        db=pipes.db,
        limits=QueueLimits(
            queue=settings.queue_limit,
            queue_bytes=settings.queue_bytes,
            batch=settings.batch_limit,
            batch_bytes=settings.batch_bytes,
        ),
        allowance=Allowance(
            lines_per_minute=settings.chat_lines_per_minute,
            lines=settings.chat_lines,
            characters=settings.chat_characters,
        ),
    )
    chat_tokens = Capabilities(pipes.secrets, "chats")
    contacts = Contacts(seal=Seal(pipes.secrets), chat_tokens=chat_tokens)
    chats = Chats(token_lasts=timedelta(days=settings.chat_token_days))
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
        routers=[contact_routes.router, chat_routes.router, visit_routes.router],
        parts=[acceptor, contacts, chats, visits],
        redis_essential=False,
    )
    texts = timedelta(days=settings.keep_texts_days)
    keep = [
        Rule("contacts", texts, blank_contacts),
        Rule("chat replies", texts, blank_replies),
        Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits),
    ]
    return pipes.service(app, [acceptor, consumer], keep)
