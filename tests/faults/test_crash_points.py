"""Between a commit and an acknowledgement, and between the stream and the mark in the outbox, each process dies once.

The whole path is walked all the same, and each step of it is seen exactly once.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import eventually
from tests.faults.test_faults import codes_in
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
        chat = await house.post(f"{at['intake_url']}/v1/chats", {"email": "chat@surel.example"}, house.door)
        ticket = f"{at['tickets_url']}/v1/tickets/{await ticket_id(house, chat['tracking_code'])}"
        await until_told(house, chat["tracking_code"], {"opened"})
        await again(lambda: house.post(f"{ticket}/reply", {"body": "Sudah kami periksa."}, house.staff))
        await again(lambda: house.post(f"{ticket}/resolve", {"body": "Selesai."}, house.staff))
        await until_told(house, chat["tracking_code"], {"opened", "replied", "resolved", "invited"})
        for code in codes:
            await ticket_id(house, code)
            await until_told(house, code, {"opened"})

        # then: each planned crash happened
        for service in {point.partition(".")[0] for point in points}:
            assert f"{service} ended (signal SIGKILL)" in house.said
        # and: everything was done once
        database = await asyncpg.connect(at["database_url"])
        assert await database.fetchval("SELECT count(*) FROM tickets.entries WHERE author = 'citizen'") == 6
        assert await database.fetchval("SELECT count(*) FROM tickets.tickets") == 6
        assert await database.fetchval("SELECT count(*) FROM intake.chat_replies") == 1
        assert await database.fetchval("SELECT count(*) FROM survey_index.invitations") == 1
        notices = await database.fetch("SELECT reason, tracking_code, status FROM notify.notices")
        assert Counter(row["reason"] for row in notices) == {"opened": 6, "replied": 1, "resolved": 1, "invited": 1}
        told = Counter(code for message in await house.received() for code in codes_in(message))
        opened = {row["tracking_code"]: row["status"] for row in notices if row["reason"] == "opened"}
        for code, status in opened.items():
            assert told[code] == 1 if status == "accepted" else (status == "uncertain" and told[code] <= 1)
        uncertain = [row for row in notices if row["status"] == "uncertain"]
        if any(point.startswith("notify.courier") for point in points):
            assert uncertain, "an attempt was committed, and nobody knows how it ended"
        await database.close()


async def again(call: Any) -> Any:
    """Repeats what failed because the service was down at that moment."""

    async def attempt() -> Any:
        try:
            return await call()
        except (OSError, AssertionError, Exception) as error:
            if "Connect" in type(error).__name__ or "Remote" in type(error).__name__ or "Read" in type(error).__name__:
                return None
            raise

    return await eventually(attempt, 30)


async def contact(house: RunningHouse, number: int) -> str:
    form = {"email": f"warga{number}@surel.example", "body": "Sertifikat belum muncul."}
    headers = {**house.door, "Idempotency-Key": f"form-{number}"}
    answer = await again(lambda: house.post(f"{house.at['intake_url']}/v1/contacts", form, headers))
    return str(answer["tracking_code"])


async def ticket_id(house: RunningHouse, code: str) -> str:
    async def look() -> str | None:
        page = await again(lambda: house.get(f"{house.at['tickets_url']}/v1/tickets", tracking_code=code))
        return page["items"][0]["id"] if page["items"] else None

    return str(await eventually(look, 30))


async def until_told(house: RunningHouse, code: str, reasons: set[str]) -> None:
    """Waits until every notice of the case is where it will stay."""
    ticket = await ticket_id(house, code)

    async def look() -> bool:
        page = await again(lambda: house.get(f"{house.at['notify_url']}/v1/notices", ticket=ticket))
        ended = {item["reason"] for item in page["items"] if item["status"] in ("accepted", "uncertain")}
        return ended >= reasons

    await eventually(look, 60)
