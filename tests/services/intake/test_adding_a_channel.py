"""The channel that docs/adding-a-channel.md shows does what that document says."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from services.intake.channels.channel import Channel
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.events import ContactReceived
from shared.ids import new_id
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually, staff_header
from tests.services.intake.given import all_parsed, count, events_in_outbox, problem_of, rows
from tests.serving import serving

DOCUMENT = Path(__file__).parents[3] / "docs" / "adding-a-channel.md"
SECRET = "the gateway's"
ONE = {"id": "m-1", "from": "+6281255501207", "at": "2026-03-13T08:59:00+07:00", "text": "Insentif belum cair."}
TWO = ONE | {"id": "m-2", "text": "Sudah dua bulan."}


def shown_channel() -> Channel:
    """The channel of the document, made from its text."""
    [code] = re.findall(r"^```python\n(.+?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    module: dict[str, Any] = {"__name__": "shown"}
    exec(compile(code, str(DOCUMENT), "exec"), module)
    channel: Channel = module["Sms"](SECRET)
    return channel


@dataclass
class Gateway:
    """The other side: it signs what it hands over."""

    service: Service
    http: httpx.AsyncClient

    async def bring(self, *messages: object, signature: str | None = None) -> httpx.Response:
        content = orjson.dumps({"to": "1708", "messages": messages})
        mark = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
        return await self.http.post("/v1/hooks/sms", content=content, headers={"X-Signature": signature or mark})

    async def contacts(self, number: int) -> list[ContactReceived]:
        """What became of it, once there are so many."""

        async def look() -> list[Any]:
            events = await events_in_outbox(self.service.db)
            return events if len(events) == number else []

        await eventually(look)
        return await look()

    async def is_parsed(self) -> None:
        await all_parsed(self.service.db)


@pytest_asyncio.fixture
async def gateway(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Gateway]:
    channel = shown_channel()
    service = build(common, IntakeSettings(), clock, {channel.name: channel})
    workers = [worker for worker in service.workers if worker.name in ("keeper of raw bytes", "parser")]
    async with serving(service, workers=workers) as http:
        yield Gateway(service, http)


async def test_message_becomes_a_contact(gateway: Gateway) -> None:
    assert (await gateway.bring(ONE)).status_code == 200
    [contact] = await gateway.contacts(1)
    assert (contact.data.channel, contact.data.body) == ("sms", ONE["text"])
    assert contact.data.citizen.phone == ONE["from"]
    [source] = await rows(gateway.service.db, "SELECT * FROM sources")
    assert (source.account, source.external_id, source.sender) == ("1708", "m-1", ONE["from"])


async def test_message_that_comes_again_is_the_same_whatever_its_bytes(gateway: Gateway) -> None:
    for message in (ONE, ONE, ONE | {"more": "of a newer gateway"}):
        assert (await gateway.bring(message)).status_code == 200
    await asyncio.gather(*(gateway.bring(ONE, ONE) for _ in range(5)))
    await gateway.is_parsed()
    assert (await count(gateway.service.db, "contacts"), await count(gateway.service.db, "raw")) == (1, 8)


async def test_messages_of_one_sender_are_one_conversation(gateway: Gateway) -> None:
    await gateway.bring(ONE, TWO)
    other_one = ONE | {"id": "m-4", "from": "+6281255509999", "text": "Kartu saya hilang."}
    await gateway.bring(ONE | {"id": "m-3", "text": "Halo?"}, other_one)
    contacts = {contact.data.body: contact for contact in await gateway.contacts(4)}
    first, second, third, other = (contacts[body] for body in (ONE["text"], TWO["text"], "Halo?", other_one["text"]))
    assert {contact.data.tracking_code for contact in (first, second, third)} == {first.data.tracking_code}
    assert {contact.data.chat_id for contact in (first, second, third)} == {first.data.contact_id}
    assert other.data.chat_id == other.data.contact_id != first.data.chat_id
    lines = await rows(gateway.service.db, "SELECT position FROM contacts WHERE chat_id = :id", id=first.data.chat_id)
    assert sorted(line.position for line in lines) == [1, 2, 3]


async def test_burst_of_a_sender_is_one_conversation(gateway: Gateway) -> None:
    burst = [ONE | {"id": f"m-{number}", "text": f"foto {number}"} for number in range(10)]
    await asyncio.gather(*(gateway.bring(message) for message in burst + burst))
    contacts = await gateway.contacts(10)
    assert len({contact.data.chat_id for contact in contacts}) == 1


async def test_conversation_that_was_silent_for_too_long_is_another_case(gateway: Gateway, clock: FrozenClock) -> None:
    await gateway.bring(ONE)
    await gateway.contacts(1)
    clock.forward(days=15)
    await gateway.bring(TWO)
    first, second = await gateway.contacts(2)
    assert first.data.chat_id != second.data.chat_id


async def test_broken_message_waits_with_its_reason_beside_good_ones(gateway: Gateway) -> None:
    assert (await gateway.bring(ONE, {"id": "m-9"}, TWO)).status_code == 200
    assert len(await gateway.contacts(2)) == 2
    await gateway.is_parsed()
    [kept] = await rows(gateway.service.db, "SELECT status, faults FROM raw")
    assert kept.status == "parsed"
    assert kept.faults == [{"place": "messages[1]", "reason": "KeyError: a message has id, from, at and text"}]


async def test_what_cannot_be_parsed_at_all_waits_for_a_person(gateway: Gateway) -> None:
    content = b"<html>"
    mark = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
    assert (await gateway.http.post("/v1/hooks/sms", content=content, headers={"X-Signature": mark})).status_code == 200
    await gateway.is_parsed()
    [kept] = await rows(gateway.service.db, "SELECT status, faults, content FROM raw")
    assert (kept.status, kept.content) == ("unreadable", content)
    assert kept.faults == [{"place": "", "reason": "JSONDecodeError while it was parsed"}]
    await gateway.bring(ONE)
    await gateway.contacts(1)


@pytest.mark.parametrize("signature", ["0" * 64, "", "é"])
async def test_nothing_is_kept_of_what_is_not_signed(gateway: Gateway, signature: str) -> None:
    content = orjson.dumps({"to": "1708", "messages": [ONE]})
    answer = await gateway.http.post(
        "/v1/hooks/sms", content=content, headers={b"X-Signature": signature.encode("latin-1")}
    )
    assert problem_of(answer) == (401, "not_genuine")
    assert await count(gateway.service.db, "raw") == 0


async def test_channel_that_is_not_there_is_not_found(gateway: Gateway) -> None:
    assert problem_of(await gateway.http.post("/v1/hooks/fax", content=b"")) == (404, "not_found")


async def test_what_nobody_could_understand_is_shown_and_parsed_once_more(gateway: Gateway) -> None:
    await gateway.bring(ONE, {"id": "m-9"})
    await gateway.is_parsed()
    supervisor = staff_header("supervisor")
    [shown] = (await gateway.http.get("/v1/raw", headers=supervisor)).json()["items"]
    assert (shown["channel"], shown["status"], shown["tries"]) == ("sms", "parsed", 1)
    assert [fault["place"] for fault in shown["faults"]] == ["messages[1]"]
    assert ONE["text"] not in str(shown)
    assert (await gateway.http.post(f"/v1/raw/{shown['id']}/parse", headers=supervisor)).status_code == 202
    await gateway.is_parsed()
    assert await count(gateway.service.db, "contacts") == 1
    assert len((await gateway.http.get("/v1/raw", headers=supervisor)).json()["items"]) == 1
    assert (await gateway.http.get("/v1/raw", headers=supervisor, params={"channel": "line"})).json()["items"] == []


async def test_what_nobody_could_understand_is_for_supervisors(gateway: Gateway) -> None:
    assert problem_of(await gateway.http.get("/v1/raw", headers=staff_header("agent"))) == (403, "forbidden")
    unknown = f"/v1/raw/{new_id()}/parse"
    assert problem_of(await gateway.http.post(unknown, headers=staff_header("supervisor"))) == (404, "not_found")
