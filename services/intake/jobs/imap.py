"""Fetches mails out of a mailbox: each is committed before anything is changed in the mailbox."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from imapclient.exceptions import IMAPClientError
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.jobs.mailbox import LostMailbox, Mailbox, MailboxAddress
from services.intake.service.mails import Mails
from shared.clock import Clock
from shared.db import Database
from shared.leader import is_leading, leads
from shared.telemetry import log
from shared.worker import Worker

_WAIT_SECONDS = 1.0
_LOOK_STEPS = 20
"""So many waits without news until it is looked for all the same: not every server tells, and not of every mail."""

T = TypeVar("T")


class ImapPuller(Worker):
    """Fetches what is in a mailbox, oldest first, wherever it stopped. One instance at a time does so.

    It begins again after the last UID that is committed, however long it was away. When the server numbers the mailbox
    anew it fetches all of it, and knows by its bytes what it had.
    """

    name = "IMAP puller"
    essential = False

    def __init__(self, *, address: MailboxAddress, most_bytes: int, mails: Mails, db: Database, clock: Clock) -> None:
        self.address = address
        self._most_bytes = most_bytes
        self.mails = mails
        self._db = db
        self._clock = clock
        self._mailbox: Mailbox | None = None
        self._leading: AsyncSession | None = None
        self._lead = AsyncExitStack()
        self._quiet_steps = _LOOK_STEPS

    @property
    def is_connected(self) -> bool:
        """Whether it is this instance that fetches, and the mailbox is open."""
        return self._mailbox is not None

    async def step(self) -> None:
        """Fetches a batch, or waits a moment for news."""
        try:
            if not await self._leads():
                await asyncio.sleep(_WAIT_SECONDS)
                return
            if self._mailbox is None:
                self._mailbox = await asyncio.to_thread(Mailbox, self.address)
                log.info("imap.started")
            await self._pull(self._mailbox)
        except IMAPClientError as error:
            await self.close()
            raise LostMailbox(f"The server answered what nobody expects ({type(error).__name__}).") from None
        except BaseException:
            await self.close()
            raise

    async def _leads(self) -> bool:
        """Whether this instance fetches. It goes on doing so until it lets go, or the database lost its connection."""
        if self._leading is None:
            session = await self._lead.enter_async_context(self._db.transaction())
            if not await leads(session, f"mailbox {self.address.name}"):
                await self._lead.aclose()
                return False
            self._leading = session
        return await is_leading(self._leading)

    async def _pull(self, mailbox: Mailbox) -> None:
        if self._quiet_steps < _LOOK_STEPS:
            has_news = await self._in_thread(lambda: mailbox.wait(_WAIT_SECONDS))
            self._quiet_steps += 1
            if not has_news:
                return
        now, numbering = self._clock(), mailbox.numbering
        after = await self.mails.last_uid(numbering)
        fetched = await self._in_thread(lambda: mailbox.fetch(after, self._most_bytes))
        if fetched:
            await self.mails.keep_fetched(numbering, fetched, now)
            log.info("imap.fetched", count=len(fetched))
        uids = await self.mails.unsettled(numbering)
        if uids:
            await self._in_thread(lambda: mailbox.settle(uids))
            await self.mails.settle(numbering, uids, now)
        if fetched or uids:
            self._quiet_steps = _LOOK_STEPS
        elif not await self._fill(mailbox):
            await self._in_thread(mailbox.listen)
            self._quiet_steps = 0

    async def _fill(self, mailbox: Mailbox) -> bool:
        """Fetches what was passed over, and notes what is not there any more. Whether there was anything to fetch."""
        holes = await self.mails.holes(mailbox.numbering)
        if not holes:
            return False
        found, gone = await self._in_thread(lambda: mailbox.look_for(holes, self._most_bytes))
        await self.mails.keep_fetched(mailbox.numbering, found, self._clock())
        await self.mails.note_gone(mailbox.numbering, gone, self._clock())
        log.warning("imap.filled", fetched=len(found), gone=len(gone))
        return bool(found)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    async def close(self) -> None:
        """Lets go of the mailbox, for another instance to fetch."""
        if self._mailbox is not None:
            with contextlib.suppress(OSError, IMAPClientError):
                await asyncio.to_thread(self._mailbox.close)
            self._mailbox = None
        self._leading = None
        self._quiet_steps = _LOOK_STEPS
        with contextlib.suppress(Exception):  # the connection may be what was lost
            await self._lead.aclose()
