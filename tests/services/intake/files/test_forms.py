"""The web form with files: kept with the complaint, once, or the form comes back with all that was typed."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import FilePayload, Page

from services.intake.main import build
from services.intake.service.forms import Forms
from services.intake.settings import IntakeSettings
from shared.events import ContactReceived
from shared.settings import CommonSettings
from shared.wiring import wiring_in
from tests.browser import needs_a_browser
from tests.conftest import FrozenClock
from tests.services.intake.files.conftest import Files
from tests.services.intake.files.test_media import PNG
from tests.services.intake.given import count, events_in_outbox, rows
from tests.services.intake.test_forms import FILLED, key_in
from tests.serving import serving

Chosen = Sequence[tuple[str, bytes, str]]
PICTURE = ("../foto bukti.jpg", PNG, "image/jpeg")
PDF = ("slip.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 40, "application/pdf")


async def key_of(http: httpx.AsyncClient) -> str:
    return key_in((await http.get("/f")).text)


async def send(
    http: httpx.AsyncClient, key: str, *chosen: tuple[str, bytes, str], lang: str = "id", **changes: str
) -> httpx.Response:
    return await http.post(
        "/f",
        params={"lang": lang},
        data={**FILLED, "key": key, **changes},
        files=[("files", one) for one in chosen],
        follow_redirects=False,
    )


async def test_files_of_a_form_are_kept_with_its_complaint(files: Files) -> None:
    answer = await send(files.http, await key_of(files.http), PICTURE, PDF)
    assert answer.status_code == 303
    [contact] = await events_in_outbox(files.service.db)
    assert isinstance(contact, ContactReceived)
    told = [(one.name, one.media_type, one.size, one.is_to_come) for one in contact.data.attachments]
    assert told == [
        ("foto bukti.jpg", "image/png", len(PNG), False),
        ("slip.pdf", "application/pdf", len(PDF[1]), False),
    ]
    assert [one["id"] for one in await files.listed(contact.data.contact_id)] == [
        str(one.id) for one in contact.data.attachments
    ]
    assert (await files.content(contact.data.attachments[1].id)).content == PDF[1]
    assert await count(files.service.db, "loose_files") == 0
    [kept] = await files.rows("SELECT tracking_code FROM contacts")
    assert kept.tracking_code in (await files.http.get(answer.headers["location"])).text


async def test_form_without_a_chosen_file_has_none(files: Files) -> None:
    answer = await send(files.http, await key_of(files.http), ("", b"", "application/octet-stream"))
    assert answer.status_code == 303
    assert await files.attachments() == []


async def test_double_click_makes_one_complaint_with_its_files_once(files: Files) -> None:
    key = await key_of(files.http)
    answers = await asyncio.gather(*(send(files.http, key, PICTURE, PDF) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await count(files.service.db, "contacts") == 1
    assert len(await files.attachments()) == 2
    await files.time_passes()
    assert files.kept() == 2
    assert len(await events_in_outbox(files.service.db)) == 1


@pytest.mark.parametrize("chosen", [[PDF], [], [PICTURE, PDF]])
async def test_form_that_was_sent_before_with_other_files_is_asked_about(files: Files, chosen: Chosen) -> None:
    key = await key_of(files.http)
    await send(files.http, key, PICTURE)
    answer = await send(files.http, key, *chosen)
    assert (answer.status_code, key_in(answer.text) != key) == (422, True)
    assert ("Pilih lagi berkasnya" in answer.text) is bool(chosen)
    assert await count(files.service.db, "attachments") == 1


@pytest.mark.parametrize(
    ("chosen", "status", "fault"),
    [
        ([(f"{n}.txt", b"x", "text/plain") for n in range(6)], 422, "too_many"),
        ([("besar.mp4", bytes(6_000_001), "video/mp4")], 413, "too_large"),
        ([(f"{n}.mp4", bytes(5_500_000), "video/mp4") for n in range(2)], 413, "too_large"),
        ([("besar.mp4", bytes(12_000_000), "video/mp4"), PDF], 413, "too_large"),
    ],
    ids=["many", "one too large", "too large together", "longer than is read"],
)
@pytest.mark.parametrize(("lang", "says"), [("id", "Pilih lagi berkasnya"), ("en", "Choose them again")])
async def test_files_that_are_too_many_or_too_large_bring_the_form_back_with_what_was_typed(
    files: Files, chosen: Chosen, status: int, fault: str, lang: str, says: str
) -> None:
    key = await key_of(files.http)
    answer = await send(files.http, key, *chosen, lang=lang, subject="Upah", body="Upah saya\r\ndipotong.")
    assert (answer.status_code, key_in(answer.text)) == (status, key)
    assert f'<html lang="{lang}">' in answer.text
    for typed in ("Upah saya\ndipotong.", 'value="Upah"', 'value="Warga Satu"', 'value="warga@surel.example"', says):
        assert typed in answer.text
    assert f'id="fault-{fault}"' in answer.text
    assert f'aria-describedby="files-hint fault-{fault} choose-again" aria-invalid="true"' in answer.text
    assert len(answer.content) < 30_000
    assert (await files.attachments(), files.kept()) == ([], 0)
    assert (await send(files.http, key, PICTURE)).status_code == 303


async def test_form_that_is_far_too_large_is_not_read_to_its_end(files: Files) -> None:
    """More than a connection throws away: the reader gets the form all the same."""
    key = await key_of(files.http)
    answer = await send(files.http, key, ("besar.mp4", bytes(40_000_000), "video/mp4"))
    assert answer.status_code == 413
    assert 'value="Warga Satu"' in answer.text


async def test_form_with_a_fault_says_that_files_are_to_be_chosen_again(files: Files) -> None:
    answer = await send(files.http, await key_of(files.http), PICTURE, phone="12")
    assert answer.status_code == 422
    assert "Pilih lagi berkasnya" in answer.text
    assert "Pilih lagi berkasnya" not in (await files.http.get("/f")).text


async def test_form_comes_back_while_its_files_cannot_be_kept(files: Files) -> None:
    key = await key_of(files.http)
    files.folder.write_text("not a folder")
    answer = await send(files.http, key, PICTURE)
    assert (answer.status_code, key_in(answer.text)) == (503, key)
    assert 'value="Warga Satu"' in answer.text
    assert await count(files.service.db, "contacts") == 0
    files.folder.unlink()
    assert (await send(files.http, key, PICTURE)).status_code == 303


async def test_form_with_files_waits_for_its_turn_and_holds_up_none_without(files: Files) -> None:
    forms = wiring_in(files.service.app).part(Forms)
    keys = [await key_of(files.http) for _ in range(2)]
    async with AsyncExitStack() as turns:
        for _ in range(4):
            await turns.enter_async_context(forms.turn(1))
        waiting = asyncio.create_task(send(files.http, keys[0], PICTURE))
        assert (await send(files.http, keys[1])).status_code == 303
        assert (await count(files.service.db, "contacts"), waiting.done()) == (1, False)
    assert (await waiting).status_code == 303


async def test_forms_with_files_that_come_at_once_are_all_taken(files: Files) -> None:
    keys = [await key_of(files.http) for _ in range(12)]
    answers = await asyncio.gather(*(send(files.http, key, PICTURE, PDF) for key in keys))
    assert {answer.status_code for answer in answers} == {303}
    assert (await count(files.service.db, "contacts"), len(await files.attachments()), files.kept()) == (12, 24, 24)


async def test_field_that_is_too_long_to_be_read_is_refused_on_a_page(files: Files) -> None:
    answer = await send(files.http, await key_of(files.http), PICTURE, body="x" * 300_000)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (413, "text/html")


async def test_form_of_who_comes_too_often_keeps_what_was_typed_before_its_files(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    few = common.model_copy(update={"public_requests_per_minute": 1})
    service = build(few, IntakeSettings(attachments_dir=tmp_path), clock)
    async with serving(service) as http:
        key = await key_of(http)
        answer = await send(http, key, ("besar.mp4", bytes(1_000_000), "video/mp4"))
    assert (answer.status_code, key_in(answer.text)) == (429, key)
    assert 'value="Warga Satu"' in answer.text
    assert "Pilih lagi berkasnya" in answer.text


# -- in a browser -------------------------------------------------------------------------------------------------


@needs_a_browser
async def test_form_takes_files_without_javascript_and_gives_back_what_was_typed(files: Files, page: Page) -> None:
    base = str(files.http.base_url).rstrip("/")
    await page.goto(f"{base}/f")
    await page.get_by_label("Apa yang terjadi?").fill("Upah saya dipotong.")
    chosen = page.get_by_label("Foto atau berkas")
    await chosen.set_input_files(FilePayload(name="besar.mp4", mimeType="video/mp4", buffer=bytes(20_000_000)))
    await page.get_by_role("button", name="Kirim pengaduan").click()
    await page.get_by_text("Berkasnya terlalu besar").wait_for()
    assert await page.get_by_label("Apa yang terjadi?").input_value() == "Upah saya dipotong."
    await chosen.set_input_files(FilePayload(name="bukti.png", mimeType="image/png", buffer=PNG))
    await page.get_by_role("button", name="Kirim pengaduan").click()
    await page.get_by_role("heading", name="sudah kami terima").wait_for()
    [kept] = await rows(files.service.db, "SELECT name, media_type, size FROM attachments")
    assert (kept.name, kept.media_type, kept.size) == ("bukti.png", "image/png", len(PNG))
