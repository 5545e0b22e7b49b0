"""Keeps mails, by whichever way they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.channels.email import ACCOUNT, ENVELOPE_TO, RETURN_PATH, Email
from services.intake.models.raw import Raw
from services.intake.service.raw import RawKeeper
from shared.events import Trace
from shared.ids import new_id


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

    def __init__(self, keeper: RawKeeper) -> None:
        self._keeper = keeper

    async def keep(self, content: bytes, envelope: Envelope, trace: Trace, now: datetime) -> UUID:
        """Keeps a mail and answers after the commit by which name it is kept. Raises `Unavailable`."""
        raw = Raw(
            id=new_id(),
            channel=Email.name,
            account=ACCOUNT,
            content=content,
            headers=envelope.headers,
            received_at=now,
            correlation_id=trace.correlation_id,
            traceparent=trace.traceparent,
        )
        await self._keeper.keep(raw)
        return raw.id
