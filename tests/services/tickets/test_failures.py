"""What a newer release says, and what is missing here, buries no complaint."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import NoPolicyInForce, Rulebook
from shared.consumer import Consumer
from shared.consumer.consumer import Stopped
from shared.events import STREAMS, AnyEvent, ContactReceived, NoticeFailed, TicketOpened, decode
from shared.seal import Seal
from shared.settings import CommonSettings
from tests.conftest import SECRETS
from tests.factories import contact
from tests.services.tickets.conftest import Running

TOMORROW = Path(__file__).parents[2] / "contracts" / "golden" / "tomorrow"


def of_tomorrow(name: str) -> Any:
    return decode((TOMORROW / name).read_text("utf-8"))


async def test_contact_of_a_channel_and_an_outcome_of_tomorrow_is_an_open_ticket(
    running: Running, http: httpx.AsyncClient, staff: dict[str, str]
) -> None:
    brought: ContactReceived = of_tomorrow("contact.received.v1.json")
    await running.receive(brought)
    [ticket] = await running.rows("SELECT * FROM tickets")
    assert (ticket.contact_id, ticket.channel, ticket.status) == (brought.data.contact_id, "telegram", "open")
    [opened] = await running.published()
    assert isinstance(opened, TicketOpened)
    assert (opened.data.channel, opened.data.status) == ("telegram", "open")
    shown = (await http.get(f"/v1/tickets/{ticket.id}", headers=staff)).json()
    assert (shown["channel"], shown["status"]) == ("telegram", "open")
    assert (await http.get(f"/v1/track/{ticket.tracking_code}")).json()["channel"] == "telegram"


async def test_notice_that_failed_in_a_way_of_tomorrow_is_in_the_audit_trail(running: Running) -> None:
    ticket = await running.bring()
    failed: NoticeFailed = of_tomorrow("notice.failed.v1.json")
    data = failed.data.model_copy(update={"ticket_id": UUID(ticket)})
    await running.notice(failed.model_copy(update={"data": data}))
    records = await running.rows("SELECT verb, detail FROM audit WHERE actor = 'notify'")
    assert [(row.verb, row.detail.partition(":")[0]) for row in records] == [
        ("notice_expired", f"whatsapp about {data.reason}")
    ]


def reader(running: Running, common: CommonSettings, arrivals: Arrivals | None = None) -> Consumer:
    handlers = running.handlers
    if arrivals is not None:
        handlers = {ContactReceived: _receive(arrivals)}
    return Consumer(
        db=running.service.db,
        redis_url=common.redis_url,
        stream=STREAMS["contacts"],
        instance="test",
        handlers=handlers,
        clock=running.clock,
        patience=timedelta(),
    )


def _receive(arrivals: Arrivals) -> Any:
    async def receive(session: Any, events: Any, now: Any) -> None:
        await arrivals.receive(session, events, now)

    return receive


async def publish(redis: Any, *events: AnyEvent) -> None:
    for event in events:
        await redis.xadd(STREAMS["contacts"].key, {"event": event.encode()})


async def nothing_is_buried(running: Running) -> bool:
    found = await running.rows("SELECT event_id FROM inbox_failures UNION ALL SELECT event_id FROM dead_letters")
    return found == []


async def test_policy_that_is_not_there_stops_the_reader_and_contacts_wait_for_it(
    running: Running, common: CommonSettings, redis: Any
) -> None:
    consumer = reader(
        running, common, Arrivals(rulebook=Rulebook(policy="ptsa", default_unit="contact centre"), seal=Seal(SECRETS))
    )
    await consumer.step()  # makes its group
    await running.change("UPDATE sla_policies SET in_force = false")
    brought = [contact() for _ in range(3)]
    await publish(redis, *brought)
    for _ in range(7):
        with pytest.raises(Stopped, match="no version of the SLA policy 'ptsa' is in force") as raised:
            await consumer.step()
        assert isinstance(raised.value.__cause__, NoPolicyInForce)
    await running.change("UPDATE sla_policies SET in_force = true")
    await consumer.step()
    assert len(await running.rows("SELECT id FROM tickets")) == 3
    assert await nothing_is_buried(running)
    await consumer.close()


async def test_topic_deleted_under_the_cache_stops_the_reader_until_it_has_read_the_topics_again(
    running: Running, common: CommonSettings, redis: Any
) -> None:
    consumer = reader(running, common)
    await publish(redis, contact(body="Mau tanya kartu kuning."))
    for _ in range(2):
        await consumer.step()  # makes its group, and reads the topics
    await running.change("UPDATE tickets SET topic = NULL")
    await running.change("DELETE FROM topics WHERE slug = 'ppid'")
    await publish(redis, contact(body="Minta informasi publik."), contact())
    for _ in range(7):
        with pytest.raises(Stopped, match="23503"):
            await consumer.step()
    running.clock.forward(seconds=11)
    await consumer.step()
    assert [row.topic for row in await running.rows("SELECT topic FROM tickets ORDER BY id")] == [
        None,
        None,
        "insentif",
    ]
    assert await nothing_is_buried(running)
    await consumer.close()
