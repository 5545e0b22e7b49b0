"""The courier: what it is about to attempt is committed before it touches the network."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
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
from tests.conftest import eventually
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
        courier._not_before = 0  # it is not left alone any longer
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


# -- a provider that is away, or cannot be understood -----------------------------------------------------------


class Obeying:
    """A provider that answers as it is told, and counts how often it was asked."""

    kind: Kind = "email"

    def __init__(self, *answers: Outcome) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def send(self, notices: Sequence[Notice]) -> list[Outcome]:
        self.asked += 1
        return [self._answers.pop(0)] * len(notices)

    async def close(self) -> None: ...


async def test_provider_that_is_away_is_left_alone_and_told_until_it_answers(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_POLL_SECONDS", 0)
    await post.enter(opened())
    provider = Obeying(NotHanded("SMTP 535"), Accepted("one"))
    courier = post.courier(provider)
    with pytest.raises(ProviderAway):
        await courier.step()
    for _ in range(5):
        await courier.step()
    assert provider.asked == 1, "it is left alone"
    assert "nothing can be handed over by email: SMTP 535" in (courier.trouble or "")
    courier._not_before = 0
    await courier.step()
    assert courier.trouble is None
    assert [row.status for row in await post.notices()] == ["accepted"]


async def test_provider_that_is_slow_is_not_left_alone_for_longer_and_longer(post: Post) -> None:
    slow: list[Outcome] = [Accepted(), NotHanded("the server is slow")]
    courier = post.courier(Watching(post, *slow * 4), batch=2)
    for _ in range(4):
        await post.enter(opened(), opened())
        courier._not_before = 0
        with pytest.raises(ProviderAway):
            await courier.step()
        assert courier._pauses == 1, "as after the first"


async def test_provider_whose_answers_nobody_understands_makes_few_uncertain(post: Post) -> None:
    provider = Obeying(*[Uncertain("<html>")] * 10)
    courier = post.courier(provider)
    await post.enter(*(opened() for _ in range(10)))
    taken = post.courier(provider, batch=1)
    await taken.step()
    with pytest.raises(ProviderAway):
        await taken.step()
    for _ in range(3):
        await taken.step()
    assert sorted(row.status for row in await post.notices()) == ["queued"] * 8 + ["uncertain"] * 2
    assert courier.trouble is None, "each connection has its own"


async def test_claim_is_prolonged_while_a_notice_is_being_handed_over(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.3))
    await post.enter(opened())

    class Slow(Obeying):
        async def send(self, notices: Sequence[Notice]) -> list[Outcome]:
            post.clock.forward(minutes=3)

            async def still_claimed() -> bool:
                [row] = await rows(post.db, "SELECT claimed_until FROM notify.notices")
                return bool(row.claimed_until > post.clock())

            await eventually(still_claimed)
            return await super().send(notices)

    await post.courier(Slow(Accepted("one"))).step()
    assert await post.give_up_abandoned() == 0
    assert [row.status for row in await post.notices()] == ["accepted"]
