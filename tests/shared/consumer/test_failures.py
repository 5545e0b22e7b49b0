"""What an error means: an outage is waited for, a fault of ours stops the reader, the event's own is given time."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.broker import BrokerUnavailable
from shared.consumer import consumer as consuming
from shared.consumer.failures import (
    FEWEST_FAILURES,
    Breaker,
    Fault,
    OurFault,
    fault_of,
    is_hopeless,
    pause_before,
)
from shared.db import Database
from tests.conftest import FrozenClock, owner_url
from tests.shared.conftest import Bench, ids
from tests.shared.consumer.conftest import fails, ready, says, stopped

TEN_MINUTES = timedelta(minutes=10)


# -- whose fault it is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sqlstate", "fault"),
    [
        ("42P01", Fault.OURS),  # no such table: a migration under way
        ("42703", Fault.OURS),  # no such column
        ("42501", Fault.OURS),  # no right
        ("0A000", Fault.OURS),  # the plan is from before a migration
        ("3F000", Fault.OURS),  # no such schema
        ("28P01", Fault.OURS),  # a refused login
        ("23503", Fault.OURS),  # what ours refers to was deleted
        ("57014", Fault.OUTAGE),  # a statement that took too long
        ("53200", Fault.OUTAGE),  # out of shared memory
        ("53100", Fault.OUTAGE),  # the disk is full
        ("40P01", Fault.OUTAGE),
        ("23505", Fault.ITS_OWN),
        ("23514", Fault.ITS_OWN),
        ("22003", Fault.ITS_OWN),
    ],
)
async def test_fault_of_what_postgresql_says(bench: Bench, sqlstate: str, fault: Fault) -> None:
    with pytest.raises(Exception) as raised:
        async with bench.reader.transaction() as session:
            await says(sqlstate)(session)
    assert fault_of(raised.value) is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OurFault("a rule is missing"), Fault.OURS),
        (BrokerUnavailable("LOADING"), Fault.OUTAGE),
        (ConnectionRefusedError(), Fault.OUTAGE),
        (TimeoutError(), Fault.OUTAGE),
        (KeyError("x"), Fault.ITS_OWN),
        (FileNotFoundError(), Fault.ITS_OWN),
    ],
)
def test_fault_of_other_errors(error: Exception, fault: Fault) -> None:
    assert fault_of(error) is fault


@given(st.integers(2, 10_000))
def test_pauses_grow_and_end_before_a_colleague_takes_the_event_over(attempt: int) -> None:
    longest = min(0.5 * 2 ** min(attempt - 2, 12), 40)
    assert longest / 2 <= pause_before(attempt).total_seconds() <= longest
    assert longest < consuming._CLAIM_IDLE_MS / 1000


@pytest.mark.parametrize(("failures", "minutes", "hopeless"), [(99, 9.9, False), (4, 60, False), (5, 10, True)])
def test_patience_lasts_for_its_time_and_for_some_attempts(failures: int, minutes: float, hopeless: bool) -> None:
    assert is_hopeless(failures, timedelta(minutes=minutes), TEN_MINUTES) is hopeless


# -- the event's own --------------------------------------------------------------------------------------------


async def test_event_that_fails_is_tried_for_ten_minutes_before_it_is_buried(bench: Bench, clock: FrozenClock) -> None:
    consumer = await ready(bench, patience=TEN_MINUTES)
    good, bad = await bench.publish(2)
    bench.trouble[bad.id] = fails
    for _ in range(3 * FEWEST_FAILURES):
        await consumer.step()
    assert await bench.effects() == [good.id]
    assert await bench.column("SELECT id FROM dead_letters") == []
    clock.forward(minutes=10)
    await consumer.step()
    assert await bench.column("SELECT event_id FROM dead_letters") == [bad.id]
    assert await bench.pending() == 0


async def test_event_that_failed_is_handled_when_its_cause_is_mended(bench: Bench) -> None:
    consumer = await ready(bench, patience=TEN_MINUTES)
    [bad] = await bench.publish(1)
    bench.trouble[bad.id] = fails
    for _ in range(3):
        await consumer.step()
    bench.trouble.clear()
    await consumer.step()
    assert await bench.effects() == [bad.id]
    assert await bench.pending() == 0


async def test_events_that_fail_hold_nobody_up(bench: Bench) -> None:
    consumer = await ready(bench, patience=TEN_MINUTES)
    [bad] = await bench.publish(1)
    bench.trouble[bad.id] = fails
    await consumer.step()
    later = await bench.publish(3)
    for _ in range(4):
        await consumer.step()
    assert await bench.effects() == ids(later)


# -- ours -------------------------------------------------------------------------------------------------------


async def test_migration_under_way_stops_the_reader_who_goes_on_when_it_is_done(bench: Bench) -> None:
    consumer = await ready(bench)
    events = await bench.publish(3)
    await change(bench, "ALTER TABLE notify.effects RENAME TO effects_of_tomorrow")
    for _ in range(FEWEST_FAILURES + 2):
        assert "UndefinedTable" in await stopped(consumer)
    await change(bench, "ALTER TABLE notify.effects_of_tomorrow RENAME TO effects")
    await consumer.step()
    assert await bench.effects() == ids(events)
    assert await bench.column("SELECT event_id FROM inbox_failures") == []
    assert await bench.column("SELECT id FROM dead_letters") == []


async def test_columns_that_come_and_go_under_a_reader_cost_nothing(bench: Bench) -> None:
    consumer = await ready(bench)
    handled = []
    for number in range(4):
        handled += await bench.publish(2)
        await change(bench, f"ALTER TABLE notify.inbox ADD of_tomorrow_{number} text")
        await eventually_handled(bench, consumer, len(handled))
        await change(bench, f"ALTER TABLE notify.inbox DROP of_tomorrow_{number}")
    assert await bench.effects() == ids(handled)
    assert await bench.column("SELECT id FROM dead_letters") == []


async def eventually_handled(bench: Bench, consumer: Any, count: int) -> None:
    """Steps as the runner does, until so many events had their effect."""
    for _ in range(5):
        try:
            await consumer.step()
        except Exception as error:
            assert fault_of(error) is not Fault.ITS_OWN
        if len(await bench.effects()) == count:
            return
    pytest.fail("it did not go on")


async def test_rule_that_is_missing_stops_the_reader_who_says_which(bench: Bench) -> None:
    async def has_no_rule(session: AsyncSession) -> None:
        raise OurFault("no version of the policy is in force")

    consumer = await ready(bench)
    good, bad = await bench.publish(2)
    bench.trouble[bad.id] = has_no_rule
    said = await stopped(consumer)
    assert said == "the stream tickets waits: no version of the policy is in force"
    bench.trouble.clear()
    await consumer.step()
    assert await bench.effects() == [good.id, bad.id]


async def test_refused_login_stops_the_reader_who_goes_on_when_it_is_let_in(bench: Bench) -> None:
    admin = await asyncpg.connect(owner_url(bench.common))
    await admin.execute("CREATE ROLE clerk LOGIN PASSWORD 'new' IN ROLE satuatap_notify")
    url = make_url(str(bench.common.database_url)).set(username="clerk", password="old")
    db = Database(url.render_as_string(hide_password=False), schema="notify")
    try:
        consumer = await ready(bench)
        [event] = await bench.publish(1)
        late = bench.consumer(db=db, instance="late")
        for _ in range(FEWEST_FAILURES + 1):
            with pytest.raises(Exception) as raised:
                await late.step()
            assert fault_of(raised.value) is Fault.OURS
        await admin.execute("ALTER ROLE clerk PASSWORD 'old'")
        await late.step()
        assert await bench.effects() == [event.id]
        assert await bench.column("SELECT id FROM dead_letters") == []
        await consumer.close()
    finally:
        await db.close()
        await admin.execute("DROP ROLE clerk")
        await admin.close()


async def change(bench: Bench, sql: str) -> None:
    async with bench.reader.transaction() as session:
        await session.execute(text(sql))


# -- most of them, for one reason -------------------------------------------------------------------------------


async def test_breaker_takes_the_failure_of_most_events_for_ours(bench: Bench) -> None:
    consumer = await ready(bench)
    events = await bench.publish(6)
    for event in events[1:]:
        bench.trouble[event.id] = fails
    assert "most of the latest events failed with LookupError" in await stopped(consumer)
    assert await bench.effects() == [events[0].id]
    for _ in range(4 * FEWEST_FAILURES):
        try:
            await consumer.step()
        except consuming.Stopped:
            continue
    assert await bench.column("SELECT event_id FROM inbox_failures") == []
    assert await bench.column("SELECT id FROM dead_letters") == []
    bench.trouble.clear()
    for _ in range(12):
        await consumer.step()
    assert sorted(await bench.effects()) == sorted(ids(events))
    assert await bench.pending() == 0


async def test_breaker_looks_at_what_is_new_and_closes_when_that_goes_well(bench: Bench) -> None:
    consumer = await ready(bench)
    bad = await bench.publish(5)
    for event in bad:
        bench.trouble[event.id] = fails
    await stopped(consumer)
    good = await bench.publish(8)
    for _ in range(200):
        try:
            await consumer.step()
        except consuming.Stopped:
            continue
    assert await bench.effects() == ids(good)
    assert sorted(await bench.column("SELECT event_id FROM dead_letters")) == sorted(ids(bad)), "their own fault"
    assert await bench.pending() == 0


def test_breaker_stays_closed_while_events_fail_for_reasons_of_their_own() -> None:
    breaker = Breaker()
    for number in range(20):
        breaker.failed(number, f"reason {number % 5}")
    assert breaker.reason is None


def test_breaker_counts_an_event_that_fails_again_once() -> None:
    breaker = Breaker()
    for _ in range(20):
        breaker.failed("one", "KeyError")
    assert breaker.reason is None


def test_breaker_stays_closed_when_few_of_many_fail() -> None:
    breaker = Breaker()
    breaker.handled(list(range(100)))
    for number in range(9):
        breaker.failed(f"bad {number}", "KeyError")
    assert breaker.reason is None


# -- a poison that looks like an outage -------------------------------------------------------------------------


@pytest.mark.parametrize("sqlstate", ["53200", "57014", "40P01"])
async def test_poison_that_looks_like_an_outage_is_found_and_holds_nobody_up(bench: Bench, sqlstate: str) -> None:
    consumer = await ready(bench)
    events = await bench.publish(9)
    bad = events[6]
    bench.trouble[bad.id] = says(sqlstate)
    await stepping(consumer, 60)
    assert await bench.effects() == ids([event for event in events if event is not bad])
    assert await bench.column("SELECT event_id FROM dead_letters") == [bad.id]
    assert await bench.pending() == 0


async def test_query_that_always_takes_too_long_is_found_and_holds_nobody_up(bench: Bench) -> None:
    async def takes_too_long(session: AsyncSession) -> None:
        await asyncio.wait_for(session.execute(text("SELECT pg_sleep(3600)")), 0.02)

    consumer = await ready(bench)
    events = await bench.publish(4)
    bench.trouble[events[1].id] = takes_too_long
    await stepping(consumer, 40)
    later = await bench.publish(2)
    await stepping(consumer, 3)
    assert await bench.effects() == ids([events[0], *events[2:], *later])
    assert await bench.column("SELECT event_id FROM dead_letters") == [events[1].id]


async def stepping(consumer: Any, steps: int) -> None:
    """Steps as the runner does, which waits after an outage and goes on."""
    for _ in range(steps):
        try:
            await consumer.step()
        except Exception as error:
            assert fault_of(error) is Fault.OUTAGE
