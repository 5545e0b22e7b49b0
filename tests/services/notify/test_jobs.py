"""The courier: what it is about to attempt is committed before it touches the network."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.local.engines import free_port
from services.notify import jobs
from services.notify.consumers import ticket_handlers
from services.notify.domain.delivery import Accepted, NotHanded, Outcome, Uncertain
from services.notify.domain.notices import Kind
from services.notify.jobs import ProviderAway
from services.notify.models import Notice
from services.notify.providers.sms import SmsProvider
from services.notify.providers.smtp import SmtpProvider
from shared.bell import Bell
from shared.events import TicketOpened
from tests.services.notify.conftest import Post
from tests.services.notify.given import opened, rows, settings


class Watching:
    """A provider that looks into the ledger, as somebody else, at the moment when it is handed something."""

    kind: Kind = "email"

    def __init__(self, post: Post, *outcomes: Outcome) -> None:
        self._post = post
        self._outcomes = list(outcomes)
        self.saw: list[Any] = []

    async def send(self, notices: Sequence[Notice]) -> list[Outcome]:
        self.saw += await rows(
            self._post.db,
            """
            SELECT n.id, n.status, n.claimed_by, a.number, a.ended_at FROM notify.notices n
            LEFT JOIN notify.delivery_attempts a ON a.notice_id = n.id ORDER BY n.id
            """,
        )
        return [self._outcomes.pop(0) for _ in notices]

    async def close(self) -> None: ...


async def test_that_it_is_attempted_is_committed_before_the_network(post: Post) -> None:
    await post.enter(opened(), opened())
    provider = Watching(post, Accepted("one"), Uncertain("broke off"))
    await post.courier(provider).step()
    assert [(row.status, row.claimed_by, row.number, row.ended_at) for row in provider.saw] == [
        ("sending", "test", 1, None)
    ] * 2
    assert [row.status for row in await post.notices()] == ["accepted", "uncertain"]
    assert [row.outcome for row in await post.attempts()] == ["accepted", "uncertain"]
    assert [event.data.outcome for event in await post.failures()] == ["uncertain"]


async def test_courier_is_woken_by_the_commit_that_enters_a_notice_and_waits_for_no_poll(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_POLL_SECONDS", 3_600)
    bell, provider = Bell(), Watching(post, Accepted())
    courier = post.courier(provider, bell=bell)

    async def until_handed() -> None:
        while not provider.saw:
            await courier.step()

    delivering = asyncio.create_task(until_handed())
    enter = ticket_handlers(post.ledger, bell.ring)[TicketOpened]
    ring = bell.next
    async with post.db.transaction() as session:
        await enter(session, [opened()], post.clock())
        assert not ring.is_set()
    assert ring.is_set()
    await asyncio.wait_for(delivering, 30)


async def test_a_courier_takes_no_more_than_it_carries(post: Post) -> None:
    await post.enter(*(opened() for _ in range(3)))
    await post.courier(Watching(post, Accepted(), Accepted()), batch=2).step()
    assert [row.status for row in await post.notices()] == ["accepted", "accepted", "queued"]


async def test_when_nobody_answers_the_notices_go_back_and_the_courier_waits(post: Post) -> None:
    await post.enter(opened(), opened())
    with pytest.raises(ProviderAway):
        await post.courier(Watching(post, Accepted(), NotHanded("away"))).step()
    assert [(row.status, row.attempts) for row in await post.notices()] == [("accepted", 1), ("queued", 0)]


async def test_notices_whose_claim_was_committed_unheard_go_back_at_once_and_wait_for_no_person(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that froze in the middle of the commit: it was made, but nobody was told, and nothing was sent."""
    await post.enter(opened(), opened())
    transaction = post.db.transaction

    @asynccontextmanager
    async def unheard() -> AsyncIterator[AsyncSession]:
        async with transaction() as session:
            yield session
        monkeypatch.undo()
        raise TimeoutError

    monkeypatch.setattr(post.db, "transaction", unheard)
    with pytest.raises(TimeoutError):
        await post.courier(Watching(post)).step()
    assert [(row.status, row.attempts) for row in await post.notices()] == [("queued", 0)] * 2


async def test_without_a_mail_server_nothing_is_lost_and_nothing_counted(post: Post) -> None:
    await post.enter(*(opened() for _ in range(3)))
    courier = post.courier(SmtpProvider(settings(smtp_port=free_port())))
    for _ in range(2):
        with pytest.raises(ProviderAway):
            await courier.step()
    assert [(row.status, row.attempts) for row in await post.notices()] == [("queued", 0)] * 3
    assert await post.failures() == []


async def test_without_a_gateway_nothing_is_lost_and_nothing_counted(post: Post) -> None:
    await post.enter(*(opened(citizen={"phone": "+6281234567890"}) for _ in range(3)))
    courier = post.courier(SmsProvider(settings(sms_url=f"http://127.0.0.1:{free_port()}")))
    with pytest.raises(ProviderAway):
        await courier.step()
    await courier.close()
    assert [(row.status, row.attempts) for row in await post.notices()] == [("queued", 0)] * 3
