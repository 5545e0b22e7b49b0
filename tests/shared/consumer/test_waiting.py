"""An event that a newer release wrote: its stream waits at it, until a release or a person decides."""

import asyncio
from typing import Any, Literal

import pytest

from shared.clock import utcnow
from shared.consumer import dead
from shared.events import TicketOpened, TicketReplied, reading
from shared.runner import keep_stepping
from shared.telemetry import UNKNOWN_WORDS
from tests.conftest import eventually
from tests.factories import ticket_opened, ticket_replied
from tests.shared.conftest import STREAM, Bench, ids
from tests.shared.consumer.conftest import ready, stopped


class TicketOpened2(TicketOpened):
    """The version of tomorrow."""

    dataschema: Literal["urn:satuatap:ticket.opened:2"] = "urn:satuatap:ticket.opened:2"  # type: ignore[assignment]


async def of_tomorrow(bench: Bench) -> TicketOpened:
    """An event of the version that this release does not know, on the stream."""
    event = ticket_opened()
    said = event.encode().replace("urn:satuatap:ticket.opened:1", "urn:satuatap:ticket.opened:2")
    await bench.redis.xadd(STREAM.key, {"event": said})
    return event


@pytest.fixture
def a_new_release(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets this process know the version of tomorrow; gives the handlers for it."""

    def release(bench: Bench) -> Any:
        monkeypatch.setitem(reading._BY_NAME, "ticket.opened", TicketOpened2)
        return {TicketOpened2: bench.handle}

    return release


async def test_version_that_is_not_known_stops_the_stream_behind_what_came_before(bench: Bench) -> None:
    consumer = await ready(bench)
    before = await bench.publish(2)
    waiting = await of_tomorrow(bench)
    await bench.publish(2)
    for _ in range(3):
        said = await stopped(consumer)
        assert "urn:satuatap:ticket.opened:2" in said
        assert str(waiting.id) in said
    assert await bench.effects() == ids(before)
    assert await bench.column("SELECT id FROM dead_letters") == []
    assert await bench.column("SELECT event_id FROM stops") == [waiting.id]


async def test_version_that_waits_is_handled_by_the_release_that_knows_it_and_all_behind_it(
    bench: Bench, a_new_release: Any
) -> None:
    older = await ready(bench)
    waiting = await of_tomorrow(bench)
    await stopped(older)
    newer = bench.consumer(handlers=a_new_release(bench))
    await newer.step()
    assert await bench.effects() == [waiting.id]
    assert await bench.column("SELECT event_id FROM stops") == []
    assert await bench.pending() == 0


async def test_version_that_a_person_skips_is_a_dead_letter_and_the_stream_goes_on(
    bench: Bench, a_new_release: Any
) -> None:
    consumer = await ready(bench)
    waiting = await of_tomorrow(bench)
    behind = await bench.publish(2)
    await stopped(consumer)
    async with bench.reader.transaction() as session:
        assert await dead.skip(session, "notify", str(waiting.id), by="cli:ani", reason="not for us", now=utcnow()) == 1
    await consumer.step()
    assert await bench.effects() == ids(behind)
    [letter] = await bench.column("SELECT concat_ws('|', event_id, handler, reason) FROM dead_letters")
    assert letter.startswith(f"{waiting.id}|skip|urn:satuatap:ticket.opened:2 is not known")
    assert letter.endswith("skipped by cli:ani: not for us")
    assert await bench.pending() == 0
    # and: the release that knows it may have it back
    async with bench.reader.transaction() as session:
        letters = await dead.list_letters(session, "notify")
        await dead.ask_back(session, "notify", [row.id for row in letters], by="cli:ani", now=utcnow())
    newer = bench.consumer(handlers=a_new_release(bench))
    await newer.step()
    assert await bench.effects() == [*ids(behind), waiting.id]


async def test_version_of_a_kind_that_nobody_here_handles_is_passed_over(bench: Bench) -> None:
    consumer = await ready(bench)
    said = ticket_replied().encode().replace("ticket.replied:1", "ticket.replied:2")
    await bench.redis.xadd(STREAM.key, {"event": said})
    after = await bench.publish(1)
    await consumer.step()
    assert await bench.effects() == ids(after)


async def test_rubbish_is_buried_and_what_is_healthy_behind_it_is_handled_at_once(bench: Bench) -> None:
    consumer = await ready(bench)
    broken = ticket_opened().encode().replace('"status":"open"', '"status":5')
    await bench.redis.xadd(STREAM.key, {"event": broken})
    after = await bench.publish(1)
    await consumer.step()
    assert await bench.effects() == ids(after)
    assert await bench.column("SELECT payload FROM dead_letters") == [broken]


async def test_word_that_is_not_known_is_handled_and_counted(bench: Bench) -> None:
    def counted() -> float:
        return float(UNKNOWN_WORDS.labels("notify", "ticket.opened", "status")._value.get())

    consumer = await ready(bench)
    before = counted()
    event = ticket_opened()
    await bench.redis.xadd(STREAM.key, {"event": event.encode().replace('"status":"open"', '"status":"postponed"')})
    await consumer.step()
    assert await bench.effects() == [event.id]
    assert counted() == before + 1


async def test_event_without_a_handler_leaves_no_inbox_row_so_that_a_later_release_has_it_replayed(
    bench: Bench,
) -> None:
    # given: a release that does nothing with replies
    older = await ready(bench)
    event = ticket_replied()
    await bench.tell(event)
    await older.step()
    assert await bench.column("SELECT event_id FROM inbox") == []
    assert await bench.pending() == 0
    # when: one that does, and a replay of what was published before it
    newer = bench.consumer(handlers={TicketReplied: bench.handle})
    await bench.replay_since(bench.clock())
    await newer.step()
    # then
    assert await bench.effects() == [event.id]


async def test_stream_that_waits_is_the_trouble_of_its_worker_until_it_goes_on(
    bench: Bench, a_new_release: Any
) -> None:
    consumer = await ready(bench)
    waiting = await of_tomorrow(bench)
    stop = asyncio.Event()
    stepping = asyncio.create_task(keep_stepping(consumer, stop))

    async def in_trouble() -> bool:
        return "urn:satuatap:ticket.opened:2" in (consumer.trouble or "")

    async def well() -> bool:
        return consumer.trouble is None

    await eventually(in_trouble)
    consumer._handling._handlers = a_new_release(bench)
    await eventually(well)
    assert await bench.effects() == [waiting.id]
    stop.set()
    await stepping
