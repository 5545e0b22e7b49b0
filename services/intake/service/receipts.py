"""Passes on what channels tell of messages of ours."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.utterances import Receipt
from services.intake.models.raw import Raw
from shared import outbox
from shared.events import DeliveryReported, DeliveryReportedData, Trace


async def publish(session: AsyncSession, receipts: Sequence[tuple[Raw, Receipt]], now: datetime) -> None:
    """Announces receipts. A channel tells some of them twice: whose message it was takes the first of each kind."""
    await outbox.add(session, "intake", [_event(raw, receipt, now) for raw, receipt in receipts])


def _event(raw: Raw, receipt: Receipt, now: datetime) -> DeliveryReported:
    data = DeliveryReportedData(
        channel=raw.channel,
        account=receipt.account,
        external_id=receipt.external_id,
        notice_id=receipt.notice_id,
        status=receipt.status,
        reason=receipt.reason,
        reported_at=receipt.at,
    )
    trace = Trace(raw.correlation_id, raw.traceparent)
    return DeliveryReported.of(data, subject=receipt.notice_id or raw.id, now=now, trace=trace)
