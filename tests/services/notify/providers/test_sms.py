"""SMS over real HTTP, in the words of the gateway: taken, refused, not now, not handed over, or nobody knows."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from services.local.engines import free_port
from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.models import Notice
from services.notify.providers.sms import SmsProvider
from services.sandbox import Store, app_of
from tests.services.notify.given import hand, settings, sms, stranger
from tests.serving import serving


async def send(http: httpx.AsyncClient, *notices: Notice, **changes: Any) -> list[Outcome]:
    """What becomes of `notices` at the gateway that `http` speaks to."""
    provider = SmsProvider(settings(sms_url=str(http.base_url), **changes))
    try:
        return await hand(provider, *notices)
    finally:
        await provider.close()


def gateway(*answers: tuple[int, object]) -> FastAPI:
    """A gateway that gives these answers, one after the other."""
    app, left = FastAPI(), list(answers)

    @app.post("/sms/3/messages")
    async def answer() -> Response:
        status, body = left.pop(0)
        return Response(json.dumps(body), status, media_type="application/json")

    return app


def mentioning(one: Notice, **status: Any) -> dict[str, Any]:
    return {"messages": [{"messageId": str(one.id), "status": status}]}


async def test_each_message_keeps_its_name(tmp_path: Path) -> None:
    notices = [sms(address=f"+62812345678{i:02}", body=f"Pesan {i} – selesai") for i in range(20)]
    async with serving(stranger(app_of(Store(tmp_path)))) as sandbox:
        assert await send(sandbox, *notices) == [Acceptance(str(one.id)) for one in notices]
        caught = (await sandbox.get("/messages")).json()["items"]
    assert [(m["to"], m["body"]) for m in caught] == [(one.address, one.body) for one in notices]
    assert [m["headers"]["messageId"] for m in caught] == [str(one.id) for one in notices]
    assert {m["headers"]["sender"] for m in caught} == {"SatuAtap"}


async def test_key_that_cannot_be_written_into_a_header_hands_nothing_over(tmp_path: Path) -> None:
    """A key read from a file with its line end: nothing leaves this machine."""
    async with serving(stranger(app_of(Store(tmp_path)))) as sandbox:
        outcomes = await send(sandbox, sms(), sms(), sms_api_key=SecretStr("invented\n"))
        assert (await sandbox.get("/messages/count")).json() == {"count": 0}
    assert {type(outcome) for outcome in outcomes} == {NoHandover}


async def test_each_status_has_its_outcome() -> None:
    """Our credential or our address is no verdict on a notice; what broke inside the gateway may have been taken."""
    meanings: dict[int, Outcome] = {
        **{status: NoHandover(f"HTTP {status}", ProviderTrouble.REFUSES_US) for status in (302, 401, 403, 404, 405)},
        **{status: Deferral(f"HTTP {status}") for status in (429, 503)},
        **{status: Rejection(f"HTTP {status}") for status in (400, 413, 422)},
        **{status: Doubt(f"HTTP {status}") for status in (500, 502)},
    }
    async with serving(stranger(gateway(*((status, None) for status in meanings)))) as http:
        assert [await send(http, sms()) for _ in meanings] == [[outcome] for outcome in meanings.values()]


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_message_that_the_gateway_cannot_take_fails_alone(status: int) -> None:
    good, bad, other = sms(), sms(body="tidak bisa"), sms()
    app = FastAPI()

    @app.post("/sms/3/messages")
    async def answer(request: Request) -> Response:
        messages = (await request.json())["messages"]
        if any(message["content"]["text"] == bad.body for message in messages):
            return Response("{}", status)
        names = [message["destinations"][0]["messageId"] for message in messages]
        taken = [{"messageId": name, "status": {"groupName": "PENDING"}} for name in names]
        return Response(json.dumps({"messages": taken}), media_type="application/json")

    async with serving(stranger(app)) as http:
        outcomes = await send(http, good, bad, other)
    assert outcomes == [Acceptance(str(good.id)), Rejection(f"HTTP {status}"), Acceptance(str(other.id))]


async def test_gateway_that_puts_off_one_after_another_is_left_alone() -> None:
    async with serving(stranger(gateway(*[(503, None)] * 4))) as http:
        outcomes = await send(http, *(sms() for _ in range(5)))
    assert [type(outcome) for outcome in outcomes] == [Deferral, Deferral, Deferral, NoHandover, Deferral]


async def test_notice_whose_claim_has_ended_is_not_handed_over(tmp_path: Path) -> None:
    async with serving(stranger(app_of(Store(tmp_path)))) as sandbox:
        provider = SmsProvider(settings(sms_url=str(sandbox.base_url)))
        assert isinstance(await provider.send(sms(), until=0), NoHandover)
        assert (await sandbox.get("/messages/count")).json() == {"count": 0}
        await provider.close()


@pytest.mark.parametrize("group", ["REJECTED", "UNDELIVERABLE", "EXPIRED"])
async def test_status_of_a_message_that_was_not_taken_is_a_refusal(group: str) -> None:
    one = sms()
    async with serving(stranger(gateway((200, mentioning(one, groupName=group, name=f"{group}_X"))))) as http:
        assert await send(http, one) == [Rejection(f"{group}_X")]


async def test_when_nobody_listens_nothing_was_handed_over() -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}") as nobody:
        assert {type(outcome) for outcome in await send(nobody, sms(), sms())} == {NoHandover}


async def test_what_the_gateway_does_not_mention_is_uncertain() -> None:
    async with serving(stranger(gateway((200, mentioning(sms(), groupName="PENDING"))))) as http:
        assert [type(outcome) for outcome in await send(http, sms())] == [Doubt]


async def test_answer_that_cannot_be_read_is_uncertain() -> None:
    unreadable: tuple[object, ...] = (None, [], "ok", {}, {"messages": None}, {"messages": ["x"]}, {"messages": [{}]})
    async with serving(stranger(gateway(*((200, body) for body in unreadable)))) as http:
        outcomes = [outcome for _ in unreadable for outcome in await send(http, sms())]
    assert {type(outcome) for outcome in outcomes} == {Doubt}


async def test_status_that_cannot_be_read_is_uncertain() -> None:
    one = sms()
    body = {"messages": [{"messageId": str(one.id), "status": "PENDING"}]}
    async with serving(stranger(gateway((200, body)))) as http:
        assert {type(outcome) for outcome in await send(http, one)} == {Doubt}


async def test_gateway_that_breaks_off_leaves_us_uncertain() -> None:
    app = FastAPI()

    @app.post("/sms/3/messages")
    async def breaks() -> None:
        raise ConnectionError

    async with serving(stranger(app)) as http:
        assert {type(outcome) for outcome in await send(http, sms())} == {Doubt}
