"""Notices as staff look at them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.delivery import Status
from services.notify.models import Notice
from services.notify.repository import notices
from shared.paging import first_of


async def page(
    session: AsyncSession, *, ticket_id: UUID | None, status: Status | None, after: UUID | None, limit: int
) -> tuple[Sequence[Notice], str | None]:
    """Notices, the oldest first, of one ticket or with one status; and where the next page begins."""
    found = await notices.list_notices(session, ticket_id=ticket_id, status=status, after=after, limit=limit + 1)
    return first_of(found, limit, lambda notice: notice.id)
