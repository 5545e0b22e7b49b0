"""Files that a channel tells only by reference: fetched, tried again, given up, each on its own."""

import asyncio
import hashlib
import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.intake.domain.media import MOST_BYTES, MOST_TRIES
from shared.events import ContactReceived
from tests.services.intake.channels import test_line as line
from tests.services.intake.channels import test_whatsapp as whatsapp
from tests.services.intake.files.conftest import ACCESS, Files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
MEDIUM = "/v25.0/2621233374848975"


def told(files: Files, **changes: Any) -> Response:
    """What WhatsApp says of a file."""
    says = {
        "url": f"{files.other.url}/attachments/?mid=1",
        "mime_type": "image/png",
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "file_size": str(len(PNG)),
        "id": "2621233374848975",
        "messaging_product": "whatsapp",
        **changes,
    }
    return Response(json.dumps(says), media_type="application/json")


async def bring_picture(files: Files, number: int = 1, medium: str = "2621233374848975") -> None:
    part = {"id": medium, "mime_type": "image/jpeg", "caption": "Bukti"}
    await whatsapp.bring(files, whatsapp.body_of(whatsapp.change(whatsapp.other("image", part, number))))


async def bring_video(files: Files, number: int = 1, **message: Any) -> None:
    await line.bring(files, line.event(number, message={"id": str(number), "type": "video", **message}))


def content_of(number: int) -> str:
    return f"/v2/bot/message/{number}/content"


# -- WhatsApp -----------------------------------------------------------------------------------------------------


async def test_file_of_whatsapp_is_fetched_where_it_says_with_our_token(files: Files) -> None:
    files.other.answers = {MEDIUM: [told(files)], "/attachments/": [Response(PNG, media_type="image/png")]}
    await bring_picture(files)
    [kept] = await files.become("kept")
    assert (kept.name, kept.media_type, kept.size, kept.reason) == ("image", "image/png", len(PNG), "")
    assert await files.store.get(kept.id) == PNG
    assert {request.headers["authorization"] for request in files.other.asked} == {f"Bearer {ACCESS}"}
    assert await files.rows("SELECT * FROM media") == []
    [contact] = [event for event in await files.events() if isinstance(event, ContactReceived)]
    [attachment] = contact.data.attachments
    assert (attachment.id, attachment.is_to_come, attachment.size) == (kept.id, True, 0)


async def test_address_of_a_file_that_has_ended_is_asked_for_anew(files: Files) -> None:
    files.other.answers = {MEDIUM: [told(files)], "/attachments/": [Response(status_code=404), Response(PNG)]}
    await bring_picture(files)
    await files.tried("not fetched yet: the address for it has ended")
    await files.time_passes()
    await files.become("kept")
    assert [request.url.path for request in files.other.asked] == [MEDIUM, "/attachments/"] * 2


@pytest.mark.parametrize(
    "address",
    [
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.contoh.example/x",
        "https://contoh.example\\@fbsbx.com/x",
        "https://fbsbx.com:8443/x",
        "https://warga@fbsbx.com/x",
        "http://127.0.0.1:1/x",
        "http://[::1",
        "file:///etc/passwd",
        "",
        None,
    ],
)
async def test_address_that_is_not_of_whatsapp_is_not_asked(files: Files, address: str | None) -> None:
    files.other.answers = {MEDIUM: [told(files, url=address)]}
    await bring_picture(files)
    await files.tried("names no address of its own")
    assert len(files.other.asked) == 1


async def test_redirection_is_not_followed(files: Files) -> None:
    away = Response(status_code=302, headers={"Location": f"{files.other.url}/elsewhere"})
    files.other.answers = {MEDIUM: [told(files)], "/attachments/": [away]}
    await bring_picture(files)
    await files.tried("HTTP 302")
    assert [request.url.path for request in files.other.asked] == [MEDIUM, "/attachments/"]


async def test_file_that_did_not_arrive_whole_is_fetched_again(files: Files) -> None:
    files.other.answers = {MEDIUM: [told(files)], "/attachments/": [Response(PNG[:-1]), Response(PNG)]}
    await bring_picture(files)
    await files.tried("did not arrive whole")
    await files.time_passes()
    [kept] = await files.become("kept")
    assert kept.size == len(PNG)


@pytest.mark.parametrize(
    ("status", "error", "state"),
    [
        (400, {"code": 100, "message": "Unsupported get request."}, "failed"),
        (404, None, "failed"),
        (400, {"code": 190, "message": "Session has expired"}, "waiting"),
        (401, {"code": 190}, "waiting"),
        (429, {"code": 130429}, "waiting"),
        (500, "not a mapping", "waiting"),
        (200, None, "waiting"),
    ],
)
async def test_refusal_of_whatsapp_says_whether_to_try_again(files: Files, status: int, error: Any, state: str) -> None:
    files.other.answers = {MEDIUM: [Response(json.dumps({"error": error} if error else []), status)]}
    await bring_picture(files)
    assert (await files.tried(" ")).state == state


