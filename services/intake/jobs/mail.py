"""The ways by which mails come without anybody calling us, as the settings open them."""

from collections.abc import Iterator

from services.intake.jobs.imap import ImapPuller
from services.intake.jobs.mailbox import MailboxAddress
from services.intake.jobs.smtp import SmtpAddress, SmtpListener
from services.intake.jobs.smtp_session import SmtpLimits
from services.intake.service.mails import Mails
from services.intake.settings import IntakeSettings
from shared.clock import Clock
from shared.db import Database
from shared.worker import Worker


def mail_workers(settings: IntakeSettings, mails: Mails, db: Database, clock: Clock) -> Iterator[Worker]:
    """The listener, where it has a port; the puller, where there is a mailbox."""
    if settings.smtp_port is not None:
        address = SmtpAddress(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_hostname,
            settings.smtp_certificate,
            settings.smtp_key,
        )
        limits = SmtpLimits(
            mail_bytes=settings.mail_bytes,
            bytes_at_once=2 * settings.queue_bytes,
            recipients=settings.smtp_recipients,
            connections=settings.smtp_connections,
        )
        yield SmtpListener(address=address, limits=limits, mails=mails, clock=clock)
    if settings.imap_host is not None:
        mailbox = MailboxAddress(
            host=settings.imap_host,
            port=settings.imap_port,
            is_tls=settings.imap_tls,
            user=settings.imap_user,
            password=settings.imap_password.get_secret_value(),
            folder=settings.imap_folder,
            done_folder=settings.imap_done_folder,
        )
        yield ImapPuller(address=mailbox, most_bytes=settings.mail_bytes, mails=mails, db=db, clock=clock)
