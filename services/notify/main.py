"""The composition root of notify: nothing else wires anything."""

from collections.abc import Sequence
from datetime import timedelta

from services.notify.api import router
from services.notify.consumers import contact_handlers, ticket_handlers
from services.notify.domain.breaker import Breaker
from services.notify.jobs.courier import Courier
from services.notify.jobs.sweeper import Sweeper
from services.notify.providers import Provider
from services.notify.providers.sms import SmsProvider
from services.notify.providers.smtp import SmtpProvider
from services.notify.repository import attempts, notices, readings
from services.notify.repository import loops as counts
from services.notify.service.holds import Holds
from services.notify.service.ledger import Ledger
from services.notify.service.letters import Letters
from services.notify.service.loops import Loops
from services.notify.settings import NotifySettings
from shared import mail_threads
from shared.bell import Bell
from shared.case_links import CaseLinks
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.plumbing import Plumbing
from shared.retention import Rule
from shared.runner import Service
from shared.settings import CommonSettings
from shared.signing import Capabilities


def build(common: CommonSettings, settings: NotifySettings, clock: Clock = utcnow) -> Service:
    """notify, wired."""
    pipes = Plumbing(common, "notify", clock)
    bell = Bell()
    letters = Letters(
        settings.language, CaseLinks(pipes.secrets, str(settings.cases_url)) if settings.cases_url else None
    )
    give_up_after = timedelta(hours=settings.give_up_after_hours)
    loops = Loops(own=settings.own_addresses, most_an_hour=settings.mail_answers_per_hour)
    holds = Holds(loops=loops, give_up_after=give_up_after, most_an_hour=settings.notices_per_hour)
    ledger = Ledger(letters=letters, holds=holds, give_up_after=give_up_after)
    sweeper = Sweeper(db=pipes.db, ledger=ledger, holds=holds, instance=common.instance, clock=clock)

    def couriers(connections: Sequence[Provider]) -> list[Courier]:
        """A courier for each connection to one provider."""
        breaker = Breaker(connections[0].kind)
        return [
            Courier(
                db=pipes.db,
                ledger=ledger,
                letters=letters,
                provider=connection,
                breaker=breaker,
                bell=bell,
                instance=common.instance,
                batch=settings.batch,
                clock=clock,
                after=sweeper.looked,
            )
            for connection in connections
        ]

    threads = Capabilities(pipes.secrets, mail_threads.PURPOSE)
    mail = couriers([SmtpProvider(settings, threads) for _ in range(settings.smtp_connections)])
    sms = couriers([SmsProvider(settings) for _ in range(settings.sms_connections)])
    app = pipes.app(
        description="Tells the citizen at each step, once, and keeps a ledger of every attempt.",
        authority=pipes.authority(),
        routers=[router],
        parts=[ledger],
    )
    keep = [
        Rule("notices", timedelta(days=settings.keep_texts_days), notices.blank_notices),
        Rule("readings in chats", timedelta(days=settings.keep_texts_days), readings.forget_readings),
        Rule("counts of answers", timedelta(days=1), counts.forget_counts),
        Rule("delivery attempts", timedelta(days=settings.keep_attempts_days), attempts.forget_attempts),
    ]
    handlers = ticket_handlers(ledger, bell.ring)
    readers = [pipes.consumer(STREAMS[name], handlers) for name in ("tickets", "surveys")]
    readers.append(pipes.consumer(STREAMS["contacts"], contact_handlers(holds, bell.ring)))
    return pipes.service(app, [sweeper, *readers, *mail, *sms], keep)
