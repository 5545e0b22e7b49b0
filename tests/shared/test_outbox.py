"""The relay: nothing that was committed is missed, nothing that Redis lost stays lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from shared import outbox
from shared.broker import BrokerUnavailable
from shared.outbox import Relay
from shared.outbox import refill as refilling
from shared.outbox import relay as relaying
from shared.outbox.refill import PIECE, Refill
from shared.partitions import drop_partitions, ensure_partition
from shared.settings import CommonSettings
from tests.factories import ticket_opened
from tests.shared.conftest import STREAM, Bench, ids


async def on_stream(bench: Bench) -> list[str]:
    entries = await bench.redis.xrange(STREAM.key)
    return [fields[b"event"].decode() for _, fields in entries]


async def test_events_are_published_in_their_order_and_once(bench: Bench) -> None:
    events = await bench.publish(3)
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in events]
    assert await bench.unpublished() == 0


async def test_what_comes_after_something_gathers_and_what_comes_after_nothing_goes_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_GATHER_SECONDS", 600)
    monkeypatch.setattr(relaying, "_POLL_SECONDS", 0.01)
    await bench.relay.step()  # nothing to do: it does not wait either
    await bench.say()
    stepping = asyncio.create_task(bench.relay.step())
    await bench.redis.xread({STREAM.key: "0"}, count=1, block=30_000)
    await bench.say(2)
    assert not stepping.done()
    assert await bench.on_stream() == 1
    stepping.cancel()


async def test_event_of_a_rolled_back_transaction_did_not_happen(bench: Bench) -> None:
    with pytest.raises(RuntimeError):
        async with bench.writer.transaction() as session:
            await outbox.add(session, "tickets", [ticket_opened()])
            raise RuntimeError
    await bench.relay.step()
    assert await bench.on_stream() == 0


async def test_slow_transaction_with_a_smaller_number_is_not_skipped(bench: Bench) -> None:
    slow, quick = ticket_opened(), ticket_opened()
    async with bench.writer.transaction() as session:
        await outbox.add(session, "tickets", [slow])  # has the smaller number, and is not committed yet
        async with bench.writer.transaction() as other:
            await outbox.add(other, "tickets", [quick])
        await bench.relay.step()
        assert await on_stream(bench) == [quick.encode()]
    await bench.relay.step()
    assert await on_stream(bench) == [quick.encode(), slow.encode()]


async def test_second_relay_does_not_overtake_the_first(bench: Bench) -> None:
    await bench.say()
    async with bench.writer.transaction() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('relay tickets.outbox'))"))
        await bench.relay.step()
        assert await bench.on_stream() == 0
    await bench.relay.step()
    assert await bench.on_stream() == 1


async def test_relay_that_dies_before_it_marks_publishes_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(point: str) -> None:
        if point == "tickets.relay.added":
            raise SystemError(point)

    events = await bench.say(2)
    monkeypatch.setattr(relaying, "crash_point", die)
    with pytest.raises(SystemError):
        await bench.relay.step()
    monkeypatch.undo()
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in events] * 2  # at least once; the inbox makes it once


async def test_wiped_redis_is_filled_again_from_the_outbox(bench: Bench) -> None:
    before = await bench.publish(3)
    await bench.redis.flushall()
    after = await bench.publish(1)
    await bench.relay.step()
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in [*before, *after]]


async def test_what_is_wiped_between_the_look_and_the_adding_does_not_let_later_events_go_first(
    bench: Bench, common: CommonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await bench.publish(3)
    after = await bench.say(1)
    holds = relaying._holds

    def holds_and_is_wiped(*seen: Any) -> bool:
        with Redis.from_url(str(common.redis_url)) as somebody:
            somebody.flushall()
        return holds(*seen)

    bench.relay._verified = True
    monkeypatch.setattr(relaying, "_holds", holds_and_is_wiped)
    with pytest.raises(BrokerUnavailable):
        await bench.relay.step()
    monkeypatch.undo()
    assert await on_stream(bench) == []
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in [*before, *after]]


async def test_idle_relay_notices_the_wipe(bench: Bench) -> None:
    before = await bench.publish(3)
    await bench.redis.flushall()
    bench.relay._verified = False  # what a second without work comes to
    await bench.relay.step()
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in before]


async def test_redis_that_lost_its_last_entries_is_filled_again(bench: Bench) -> None:
    events = await bench.publish(3)
    entries = await bench.redis.xrange(STREAM.key)
    await bench.redis.delete(STREAM.key)  # comes back from a copy that lacks the last two, generation and all
    await bench.redis.xadd(STREAM.key, entries[0][1], id=entries[0][0])
    bench.relay._verified = False  # as after the connection broke
    await bench.relay.step()
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in [events[0], *events]]


async def test_lost_tail_is_seen_with_the_next_event_although_nobody_noticed_the_break(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_LOOK_SECONDS", 3_600)
    events = await bench.publish(3)
    entries = await bench.redis.xrange(STREAM.key)
    await bench.redis.delete(STREAM.key)
    await bench.redis.xadd(STREAM.key, entries[0][1], id=entries[0][0])
    assert bench.relay._verified  # the client came back by itself, and no idle look was due yet
    later = await bench.publish(1)
    await bench.relay.step()
    assert await on_stream(bench) == [event.encode() for event in [events[0], *events, *later]]


async def test_trim_does_not_outrun_a_wipe(bench: Bench) -> None:
    unread = await bench.publish(2)
    await bench.redis.flushall()
    later = await bench.redis.xadd(STREAM.key, {"event": ticket_opened().encode()})
    for group in STREAM.readers:  # they finish all that there is, which is not all that there was
        await bench.redis.xgroup_create(STREAM.key, group, id="0")
        await bench.redis.xreadgroup(group, "c", {STREAM.key: ">"})
        await bench.redis.xack(STREAM.key, group, later)
    await bench.relay._trim()
    bench.relay._verified = False
    await bench.relay.step()
    await bench.relay.step()
    assert {event.encode() for event in unread} <= set(await on_stream(bench))


async def test_stream_is_trimmed_below_what_every_reader_finished_and_no_further(bench: Bench) -> None:
    await bench.publish(4)
    first, second, third, _ = [entry for entry, _ in await bench.redis.xrange(STREAM.key)]
    for group in STREAM.readers:
        await bench.redis.xgroup_create(STREAM.key, group, id="0")
        await bench.redis.xreadgroup(group, "c", {STREAM.key: ">"}, count=4)
        await bench.redis.xack(STREAM.key, group, first, second)
    await bench.redis.xack(STREAM.key, "notify", third)  # one reader is further than the others
    assert await bench.relay._finished() == tuple(int(part) for part in third.split(b"-"))


async def test_nothing_is_trimmed_while_a_reader_has_not_appeared(bench: Bench) -> None:
    await bench.publish(2)
    await bench.redis.xgroup_create(STREAM.key, "notify", id="$")
    assert await bench.relay._finished() is None


async def test_wipe_refills_what_was_not_finished_only(bench: Bench) -> None:
    await bench.publish(3)
    for group in STREAM.readers:
        await bench.redis.xgroup_create(STREAM.key, group, id="0")
        entries = (await bench.redis.xreadgroup(group, "c", {STREAM.key: ">"}, count=3))[0][1]
        await bench.redis.xack(STREAM.key, group, *(entry for entry, _ in entries))
    await bench.relay._trim()
    unread = await bench.publish(2)
    await bench.redis.flushall()
    bench.relay._verified = False
    await bench.relay.step()
    await bench.relay.step()
    published = await on_stream(bench)
    assert published[-2:] == [event.encode() for event in unread]
    assert len(published) == 3  # the last finished one comes along, and does no harm


async def test_days_are_made_ahead_and_dropped_behind_the_window(bench: Bench) -> None:
    bench.clock.now = datetime(2026, 3, 13, 12, tzinfo=UTC)
    await bench.relay._partition()
    async with bench.writer.transaction() as session:
        for days in (8, 9):
            await ensure_partition(session, "tickets", datetime(2026, 3, 13, tzinfo=UTC) - timedelta(days=days))
        old = ticket_opened()
        object.__setattr__(old, "time", datetime(2026, 3, 4, 1, tzinfo=UTC))
        await outbox.add(session, "tickets", [old])
    async with bench.writer.transaction() as session:
        await drop_partitions(session, "tickets", before=datetime(2026, 3, 6, tzinfo=UTC))
        names = await session.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relname ~ '^outbox_[0-9]{8}$' AND relkind = 'r' "
                "AND relnamespace = 'tickets'::regnamespace ORDER BY relname"
            )
        )
        # the fourth of March holds what was never published, so it stays; the fifth is gone
        assert names.all() == ["outbox_20260304", "outbox_20260313", "outbox_20260314", "outbox_20260315"]


async def test_replay_publishes_again_what_was_published_since(bench: Bench) -> None:
    events = await bench.publish(2)
    async with bench.writer.transaction() as session:
        assert await outbox.replay_since(session, "tickets", events[0].time) == 2
        assert await outbox.replay_since(session, "tickets", events[0].time + timedelta(days=1)) == 0
    await bench.relay.step()
    assert len(await on_stream(bench)) == 4
    assert ids(events) == ids(events)


def test_relay_has_no_notion_of_a_last_number() -> None:
    assert not any(
        "seq >" in str(constant)
        for method in vars(Relay).values()
        if callable(method)
        for constant in getattr(getattr(method, "__code__", None), "co_consts", ())
    )


# -- refilling in pieces ----------------------------------------------------------------------------------------


async def long_outbox(bench: Bench, count: int) -> None:
    """An outbox of so many published events, none of which a reader is known to have finished."""
    payload = ticket_opened().encode()
    async with bench.writer.transaction() as session:
        await session.execute(
            text("""
            INSERT INTO outbox
                (event_id, type, correlation_id, created_at, payload, published_at, entry_ms, entry_number)
            SELECT gen_random_uuid(), 'ticket.opened', 'c-1', CAST(:at AS timestamptz) + n * interval '1 second',
                   CAST(:payload AS text), :at, 1, n
            FROM generate_series(1, :count) AS n
            """),
            {"at": bench.clock() - timedelta(days=6), "count": count, "payload": payload},
        )


async def test_refill_goes_in_pieces_and_nothing_later_goes_out_before_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.publish(25)
    monkeypatch.setattr(refilling, "PIECE", 10)
    before = await on_stream(bench)
    await bench.redis.flushall()
    later = await bench.say(3)
    bench.relay._verified = False
    await bench.relay.step()
    assert await on_stream(bench) == before[:10], "one piece is published before the next is marked"
    for _ in range(4):
        await bench.relay.step()
    assert await on_stream(bench) == [*before, *(event.encode() for event in later)]


async def test_refill_is_gone_on_with_by_a_successor(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.publish(25)
    monkeypatch.setattr(refilling, "PIECE", 10)
    before = await on_stream(bench)
    await bench.redis.flushall()
    bench.relay._verified = False
    await bench.relay.step()
    successor = bench.another_relay()
    for _ in range(4):
        await successor.step()
    assert await on_stream(bench) == before


async def test_refill_that_is_cut_short_by_another_wipe_begins_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.publish(25)
    monkeypatch.setattr(refilling, "PIECE", 10)
    before = await on_stream(bench)
    for _ in range(2):
        await bench.redis.flushall()
        bench.relay._verified = False
        await bench.relay.step()
    for _ in range(4):
        await bench.relay.step()
    assert await on_stream(bench) == before


async def test_trim_notes_nothing_as_finished_while_a_refill_is_under_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.publish(25)
    monkeypatch.setattr(refilling, "PIECE", 10)
    before = await on_stream(bench)
    await bench.redis.flushall()
    bench.relay._verified = False
    await bench.relay.step()
    for group in STREAM.readers:  # they finish the first piece
        await bench.redis.xgroup_create(STREAM.key, group, id="0")
        [[_, entries]] = await bench.redis.xreadgroup(group, "c", {STREAM.key: ">"})
        await bench.redis.xack(STREAM.key, group, *(entry for entry, _ in entries))
    await bench.relay._trim()
    for _ in range(4):
        await bench.relay.step()
    assert await on_stream(bench) == before


async def test_refill_of_a_week_needs_no_long_statement(bench: Bench) -> None:
    # given: many more events than one statement marks
    events = 4 * PIECE + 1
    await long_outbox(bench, events)
    # when: Redis, which held them, is another one
    async with bench.writer.transaction() as session:
        await session.execute(text("UPDATE outbox_state SET generation = 'that of a Redis that is gone'"))
    refill = Refill("tickets", STREAM)
    async with bench.writer.transaction() as session:
        state = (await session.execute(text("SELECT generation, refilled_to FROM outbox_state FOR UPDATE"))).one()
        await refill.begin(session, state, wiped=True)
    goes_on, marked = True, [await bench.unpublished()]
    while goes_on:
        async with bench.writer.transaction() as session:
            goes_on = await refill.go_on(session)
        marked.append(await bench.unpublished())
    assert marked == [0, PIECE, 2 * PIECE, 3 * PIECE, 4 * PIECE, events]
    # then
    assert await bench.unpublished() == events
