"""The consumer: each test guards one way to lose an event, to double it, or to stop at it."""

import pytest

from shared.consumer import reading
from shared.consumer.failures import FEWEST_FAILURES, Fault, fault_of
from shared.db import Database
from tests.conftest import Engines
from tests.shared.conftest import STREAM, Bench, ids
from tests.shared.consumer.conftest import fails, settle
from tests.wire import wire


async def test_what_was_published_before_the_group_existed_is_read(bench: Bench) -> None:
    events = await bench.publish(3)
    await settle(bench)
    assert await bench.effects() == ids(events)
    assert await bench.pending() == 0


async def test_own_pending_entries_come_first(bench: Bench) -> None:
    earlier = await bench.publish(2)
    await bench.redis.xgroup_create(STREAM.key, "notify", id="0")
    await bench.redis.xreadgroup("notify", "one", {STREAM.key: ">"})  # read by our predecessor, who died
    later = await bench.publish(1)
    await settle(bench)
    assert await bench.effects() == ids([*earlier, *later])
    assert await bench.pending() == 0


async def test_dead_consumers_entries_are_taken_over_however_many(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)
    events = await bench.publish(10)
    await bench.redis.xgroup_create(STREAM.key, "notify", id="0")
    await bench.redis.xreadgroup("notify", "dead", {STREAM.key: ">"})
    consumer = bench.consumer("heir", claim_idle_ms=0)
    for _ in range(6):
        await consumer.step()
    assert sorted(await bench.effects()) == sorted(ids(events))
    assert await bench.pending() == 0


