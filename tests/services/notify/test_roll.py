"""The release before claims were rows, and this one, side by side: neither sends again what the other may have sent."""

from datetime import timedelta

import pytest

from services.notify.domain.delivery import Acceptance
from shared.ids import new_id
from tests.services.notify.conftest import LEASE, Running
from tests.services.notify.given import answered_in_chat, opened, readings
from tests.services.notify.release_before import ReleaseBefore


@pytest.fixture
def before(running: Running) -> ReleaseBefore:
    return ReleaseBefore(running.db, new_id())


async def statuses(running: Running) -> list[str]:
    return [row.status for row in await running.notices()]


# -- the older one looks at what this one has claimed -------------------------------------------------------------


async def test_claim_of_this_release_is_none_of_the_older_sweepers_business_while_it_lasts(
    running: Running, before: ReleaseBefore
) -> None:
    await running.enter(opened(), opened())
    one, _ = await running.claim(worker="new")
    await running.begin(one)
    assert await before.abandoned(own="old", now=running.clock() + LEASE * 2) == {}
    assert await before.claim(worker="old", until=running.clock() + LEASE) == []


async def test_older_sweeper_takes_nothing_of_this_release_for_untouched(
    running: Running, before: ReleaseBefore
) -> None:
    """It knows no claims, and would look for an attempt that has begun: there is none until it has ended."""
    await running.enter(opened(), opened())
    one, other = await running.claim(worker="same")
    await running.begin(one)
    in_doubt = {one.id: True, other.id: True}
    assert await before.abandoned(own="same", now=running.clock()) == in_doubt
    assert await before.abandoned(own=None, now=running.clock() + timedelta(hours=2)) == in_doubt


async def test_notice_that_waits_again_is_claimed_by_the_older_release_as_one_of_its_own(
    running: Running, before: ReleaseBefore
) -> None:
    await running.enter(opened())
    [one] = await running.claim(worker="new")
    running.clock.forward(seconds=61)
    await running.give_up_abandoned()
    assert await before.claim(worker="old", until=running.clock() + LEASE) == [one.id]
    assert await before.abandoned(own="old", now=running.clock()) == {one.id: False}


async def test_notice_that_is_held_is_claimed_by_no_older_courier(running: Running, before: ReleaseBefore) -> None:
    answer = answered_in_chat()
    await running.enter(answer)
    assert await before.claim(worker="old", until=running.clock() + LEASE) == []
    await running.learn(readings(answer))
    assert len(await before.claim(worker="old", until=running.clock() + LEASE)) == 1


# -- this one looks at what the older one has claimed -------------------------------------------------------------


async def test_what_the_older_courier_left_is_judged_by_the_attempts_that_it_wrote_down(
    running: Running, before: ReleaseBefore
) -> None:
    await running.enter(*(opened() for _ in range(3)))
    first, second, _ = await before.claim(worker="old", until=running.clock() + LEASE)
    await before.begin(first, worker="old", now=running.clock())
    await before.accepted(first, now=running.clock())
    await before.begin(second, worker="old", now=running.clock())
    assert await running.give_up_abandoned() == 0
    assert await statuses(running) == ["accepted", "sending", "sending"], "it is at work"
    running.clock.forward(seconds=61)
    assert await running.give_up_abandoned() == 1
    assert await statuses(running) == ["accepted", "uncertain", "queued"]
    assert [(row.worker, row.outcome) for row in await running.attempts()] == [
        ("old", "accepted"),
        ("old", "uncertain"),
    ]


async def test_what_the_older_courier_left_before_postgresql_fell_is_in_doubt(
    running: Running, before: ReleaseBefore
) -> None:
    await running.enter(opened())
    await before.claim(worker="old", until=running.clock() + LEASE)
    async with running.db.transaction() as session:
        await (await session.connection()).exec_driver_sql(
            "UPDATE notify.notices SET claimed_under = claimed_under - interval '1 hour'"
        )
    assert await running.give_up_abandoned(own="old") == 1


async def test_predecessor_of_the_older_release_is_given_up_at_the_start(
    running: Running, before: ReleaseBefore
) -> None:
    await running.enter(opened(), opened())
    await before.claim(worker="same", until=running.clock() + LEASE)
    assert await running.give_up_abandoned(own="same") == 0
    assert await statuses(running) == ["queued", "queued"]


async def test_claim_whose_notices_the_older_sweeper_settled_ends_without_a_change(running: Running) -> None:
    await running.enter(opened())
    [one] = await running.claim()
    await running.close([one], Acceptance("its name"))
    running.clock.forward(seconds=61)
    assert await running.give_up_abandoned() == 0
    assert (await statuses(running), await running.claims()) == (["accepted"], [])
