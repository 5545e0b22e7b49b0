"""Fetches files that a channel told only by reference: which are due, and what is done about each outcome."""

from collections.abc import Sequence
from datetime import timedelta

from services.intake.domain.files import media_type_of
from services.intake.domain.media import (
    MOST_TRIES,
    OUR_PAUSE,
    Barred,
    Fetched,
    Gone,
    NotYet,
    Outcome,
    pause_after,
)
from services.intake.models.media import Medium
from services.intake.repository import attachments, media
from services.intake.storage import Store
from shared.consumer.failures import OurFault
from shared.db import Database

_LEASE = timedelta(minutes=2)
"""After so long another process tries what one has not come to an end with."""


class Media:
    """What is to be fetched. While it is, no transaction is open."""

    def __init__(self, *, db: Database, store: Store) -> None:
        self._db = db
        self._store = store

    async def take(self, channel: str, limit: int) -> Sequence[Medium]:
        """Takes up to `limit` files of a channel that are due. Those that ended whoever tried are given up."""
        async with self._db.transaction() as session:
            due = await media.take(session, channel, limit=limit, lease=_LEASE)
        for medium in due:
            if medium.tries > MOST_TRIES:
                await self._give_up(medium, "could not be fetched: it ended whoever tried")
        return [medium for medium in due if medium.tries <= MOST_TRIES]

    async def settle(self, medium: Medium, outcome: Outcome) -> None:
        """Keeps the file, puts it off, or gives it up.

        Raises what the database raises, and `OurFault` where the store takes nothing: then it is tried again.
        """
        match outcome:
            case Fetched():
                await self._keep(medium, outcome)
            case Barred(reason):
                await self._put_off(medium, OUR_PAUSE, reason, was_tried=False)
            case NotYet(reason):
                pause = pause_after(medium.tries)
                if pause is None:
                    await self._give_up(medium, f"could not be fetched: {reason}")
                else:
                    await self._put_off(medium, pause, f"not fetched yet: {reason}", was_tried=True)
            case Gone(reason):
                await self._give_up(medium, reason)

    async def _keep(self, medium: Medium, fetched: Fetched) -> None:
        media_type = media_type_of(fetched.content, fetched.media_type or "application/octet-stream")
        try:
            await self._store.put([(medium.attachment_id, fetched.content)])
        except OurFault:
            await self._put_off(medium, OUR_PAUSE, "it cannot be kept here just now", was_tried=False)
            raise
        async with self._db.transaction() as session:
            await attachments.mark_kept(session, medium.attachment_id, media_type, len(fetched.content))
            await media.forget(session, medium.attachment_id)

    async def _give_up(self, medium: Medium, reason: str) -> None:
        async with self._db.transaction() as session:
            await attachments.mark_failed(session, medium.attachment_id, reason)
            await media.forget(session, medium.attachment_id)

    async def _put_off(self, medium: Medium, pause: timedelta, reason: str, *, was_tried: bool) -> None:
        async with self._db.transaction() as session:
            await attachments.mark_waiting(session, medium.attachment_id, reason)
            await media.put_off(session, medium.attachment_id, pause, was_tried=was_tried)
