"""Mails and webhooks."""

from collections.abc import Mapping
from datetime import timedelta

from services.intake.api import hooks, raw
from services.intake.api import mails as mail_routes
from services.intake.channels.channel import Channel
from services.intake.jobs.mail import mail_workers
from services.intake.jobs.parser import Parser
from services.intake.repository.mailboxes import forget_fetched
from services.intake.repository.raw import forget_raw
from services.intake.repository.threads import forget_sources, forget_threads
from services.intake.repository.withdrawals import forget_withdrawals
from services.intake.service.hooks import Hooks
from services.intake.service.mails import Mails
from services.intake.service.raw import RawKeeper
from services.intake.service.receive import Receiver
from services.intake.wings.ground import Ground, Wing
from shared.retention import Rule


def channels_wing(ground: Ground, receiver: Receiver, channels: Mapping[str, Channel]) -> Wing:
    """Mails and webhooks: their bytes are kept, and parsed afterwards (ADR 34)."""
    settings, db = ground.settings, ground.pipes.db
    keeper = RawKeeper(db=db, limits=ground.limits, arrivals=ground.arrivals)
    mails = Mails(db, keeper)
    parser = Parser(
        db=db, channels=channels, receiver=receiver, keeper=keeper, arrivals=ground.arrivals, clock=ground.clock
    )
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
