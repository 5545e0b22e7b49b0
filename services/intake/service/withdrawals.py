"""Takes back what people withdraw: its words and its files are removed here, and its words wherever they went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Withdrawal
from services.intake.models.raw import Raw
from services.intake.repository import attachments, withdrawals
from shared import outbox
from shared.events import ContactWithdrawn, ContactWithdrawnData, Trace


async def withdraw(session: AsyncSession, asked: Sequence[tuple[Raw, Withdrawal]], now: datetime) -> None:
    """Takes back what was said, and remembers it for what comes only later."""
    if not asked:
        return
    said = [(raw.channel, withdrawal.account, withdrawal.external_id) for raw, withdrawal in asked]
    await withdrawals.remember(session, said, now)
    unsaid = await withdrawals.remove_words(session, said, now)
    await attachments.remove_of(session, [each.contact_id for each in unsaid])
    trace = Trace(asked[0][0].correlation_id, asked[0][0].traceparent)
    events = [
        ContactWithdrawn.of(
            ContactWithdrawnData(contact_id=each.contact_id, withdrawn_at=now),
            subject=each.chat_id or each.contact_id,
            now=now,
            trace=trace,
        )
        for each in unsaid
    ]
    await outbox.add(session, "intake", events)
