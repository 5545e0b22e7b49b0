"""Addresses that are known in chats: many ask at once, and each has the answer for his own chat."""

import asyncio
from uuid import UUID

from sqlalchemy import event

from services.intake.service.addresses import ChatAddresses
from tests.services.intake.conftest import Running


async def opened(running: Running, **known: str) -> UUID:
    chat = await running.http.post("/v1/chats", headers=running.key, json={"body": "Halo", **known})
    return UUID(chat.json()["chat_id"])


async def test_addresses_are_looked_up_for_all_who_ask_at_once(running: Running) -> None:
    reachable, other = await opened(running, email="warga@surel.example"), await opened(running)
    addresses, queries = ChatAddresses(running.service.db), []
    event.listen(running.service.db.engine.sync_engine, "before_cursor_execute", lambda *said: queries.append(said[2]))
    asked = [reachable, other, UUID(int=0)] * 20
    found = await asyncio.gather(*map(addresses.is_known, asked))
    assert found == [True, False, False] * 20
    assert len([query for query in queries if "intake.contacts" in query]) == 1


async def test_address_that_is_left_while_a_query_runs_is_known_to_who_asks_after_it(running: Running) -> None:
    chat_id, addresses = await opened(running), ChatAddresses(running.service.db)
    before = asyncio.create_task(addresses.is_known(chat_id))
    await running.http.post(f"/v1/chats/{chat_id}/contact", headers=running.key, json={"phone": "0812-5550-1234"})
    assert await addresses.is_known(chat_id)
    assert await before in {True, False}


async def test_address_is_found_for_the_others_when_one_who_asked_goes_away(running: Running) -> None:
    chat_id, addresses = await opened(running, phone="0812-5550-1234"), ChatAddresses(running.service.db)
    first, second = (asyncio.create_task(addresses.is_known(chat_id)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second


async def test_addresses_are_asked_for_anew_after_the_database_was_away(running: Running) -> None:
    chat_id, addresses = await opened(running, phone="0812-5550-1234"), ChatAddresses(running.service.db)
    engine = running.service.db.engine.sync_engine

    def away(*_: object) -> None:
        raise ConnectionError("away")

    event.listen(engine, "before_cursor_execute", away)
    answers = await asyncio.gather(*(addresses.is_known(chat_id) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError] * 3
    event.remove(engine, "before_cursor_execute", away)
    assert await addresses.is_known(chat_id)
