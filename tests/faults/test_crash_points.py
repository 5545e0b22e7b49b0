"""Between a commit and an acknowledgement, and between the stream and the mark in the outbox, each process dies once.

The whole path is walked all the same, and each step of it is seen exactly once.
"""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from services.sandbox import REFUSED_DOMAIN
from shared.events import STREAMS
from tests.conftest import eventually
from tests.faults.ledger import codes_in
from tests.house import RunningHouse, running_house

ROUNDS = [
    ("intake.relay.added", "tickets.consumer.committed", "notify.consumer.committed", "survey_index.relay.added"),
    ("intake.consumer.committed", "tickets.relay.added", "notify.courier.attempted", "survey_index.consumer.committed"),
    ("intake.relay.marked", "tickets.consumer.acknowledged", "notify.courier.handed"),
]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("points", ROUNDS, ids=lambda points: "+".join(points))
async def test_each_step_is_seen_once_although_each_service_dies_at(points: tuple[str, ...], tmp_path: Path) -> None:
    async with running_house(tmp_path / "house", SATUATAP_CRASH_AT=",".join(points)) as house:
        at = house.at
        # when: five forms and a chat come in, and one case goes all the way
        codes = [await contact(house, number) for number in range(5)]
        chat = await accepted(house, "/v1/chats", {"email": "chat@surel.example"}, key="chat")
        ticket = f"{at['tickets_url']}/v1/tickets/{await ticket_id(house, chat['tracking_code'])}"
        await until_told(house, chat["tracking_code"], {"opened"})
        await again(lambda: house.post(f"{ticket}/reply", {"body": "Sudah kami periksa."}, house.staff))
        await again(lambda: house.post(f"{ticket}/resolve", {"body": "Selesai."}, house.staff))
        await until_told(house, chat["tracking_code"], {"opened", "resolved", "invited"})
        for code in codes:
            await ticket_id(house, code)
            await until_told(house, code, {"opened"})

        # then: each planned crash happened
        for service in {point.partition(".")[0] for point in points}:
            await eventually(partial(has_said, house, f"{service} ended (signal SIGKILL)"))
        # and: everything was done once
        database = await asyncpg.connect(at["database_owner_url"])
        assert await database.fetchval("SELECT count(*) FROM tickets.entries WHERE author = 'citizen'") == 6
        assert await database.fetchval("SELECT count(*) FROM tickets.tickets") == 6
        await eventually(partial(replies_are_shown, database, 2))
        assert await database.fetchval("SELECT count(*) FROM intake.chat_replies") == 2
        assert await database.fetchval("SELECT count(*) FROM survey_index.invitations") == 1
        notices = await database.fetch("SELECT reason, tracking_code, status, hold FROM notify.notices")
        assert Counter(row["reason"] for row in notices) == {"opened": 6, "replied": 1, "resolved": 1, "invited": 1}
        assert [row["hold"] for row in notices if row["reason"] == "replied"] == ["chat"], "it stands in the chat"
        told = Counter(code for message in await house.received() for code in codes_in(message))
        opened = {row["tracking_code"]: row["status"] for row in notices if row["reason"] == "opened"}
        for code, status in opened.items():
            assert told[code] == 1 if status == "accepted" else (status == "uncertain" and told[code] <= 1)
        uncertain = [row for row in notices if row["status"] == "uncertain"]
        if any(point.startswith("notify.courier") for point in points):
            assert uncertain, "an attempt was committed, and nobody knows how it ended"
        await database.close()


@pytest.mark.timeout(180)
async def test_refused_notice_is_noted_once_although_the_relay_of_notify_dies_at_it(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house", SATUATAP_CRASH_AT="notify.relay.added") as house:
        # given: a citizen whose mailbox does not exist, so that notify has something to tell the desk
        form = {"email": f"warga@{REFUSED_DOMAIN}", "body": "Sertifikat belum muncul."}
        code = (await house.post(f"{house.at['intake_url']}/v1/contacts", form, house.door))["tracking_code"]
        ticket = await ticket_id(house, code)

        # when: notify dies after the stream has the event, and before its outbox knows it
        async def noted() -> list[dict[str, Any]]:
            detail = await house.get(f"{house.at['tickets_url']}/v1/tickets/{ticket}")
            return [record for record in detail["audit"] if record["verb"] == "notice_failed"]

        await eventually(noted, 60)

        # then: the stream got it twice, before the crash and after it, and the desk noted it once
        redis = Redis.from_url(house.at["redis_url"])

        async def read_twice() -> bool:
            stream = await redis.xinfo_stream(STREAMS["notices"].key)
            groups = await redis.xinfo_groups(STREAMS["notices"].key)
            return stream["entries-added"] == 2 and all(g["lag"] == 0 and g["pending"] == 0 for g in groups)

        await eventually(read_twice)
        await redis.aclose()
        assert "notify ended (signal SIGKILL)" in house.said
        database = await asyncpg.connect(house.at["database_owner_url"])

        async def marked() -> bool:
            return bool(await database.fetchval("SELECT bool_and(published_at IS NOT NULL) FROM notify.outbox"))

        await eventually(marked)
        assert len(await noted()) == 1
        assert await database.fetchval("SELECT count(*) FROM notify.notices WHERE status = 'failed'") == 1
        assert await house.received() == []
        await database.close()


async def again(call: Any) -> Any:
    """Repeats what failed because the service was down at that moment, or died over it."""

    async def attempt() -> Any:
        try:
            return await call()
        except httpx.TransportError:
            return None

    return await eventually(attempt)


async def accepted(house: RunningHouse, path: str, body: dict[str, str], key: str) -> Any:
    """What intake accepts, once, although it may die before it has answered."""
    headers = {**house.door, "Idempotency-Key": key}
    return await again(lambda: house.post(f"{house.at['intake_url']}{path}", body, headers))


async def contact(house: RunningHouse, number: int) -> str:
    form = {"email": f"warga{number}@surel.example", "body": "Sertifikat belum muncul."}
    return str((await accepted(house, "/v1/contacts", form, key=f"form-{number}"))["tracking_code"])


async def ticket_id(house: RunningHouse, code: str) -> str:
    async def look() -> str | None:
        page = await again(lambda: house.get(f"{house.at['tickets_url']}/v1/tickets", tracking_code=code))
        return page["items"][0]["id"] if page["items"] else None

    return str(await eventually(look))


async def has_said(house: RunningHouse, words: str) -> bool:
    return words in house.said


async def replies_are_shown(database: Any, count: int) -> bool:
    """Whether intake, which reads on its own, has shown as many as this."""
    return bool(await database.fetchval("SELECT count(*) FROM intake.chat_replies") >= count)


async def until_told(house: RunningHouse, code: str, reasons: set[str]) -> None:
    """Waits until every notice of the case is where it will stay."""
    ticket = await ticket_id(house, code)

    async def look() -> bool:
        page = await again(lambda: house.get(f"{house.at['notify_url']}/v1/notices", ticket=ticket))
        ended = {item["reason"] for item in page["items"] if item["status"] in ("accepted", "uncertain")}
        return ended >= reasons

    await eventually(look, 60)
