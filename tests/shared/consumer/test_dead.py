"""Dead letters: put back to the one reader that buried them, ended by a person, and never lost with Redis."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from shared.clock import utcnow
from shared.consumer import dead
from shared.consumer.failures import FEWEST_FAILURES
from shared.events import STREAMS, AnyEvent
from shared.telemetry import DEAD_LETTERS, outbox_probe
from tests.shared.conftest import STREAM, Bench
from tests.shared.consumer.conftest import fails, ready, says


async def buried(bench: Bench, consumer: Any) -> AnyEvent:
    """An event that this reader could not handle, and can from now on."""
    [event] = await bench.publish(1)
    bench.trouble[event.id] = fails
    for _ in range(3 * FEWEST_FAILURES):
        await consumer.step()
    assert await waiting(bench) == 1
    bench.trouble.clear()
    return event


async def waiting(bench: Bench) -> int:
    return len(await bench.column("SELECT id FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL"))


async def ask_back(bench: Bench) -> int:
    async with bench.reader.transaction() as session:
        letters = await dead.list_letters(session, "notify")
        return await dead.ask_back(session, "notify", [row.id for row in letters], by="cli:ani", now=utcnow())


async def test_replay_is_marked_when_it_was_handled_and_not_before(bench: Bench) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    assert await ask_back(bench) == 1
    assert await waiting(bench) == 1
    await consumer.step()
    assert await bench.effects() == [event.id]
    assert await waiting(bench) == 0


async def test_replay_survives_a_wipe_of_redis_before_the_reader_comes_to_it(bench: Bench) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    await ask_back(bench)
    await bench.redis.flushall()
    for _ in range(6):
        await consumer.step()
        bench.relay._verified = False
        await bench.relay.step()
    assert await bench.effects() == [event.id]
    assert await waiting(bench) == 0


async def test_replay_is_no_business_of_other_readers(bench: Bench) -> None:
    consumer = await ready(bench)
    await buried(bench, consumer)
    before = await bench.on_stream()
    await ask_back(bench)
    await consumer.step()
    assert await bench.on_stream() == before


async def test_replay_of_what_was_handled_meanwhile_has_no_second_effect(bench: Bench) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    await bench.redis.xadd(STREAM.key, {"event": event.encode()})  # as after a `satuatap replay --since`
    await consumer.step()
    await ask_back(bench)
    await consumer.step()
    assert await bench.effects() == [event.id]
    assert await waiting(bench) == 0


async def test_replay_that_fails_waits_for_a_person_again(bench: Bench) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    bench.trouble[event.id] = fails
    await ask_back(bench)
    for _ in range(3):
        await consumer.step()
    [said] = await bench.column("SELECT concat_ws('|', failures, reason, replay_asked_at) FROM dead_letters")
    assert said == f"{FEWEST_FAILURES + 1}|replayed in vain: LookupError"
    assert await bench.effects() == []


async def test_replay_of_what_is_no_event_fails_and_stops_nobody(bench: Bench) -> None:
    consumer = await ready(bench)
    await bench.redis.xadd(STREAM.key, {"event": "not JSON"})
    await consumer.step()
    await ask_back(bench)
    [event] = await bench.publish(1)
    for _ in range(3):
        await consumer.step()
    assert await bench.effects() == [event.id]
    assert await bench.column("SELECT reason FROM dead_letters") == ["replayed in vain: NotAnEvent"]


async def test_replays_by_two_instances_at_once_have_one_effect_each(bench: Bench) -> None:
    consumer = await ready(bench)
    events = [await buried_one_more(bench, consumer, number) for number in range(1, 4)]
    other = bench.consumer("two")
    assert await ask_back(bench) == 3
    for _ in range(4):
        await asyncio.gather(consumer.step(), other.step())
    assert sorted(await bench.effects()) == sorted(event.id for event in events)
    assert await waiting(bench) == 0


async def buried_one_more(bench: Bench, consumer: Any, count: int) -> AnyEvent:
    [event] = await bench.publish(1)
    bench.trouble[event.id] = fails
    while await waiting(bench) < count:
        await consumer.step()
    bench.trouble.clear()
    return event


async def test_dead_letters_are_counted_until_they_have_ended(bench: Bench) -> None:
    async def gauge() -> float:
        await outbox_probe(bench.reader)()
        return sum(sample.value for metric in DEAD_LETTERS.collect() for sample in metric.samples)

    consumer = await ready(bench)
    await buried(bench, consumer)
    await buried_one_more(bench, consumer, 2)
    assert await gauge() == 2
    async with bench.reader.transaction() as session:
        [one, _] = await dead.list_letters(session, "notify")
        assert await dead.discard(session, "notify", one.id, by="cli:ani", reason="a test", now=utcnow()) == 1
    assert await gauge() == 1
    await ask_back(bench)
    await consumer.step()
    assert await gauge() == 0
    assert STREAMS["tickets"].readers == ("intake", "notify", "survey_index"), "two others read that stream as well"


async def test_discarded_event_that_fails_again_is_buried_again(bench: Bench) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    async with bench.reader.transaction() as session:
        [letter] = await dead.list_letters(session, "notify")
        await dead.discard(session, "notify", letter.id, by="cli:ani", reason="a test", now=utcnow())
    bench.trouble[event.id] = fails
    await bench.redis.xadd(STREAM.key, {"event": event.encode()})
    for _ in range(3 * FEWEST_FAILURES):
        await consumer.step()
    assert await waiting(bench) == 1


@pytest.mark.parametrize("sqlstate", ["57014", "23503"])
async def test_replay_that_looks_like_an_outage_or_our_fault_stops_no_stream(bench: Bench, sqlstate: str) -> None:
    consumer = await ready(bench)
    event = await buried(bench, consumer)
    bench.trouble[event.id] = says(sqlstate)
    await ask_back(bench)
    later = await bench.publish(2)
    for _ in range(6):
        with suppress(Exception):
            await consumer.step()
    assert await bench.effects() == [event.id for event in later]
    assert await waiting(bench) == 1
    [reason] = await bench.column("SELECT reason FROM dead_letters")
    assert reason.startswith("replayed in vain: ")
    assert reason.endswith(sqlstate)
