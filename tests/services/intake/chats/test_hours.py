"""Whether somebody is there is decided when a line comes; who comes outside the hours is told, and loses nothing."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.tickets.domain.citizens import introduced
from shared.events import ContactReceived
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.chats.conftest import Live
from tests.services.intake.given import api_key, count, events_in_outbox, fields_of, problem_of, rows
from tests.services.intake.test_widget import PAGE, widget_key
from tests.serving import serving

TOMORROW = "2026-03-14T01:00:00Z"
"""Eight o'clock in Jakarta."""


@pytest.fixture
def closing(clock: FrozenClock) -> FrozenClock:
    """19:59:40 in Jakarta, twenty seconds before the end."""
    clock.forward(hours=10, minutes=59, seconds=40)
    return clock


async def hours(live: Live) -> Any:
    answer = await live.http.get("/v1/hours")
    assert answer.status_code == 200
    return answer.json()


async def test_hours_are_told_to_everybody(live: Live, closing: FrozenClock) -> None:
    told = await hours(live)
    assert (told["open"], told["closes_at"], told["zone"]) == (True, "2026-03-13T13:00:00Z", "Asia/Jakarta")
    assert told["week"][0] == {"weekday": "mon", "opens": "08:00:00", "closes": "20:00:00"}
    assert len(told["week"]) == 7
    closing.forward(seconds=20)
    told = await hours(live)
    assert (told["open"], told["closes_at"], told["next_opening"]) == (False, None, TOMORROW)


async def test_line_after_closing_time_is_kept_and_told_so_though_it_was_open_when_the_page_came(
    live: Live, closing: FrozenClock
) -> None:
    """C4."""
    assert (await hours(live))["open"]
    chat = await live.opened("Halo")
    assert chat["closed"] is None
    closing.forward(seconds=25)
    line = await live.say(chat, "Insentif belum cair.")
    assert line["closed"] == {"next_opening": TOMORROW, "wants_address": True}
    assert [text for _, _, text in await live.lines(chat)] == ["Halo", "Insentif belum cair."]
    assert await count(live.service.db, "outbox") == 2, "and its case learns it"
    closing.forward(hours=12)
    assert (await live.say(chat, "Selamat pagi"))["closed"] is None


async def test_address_is_asked_for_until_it_is_known(live: Live, other: Live, closing: FrozenClock) -> None:
    closing.forward(seconds=25)
    reachable = await live.opened("Halo", email="warga@surel.example")
    assert reachable["closed"] == {"next_opening": TOMORROW, "wants_address": False}
    assert (await live.say(reachable, "Lagi"))["closed"]["wants_address"] is False
    chat = await live.opened("Halo")
    assert chat["closed"]["wants_address"]
    left = await other.post(chat, "contact", {"phone": "0812-5550-1234"})
    assert left.status_code == 202
    assert (await live.say(chat, "Lagi"))["closed"]["wants_address"] is False


async def test_address_that_is_left_goes_on_to_the_case_and_is_no_line(live: Live) -> None:
    chat = await live.opened("Halo")
    await live.post(chat, "end")
    answer = await live.post(chat, "contact", {"email": "WARGA@Surel.example", "phone": ""})
    assert (answer.status_code, answer.json()["tracking_code"]) == (202, chat["tracking_code"])
    told = (await events_in_outbox(live.service.db))[-1]
    assert isinstance(told, ContactReceived)
    assert (str(told.data.chat_id), told.data.body) == (chat["chat_id"], "")
    assert introduced(told.data).person.reachable
    texts = [text for _, _, text in await live.lines(chat)]
    assert (texts[0], len(texts)) == ("Halo", 2), "an address takes an ended chat up no more than it is a line"
    await live.say(chat, "Dua")
    assert [place for place, _, _ in await live.lines(chat)] == [1, 2, 4, 5]


async def test_address_that_comes_again_is_one(live: Live) -> None:
    chat = await live.opened("Halo")
    headers = {"Authorization": f"Bearer {chat['chat_token']}", "Idempotency-Key": "k-1"}
    sent = [live.post(chat, "contact", {"email": "warga@surel.example"}, headers) for _ in range(3)]
    assert len({answer.text for answer in await asyncio.gather(*sent)}) == 1
    assert await count(live.service.db, "contacts") == 2


@pytest.mark.parametrize("body", [{}, {"email": "", "phone": " "}, {"email": "bukan alamat"}, {"phone": "12"}])
async def test_address_that_is_none_is_refused(live: Live, body: dict[str, str]) -> None:
    chat = await live.opened("Halo")
    answer = await live.post(chat, "contact", body)
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer)
    assert await count(live.service.db, "contacts") == 1


# -- five presses of "start" ----------------------------------------------------------------------------------------


async def test_start_that_is_pressed_five_times_opens_one_chat(live: Live, other: Live) -> None:
    """C2: each press is a request of its own, with a key of its own."""
    client_id = str(uuid4())
    page = {**await widget_key(live.service.db, PAGE), "Origin": PAGE}

    async def press(number: int) -> Any:
        headers = {**page, "Idempotency-Key": str(uuid4())}
        process = (live, other)[number % 2]
        return await process.http.post("/v1/chats", headers=headers, json={"body": "Halo", "client_id": client_id})

    answers = [*await asyncio.gather(*map(press, range(5))), await press(5)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert (await count(live.service.db, "chats"), await count(live.service.db, "outbox")) == (1, 1)


async def test_client_that_says_something_else_is_told_so(live: Live) -> None:
    client_id = str(uuid4())
    for body, refusal in (("Halo", None), ("Permisi", (422, "idempotency_key_reused"))):
        form = {"body": body, "client_id": client_id}
        answer = await live.http.post("/v1/chats", headers=live.key, json=form)
        if refusal:
            assert (problem_of(answer), fields_of(answer)) == (refusal, ["client_id"])
        else:
            assert answer.status_code == 202
    kept = await rows(live.service.db, "SELECT body FROM intake.contacts")
    assert [row.body for row in kept] == ["Halo"]


async def test_client_of_another_integration_opens_a_chat_of_its_own(live: Live, other: Live) -> None:
    form = {"body": "Halo", "client_id": str(uuid4())}
    answers = [await live.http.post("/v1/chats", headers=key, json=form) for key in (live.key, other.key)]
    assert answers[0].json()["chat_id"] != answers[1].json()["chat_id"]


@pytest.mark.parametrize("client_id", ["1", "a" * 21, "a" * 129, "a" * 21 + "\n", "é" * 22])
async def test_client_id_that_could_be_anothers_is_refused(live: Live, client_id: str) -> None:
    answer = await live.http.post("/v1/chats", headers=live.key, json={"body": "Halo", "client_id": client_id})
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["client_id"])


async def test_line_on_a_holiday_is_told_the_next_opening(common: CommonSettings, clock: FrozenClock) -> None:
    """A Friday, at nine in Jakarta."""
    settings = IntakeSettings.model_validate({"holidays": "2026-03-13, 2026-03-14"})
    service = build(common, settings, clock)
    key = await api_key(service.db, "contacts:write")
    async with serving(service, workers=[service.workers[0]]) as http:
        told = (await http.get("/v1/hours")).json()
        answer = await http.post("/v1/chats", headers=key, json={"body": "Halo"})
    opening = "2026-03-15T01:00:00Z"
    assert (told["open"], told["next_opening"]) == (False, opening)
    assert answer.json()["closed"] == {"next_opening": opening, "wants_address": True}
