"""Keeps mails, by whichever way they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.channels.email import ACCOUNT, ENVELOPE_TO, RETURN_PATH, Email
from services.intake.models.mailboxes import Fetched, Numbering
from services.intake.models.raw import Raw
from services.intake.repository import mailboxes, raw
from services.intake.service.raw import RawKeeper
from shared.db import Database, after_commit
from shared.events import Trace
from shared.ids import new_id, new_raw_id

_SETTLED_AT_ONCE = 500
_HOLES_LOOKED_FOR = 500


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom a mail server handed a mail over. An empty `return_path` means that nobody is to be told of
    it; None, that it is not known.
    """

    return_path: str | None = None
    recipients: Sequence[str] = ()

    @property
    def headers(self) -> dict[str, str]:
        """As they are kept beside the mail."""
        kept = {} if self.return_path is None else {RETURN_PATH: self.return_path}
        return kept | ({ENVELOPE_TO: ", ".join(self.recipients)} if self.recipients else {})


class Mails:
    """Keeps mails as they came, before anybody looks into them."""

    def __init__(self, db: Database, keeper: RawKeeper) -> None:
        self._db = db
        self._keeper = keeper

    async def keep(self, content: bytes, envelope: Envelope, trace: Trace, now: datetime) -> UUID:
        """Keeps a mail and answers after the commit by which name it is kept. Raises `Unavailable`."""
        mail = _raw(content, envelope, trace, now)
        await self._keeper.keep(mail)
        return mail.id

    async def last_uid(self, numbering: Numbering) -> int:
        """The last mail that was fetched out of a mailbox; 0 if none was."""
        async with self._db.autocommit() as session:
            return await mailboxes.last_uid(session, numbering)

    async def keep_fetched(self, numbering: Numbering, fetched: Sequence[Fetched], now: datetime) -> None:
        """Keeps mails that were fetched out of a mailbox, and that they were, in one commit.

        One that was fetched before, under another number, is not kept twice.
        """
        async with self._db.transaction() as session:
            new = await mailboxes.note(session, numbering, fetched, now)
            kept = [_raw(mail.content, Envelope(), Trace(new_raw_id().hex), now) for mail in fetched if mail.uid in new]
            await raw.keep(session, kept)
            after_commit(session, self._keeper.kept.ring)

    async def holes(self, numbering: Numbering) -> list[int]:
        """Mails that were passed over in a mailbox, as far as anybody knows."""
        async with self._db.autocommit() as session:
            return await mailboxes.holes(session, numbering, limit=_HOLES_LOOKED_FOR)

    async def note_gone(self, numbering: Numbering, uids: Sequence[int], now: datetime) -> None:
        """Notes that these are not in the mailbox any more, so that nobody misses them."""
        async with self._db.transaction() as session:
            await mailboxes.note_gone(session, numbering, uids, now)

    async def unsettled(self, numbering: Numbering) -> list[int]:
        """Mails that are kept, and stand in their mailbox as if they were not."""
        async with self._db.autocommit() as session:
            return await mailboxes.unsettled(session, numbering, limit=_SETTLED_AT_ONCE)

    async def settle(self, numbering: Numbering, uids: Sequence[int], now: datetime) -> None:
        """Notes that mails were moved or marked in their mailbox."""
        async with self._db.transaction() as session:
            await mailboxes.settle(session, numbering, uids, now)


def _raw(content: bytes, envelope: Envelope, trace: Trace, now: datetime) -> Raw:
    return Raw(
        id=new_id(),
        channel=Email.name,
        account=ACCOUNT,
        content=content,
        headers=envelope.headers,
        received_at=now,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
    )
