"""Forms and chats."""

from datetime import timedelta

from services.intake.api import chats as chat_routes
from services.intake.api import contacts as contact_routes
from services.intake.api import forms
from services.intake.api import hours as hours_routes
from services.intake.api import replies as reply_routes
from services.intake.api import streams as stream_routes
from services.intake.consumers import ticket_handlers
from services.intake.domain.chats import Allowance
from services.intake.domain.hours import hours_of
from services.intake.jobs.unread import UnreadAnswers
from services.intake.repository.retention import blank_contacts, blank_replies
from services.intake.service.acceptance import Acceptor
from services.intake.service.addresses import ChatAddresses
from services.intake.service.attachments import Attachments
from services.intake.service.chats import Chats
from services.intake.service.forms import Forms
from services.intake.service.hours import ServiceHours
from services.intake.service.stream_tickets import StreamTickets
from services.intake.wings.ground import Ground, Wing
from services.intake.wings.live import Live
from shared.case_links import CaseLinks
from shared.events import STREAMS
from shared.retention import Rule
from shared.signing import Capabilities


def contacts_wing(ground: Ground, live: Live, attachments: Attachments) -> Wing:
    """Forms and chats: they are answered after the commit that they share, and who follows a chat is woken by it."""
    pipes, settings, wakes = ground.pipes, ground.settings, live.wakes
    acceptor = Acceptor(
        db=pipes.db,
        limits=ground.limits,
        arrivals=ground.arrivals,
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
            ChatAddresses(pipes.db),
            web_forms,
            CaseLinks(pipes.secrets, str(settings.cases_url or "")),
        ],
        workers=[acceptor, consumer, live.streams, live.listener(), wakes, unread],
        keep=[Rule("contacts", ground.texts, blank_contacts), Rule("chat replies", ground.texts, blank_replies)],
    )