async def test_token_that_is_refused_counts_as_no_try(files: Files) -> None:
    files.other.answers = {MEDIUM: [Response(status_code=401)]}
    await bring_picture(files)
    await files.tried("the access token is refused there")
    assert [row.tries for row in await files.rows("SELECT tries FROM media")] == [0]


# -- LINE ---------------------------------------------------------------------------------------------------------


async def test_file_of_line_is_fetched_when_it_is_prepared(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(status_code=202), Response(PNG, media_type="video/mp4")]}
    await bring_video(files)
    await files.tried("HTTP 202")
    await files.time_passes()
    [kept] = await files.become("kept")
    assert (kept.name, kept.media_type, kept.size) == ("video", "image/png", len(PNG))


async def test_file_of_line_that_is_gone_is_given_up_and_says_so(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(status_code=410)]}
    await bring_video(files)
    [row] = await files.become("failed")
    assert row.reason.startswith("could not be fetched")
    assert await files.rows("SELECT * FROM media") == []


async def test_file_that_lies_outside_line_is_not_asked_for(files: Files) -> None:
    outside = {"type": "external", "originalContentUrl": f"{files.other.url}/secret"}
    await bring_video(files, contentProvider=outside)
    [row] = await files.become("failed")
    assert row.reason == "could not be fetched: it lies outside LINE"
    assert files.other.asked == []


# -- both ---------------------------------------------------------------------------------------------------------


async def test_file_that_is_slow_holds_up_no_other(files: Files) -> None:
    """The first is answered only when the others are kept."""
    others_are_kept = asyncio.Event()

    async def slow(request: Request) -> Response:
        await others_are_kept.wait()
        return Response(PNG)

    files.other.answers = {content_of(n): [slow if n == 1 else Response(PNG)] for n in range(1, 7)}
    for number in range(1, 7):
        await bring_video(files, number)
    try:
        await files.eventually_kept(5)
    finally:
        others_are_kept.set()
    assert len(await files.become("kept")) == 6


async def test_channel_of_which_every_file_is_slow_holds_up_no_other_channel(files: Files) -> None:
    picture_is_kept = asyncio.Event()

    async def slow(request: Request) -> Response:
        await picture_is_kept.wait()
        return Response(PNG)

    files.other.answers = {content_of(n): [slow] for n in range(1, 9)}
    files.other.answers |= {MEDIUM: [told(files)], "/attachments/": [Response(PNG)]}
    for number in range(1, 9):
        await bring_video(files, number)
    await bring_picture(files, 9)
    try:
        await files.eventually_kept(1)
    finally:
        picture_is_kept.set()
    assert len(await files.become("kept")) == 9


async def test_file_that_is_too_large_is_refused_while_it_comes(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(bytes(MOST_BYTES + 1))]}
    await bring_video(files)
    [row] = await files.become("failed")
    assert row.reason == "could not be fetched: it is larger than 20 MB"
    assert files.kept() == 0


async def test_file_is_given_up_after_the_last_try(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(status_code=503)]}
    await bring_video(files)
    await files.tried("HTTP 503")
    await files.do("UPDATE media SET tries = :tries, next_try_at = now()", tries=MOST_TRIES - 1)
    [row] = await files.become("failed")
    assert row.reason == "could not be fetched: it is not handed out there yet (HTTP 503)"


async def test_file_that_ends_whoever_tries_is_given_up(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(status_code=503)]}
    await bring_video(files)
    await files.tried("HTTP 503")
    await files.do("UPDATE media SET tries = :tries, next_try_at = now()", tries=MOST_TRIES)
    assert (await files.become("failed"))[0].reason == "could not be fetched: it ended whoever tried"
    assert len(files.other.asked) == 1


async def test_file_that_cannot_be_kept_here_counts_as_no_try(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(PNG)]}
    files.folder.write_text("not a folder")
    await bring_video(files)
    await files.tried("cannot be kept here just now")
    assert [row.tries for row in await files.rows("SELECT tries FROM media")] == [0]
    files.folder.unlink()
    await files.time_passes()
    await files.become("kept")


async def test_file_of_a_message_that_comes_again_is_fetched_once(files: Files) -> None:
    files.other.answers = {content_of(1): [Response(PNG)]}
    for _ in range(3):
        await bring_video(files)
    assert len(await files.become("kept")) == 1
    assert len(files.other.asked) == 1
