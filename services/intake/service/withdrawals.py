"""Takes back what people withdraw: its words are removed here, and wherever they went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Withdrawal
from services.intake.models.raw import Raw
from services.intake.repository import withdrawals
from shared import outbox
from shared.events import ContactWithdrawn, ContactWithdrawnData, Trace


async def withdraw(session: AsyncSession, asked: Sequence[tuple[Raw, Withdrawal]], now: datetime) -> None:
    """Takes back what was said, and remembers it for what comes only later."""
    if not asked:
        return
    said = [(raw.channel, withdrawal.account, withdrawal.external_id) for raw, withdrawal in asked]
    await withdrawals.remember(session, said, now)
    trace = Trace(asked[0][0].correlation_id, asked[0][0].traceparent)
    events = [
        ContactWithdrawn.of(
            ContactWithdrawnData(contact_id=unsaid.contact_id, withdrawn_at=now),
            subject=unsaid.chat_id or unsaid.contact_id,
            now=now,
            trace=trace,
        )
        for unsaid in await withdrawals.remove_words(session, said, now)
    ]
    await outbox.add(session, "intake", events)