async def test_dead_consumers_entries_are_found_behind_all_that_a_colleague_is_still_handling(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 1)  # Valkey looks at ten entries for each that it may give
    handled_elsewhere, left_behind = await bench.publish(25), await bench.publish(2)
    await bench.redis.xgroup_create(STREAM.key, "notify", id="0")
    await bench.redis.xreadgroup("notify", "colleague", {STREAM.key: ">"}, count=25)
    [[_, of_the_dead]] = await bench.redis.xreadgroup("notify", "dead", {STREAM.key: ">"})
    an_hour_ms = 60 * 60 * 1000
    names = [name for name, _ in of_the_dead]
    await bench.redis.xclaim(STREAM.key, "notify", "dead", min_idle_time=0, message_ids=names, idle=an_hour_ms)
    consumer = bench.consumer("heir", claim_idle_ms=an_hour_ms // 2)
    for _ in range(6):
        await consumer.step()
    assert await bench.effects() == ids(left_behind)
    assert await bench.pending() == len(handled_elsewhere)


async def test_event_that_comes_twice_has_one_effect(bench: Bench) -> None:
    event = (await bench.publish(1))[0]
    for _ in range(2):
        await bench.redis.xadd(STREAM.key, {"event": event.encode()})
    await settle(bench)
    await bench.redis.xadd(STREAM.key, {"event": event.encode()})
    await settle(bench)
    assert await bench.effects() == [event.id]
    assert await bench.pending() == 0


async def test_event_that_keeps_failing_goes_to_the_dead_letters_and_holds_nobody_up(bench: Bench) -> None:
    good, bad, other = await bench.publish(3)
    bench.trouble[bad.id] = fails
    await settle(bench, steps=30)  # after the group was made, the stream is filled again: it comes twice
    assert await bench.effects() == ids([good, other])
    letter = await bench.column(
        "SELECT concat_ws('|', stream, event_type, handler, reason, failures) FROM dead_letters"
    )
    assert letter == [f"tickets|ticket.opened|Bench.handle|LookupError|{FEWEST_FAILURES}"]
    assert await bench.column("SELECT payload FROM dead_letters") == [bad.encode()]
    assert await bench.column("SELECT event_id FROM inbox_failures") == []
    assert await bench.pending() == 0


async def test_how_often_an_event_failed_is_remembered_over_a_restart(bench: Bench) -> None:
    bad = (await bench.publish(1))[0]
    bench.trouble[bad.id] = fails
    for _ in range(FEWEST_FAILURES):
        assert await bench.column("SELECT id FROM dead_letters") == []
        consumer = bench.consumer()
        await consumer.step()
        if await bench.redis.exists(STREAM.key) and not await bench.column("SELECT event_id FROM inbox_failures"):
            await consumer.step()
    assert await bench.column("SELECT failures FROM dead_letters") == [FEWEST_FAILURES]


async def test_what_is_no_event_goes_to_the_dead_letters_at_once_and_nothing_of_it_is_quoted(bench: Bench) -> None:
    good = (await bench.publish(1))[0]
    rubbish = '{"type": "ticket.opened", "data": {"citizen": {"name": ["Warga Rahasia"]}}}'
    await bench.redis.xadd(STREAM.key, {"event": rubbish})
    await bench.redis.xadd(STREAM.key, {"event": "not JSON"})
    await bench.redis.xadd(STREAM.key, {"other": "field"})
    await settle(bench)
    assert await bench.effects() == [good.id]
    kept = [rubbish, "not JSON", '{"other": "field"}']
    assert await bench.column("SELECT payload FROM dead_letters ORDER BY entry_id") == kept
    assert not any("Rahasia" in reason for reason in await bench.column("SELECT reason FROM dead_letters"))
    assert await bench.pending() == 0


async def test_event_of_a_kind_of_tomorrow_is_passed_over(bench: Bench) -> None:
    await bench.redis.xadd(STREAM.key, {"event": '{"type": "ticket.sung_about"}'})
    await settle(bench)
    assert await bench.column("SELECT id FROM dead_letters") == []
    assert await bench.pending() == 0


async def test_group_that_vanished_is_made_again_and_the_stream_refilled(bench: Bench) -> None:
    consumer = bench.consumer()
    handled = await bench.publish(2)
    for _ in range(3):
        await consumer.step()
    unread = await bench.publish(2)
    await bench.redis.flushall()
    for _ in range(4):
        await consumer.step()
        bench.relay._verified = False
        await bench.relay.step()
    assert await bench.effects() == ids([*handled, *unread])


async def test_stream_that_was_deleted_alone_is_refilled_because_the_reader_asks(bench: Bench) -> None:
    events = await bench.publish(2)
    await bench.redis.delete(STREAM.key)  # the mark of this filling is still there
    await settle(bench)
    assert await bench.effects() == ids(events)


async def test_outage_of_postgresql_burns_no_delivery(bench: Bench, running_engines: Engines) -> None:
    event = (await bench.publish(1))[0]
    async with wire(running_engines.postgres_port) as to_postgres:
        db = Database(to_postgres.through(str(bench.common.database_url)), schema="notify")
        consumer = bench.consumer(db=db)
        await consumer.step()  # makes its group
        await to_postgres.cut()
        for _ in range(FEWEST_FAILURES + 2):
            with pytest.raises(Exception) as raised:
                await consumer.step()
            assert fault_of(raised.value) is Fault.OUTAGE
        assert await bench.column("SELECT event_id FROM inbox_failures") == []
        await to_postgres.mend()
        await consumer.step()
        assert await bench.effects() == [event.id]
        assert await bench.column("SELECT id FROM dead_letters") == []
        await db.close()


async def test_effects_and_inbox_are_one_transaction(bench: Bench) -> None:
    good, bad = await bench.publish(2)
    bench.trouble[bad.id] = fails
    await settle(bench, steps=2)
    assert await bench.column("SELECT event_id FROM inbox") == [good.id]
    assert await bench.effects() == [good.id]


async def test_zero_byte_in_an_entry_does_not_stop_the_consumer(bench: Bench) -> None:
    await bench.redis.xadd(STREAM.key, {"event": "not JSON \0 at all"})
    await settle(bench)
    assert await bench.column("SELECT payload FROM dead_letters") == ["not JSON \\u0000 at all"]
    assert await bench.pending() == 0
