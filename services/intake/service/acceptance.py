"""Accepts contacts: those of many requests in one commit (`group_commit`)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from time import perf_counter
from uuid import UUID

from services.intake.domain.chats import Allowance, ChatUsage
from services.intake.models.contacts import NewContact
from services.intake.repository import contacts
from services.intake.service.arrivals import Arrivals
from services.intake.service.group_commit import GroupCommit, Pending, QueueLimits
from shared import idempotency
from shared.db import Database
from shared.errors import IdempotencyKeyReused, Unavailable
from shared.telemetry import ACCEPT_SECONDS, ACCEPTED, log

_PendingContact = Pending[NewContact, str]
_NOBODY_FOLLOWS: Callable[[Collection[UUID]], None] = lambda _: None  # noqa: E731


class Acceptor(GroupCommit[NewContact, str]):
    """Accepts contacts. `accept` may be called from any number of requests; `step` is run by one worker.

    It tells `follow` in which chats there is something new.
    """

    name = "acceptor"

    def __init__(
        self,
        *,
        db: Database,
        limits: QueueLimits,
        arrivals: Arrivals,
        allowance: Allowance,
        follow: Callable[[Collection[UUID]], None] = _NOBODY_FOLLOWS,
    ) -> None:
        super().__init__(limits, arrivals)
        self._db = db
        self._allowance = allowance
        self._follow = follow

    async def accept(self, contact: NewContact) -> str:
        """Returns the JSON to answer after the contact is committed; for a repeated key, the first answer.

        Raises `IdempotencyKeyReused` for a key that named another body, `ChatFull` and `ChatTooFast` for a line for
        which its chat has no room, and `Unavailable` as `commit`: then the same request may be sent again.
        """
        return await self.commit(contact)

    async def _commit(self, batch: Sequence[_PendingContact]) -> None:
        """Accepts a batch in one commit, and answers each of its requests."""
        try:
            async with self._db.autocommit() as session:
                accepted = await contacts.accept(session, [pending.item for pending in batch], self._allowance)
        except Exception as error:
            await self._refuse(batch, error)
            return
        self._db.outbox_bell.ring()
        if accepted.chat_usages:
            self._follow(accepted.chat_usages.keys())
        now = perf_counter()
        correlation_ids, others = [], []
        for pending in batch:
            if pending.item.event.data.contact_id not in accepted.contact_ids:
                others.append(pending)
                continue
            pending.answer(pending.item.answer)
            ACCEPT_SECONDS.observe(now - pending.since)
            ACCEPTED.labels(pending.item.event.data.channel).inc()
            correlation_ids.append(pending.item.event.correlationid)
        if others:
            await self._answer_others(others, accepted.chat_usages)
        log.info(
            "contacts.accepted", count=len(correlation_ids), not_accepted=len(others), correlation_ids=correlation_ids
        )

    async def _answer_others(self, others: Sequence[_PendingContact], chat_usages: Mapping[UUID, ChatUsage]) -> None:
        """Answers the requests of a batch whose contacts were not accepted.

        One whose key came before gets the first answer, unless its key named something else. The rest are lines that
        found no room in their chats. Where such a repeated line seemed to take the room, they are committed again:
        without those that are answered now, the first of each chat is accepted, or its chat is full.
        """
        keys = [_key(pending.item) for pending in others if pending.item.idempotency_key]
        try:
            async with self._db.autocommit() as session:
                first_answers = await idempotency.first_answers(session, "intake", keys) if keys else {}
        except Exception as error:
            await self._refuse(others, error)
            return
        retried = []
        for pending in others:
            data = pending.item.event.data
            first = first_answers.get(_key(pending.item))
            usage = chat_usages.get(data.chat_id) if data.chat_id else None
            if first is not None:
                same = first.fingerprint == pending.item.fingerprint
                pending.answer(first.answer) if same else pending.refuse(IdempotencyKeyReused())
            elif usage is None:
                pending.refuse(Unavailable("What was answered to this key cannot be found just now."))
            elif refusal := self._allowance.refusal(usage, data.received_at):
                pending.refuse(refusal)
            else:
                retried.append(pending)
        if retried:
            await self._commit(retried)


def _key(contact: NewContact) -> tuple[str, str]:
    return contact.client, contact.idempotency_key or ""
