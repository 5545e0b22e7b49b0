"""A client with a ledger of its own of every 202, and what the ledger is held against."""

import asyncio
import itertools
from collections import Counter
from typing import Any

import asyncpg
import httpx

from tests.conftest import eventually
from tests.house import RunningHouse

_AT_ONCE = 8


class Client:
    """Posts until it has a 202 for each contact, and remembers what it was promised."""

    def __init__(self, house: RunningHouse, first: int = 1) -> None:
        self._url = f"{house.at['intake_url']}/v1/contacts"
        self._door = house.door
        self._numbers = itertools.count(first)
        self._http = httpx.AsyncClient(timeout=20, trust_env=False)
        self.promised: dict[str, str] = {}
        self.answers_by_key: dict[str, set[str]] = {}

    async def post(self, count: int) -> None:
        numbers = list(itertools.islice(self._numbers, count))
        queue = iter(numbers)

        async def work() -> None:
            for number in queue:
                for _ in range(2 if number % 10 == 0 else 1):
                    await self._until_accepted(number)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    async def _until_accepted(self, number: int) -> None:
        way = {"phone": f"0812{number:08d}"} if number % 3 == 0 else {"email": f"warga{number}@surel.example"}
        form = {"name": f"Warga {number}", "body": f"Insentif belum cair, nomor {number}.", **way}
        headers = {**self._door, "Idempotency-Key": f"client-{number}"}
        while True:
            try:
                response = await self._http.post(self._url, json=form, headers=headers)
            except httpx.HTTPError:
                response = None
            if response is not None and response.status_code == 202:
                answer = response.json()
                self.promised[answer["contact_id"]] = answer["tracking_code"]
                self.answers_by_key.setdefault(headers["Idempotency-Key"], set()).add(response.text)
                return
            assert response is None or response.status_code == 503, response.text
            await asyncio.sleep(0.05)

    async def has(self, count: int) -> bool:
        """Whether so many were promised by now."""
        return len(self.promised) >= count

    async def close(self) -> None:
        await self._http.aclose()


async def each_promise_is_one_entry(database: asyncpg.Connection, *clients: Client) -> None:
    """Each 202 of the clients became one entry of one ticket, and nothing else did."""
    promised = dict(promise for client in clients for promise in client.promised.items())

    async def entries() -> list[Any]:
        rows: list[Any] = await database.fetch(
            "SELECT e.contact_id, t.tracking_code FROM tickets.entries e JOIN tickets.tickets t ON t.id = e.ticket_id"
        )
        return rows if len(rows) >= len(promised) else []

    found: Any = await eventually(entries, 60)
    assert Counter((str(row["contact_id"]), row["tracking_code"]) for row in found) == Counter(
        dict.fromkeys(promised.items(), 1)
    )


def codes_in(message: dict[str, Any]) -> set[str]:
    """The tracking codes of an opening notice: in a mail's subject, in an SMS's text."""
    if message["kind"] == "email" and message["headers"]["X-Satu-Atap-Reason"] != "opened":
        return set()
    words = message["subject"] if message["kind"] == "email" else message["body"]
    return {word.strip("[],.") for word in words.split() if word.count("-") == 2}
