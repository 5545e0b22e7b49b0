"""The web form: one complaint however it is sent, nothing lost of what was written, and a code that can be read."""

import re

import httpx
import pytest
from playwright.async_api import Page

from tests.browser import needs_a_browser
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, rows

WARGA = {"name": "Warga Satu", "email": "warga@surel.example", "phone": "0812-5550-1234"}
FILLED = {"body": "Insentif belum cair.", **WARGA}


async def opened(running: Running, **query: str) -> tuple[str, str]:
    """The page of an empty form, and its key."""
    answer = await running.http.get("/f", params=query)
    assert answer.status_code == 200
    return answer.text, key_in(answer.text)


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


async def send(running: Running, key: str, **changes: str) -> httpx.Response:
    return await running.http.post("/f", data={**FILLED, "key": key, **changes}, follow_redirects=False)


async def test_form_becomes_a_contact_and_leads_to_its_code(running: Running) -> None:
    _, key = await opened(running)
    answer = await send(running, key)
    assert answer.status_code == 303
    [kept] = await rows(running.service.db, "SELECT * FROM contacts")
    assert (kept.channel, kept.body, kept.phone) == ("form", FILLED["body"], "+6281255501234")
    page = await running.http.get(answer.headers["location"])
    assert kept.tracking_code in page.text
    assert "w***@surel.example" in page.text
    assert FILLED["email"] not in page.text


async def test_form_that_is_sent_twice_is_one_complaint_with_one_page(running: Running) -> None:
    _, key = await opened(running)
    first, second = await send(running, key), await send(running, key)
    assert first.headers["location"] == second.headers["location"]
    assert await count(running.service.db, "contacts") == 1


async def test_form_that_was_sent_before_with_other_words_is_asked_about_and_keeps_them(running: Running) -> None:
    _, key = await opened(running)
    await send(running, key)
    answer = await send(running, key, body="Sertifikat saya salah.")
    assert answer.status_code == 422
    assert "Sertifikat saya salah." in answer.text
    assert key_in(answer.text) != key
    assert (await send(running, key_in(answer.text), body="Sertifikat saya salah.")).status_code == 303
    assert await count(running.service.db, "contacts") == 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"body": "  "}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"email": "warga"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"programme_number": "12/34"}, "programme_number"),
        ({"name": "x" * 201}, "name"),
        ({"subject": "x" * 301}, "subject"),
    ],
)
async def test_form_with_a_fault_comes_back_with_all_that_was_written(
    running: Running, changes: dict[str, str], fault: str
) -> None:
    _, key = await opened(running)
    answer = await send(running, key, **{"subject": "Upah", **changes})
    assert (answer.status_code, key_in(answer.text)) == (422, key)
    assert re.findall(r'id="fault-(\w+)"', answer.text) == [fault]
    assert 'value="Warga Satu"' in answer.text or fault == "name"
    assert await count(running.service.db, "contacts") == 0


async def test_form_without_an_address_says_that_the_code_must_be_kept(running: Running) -> None:
    _, key = await opened(running)
    answer = await send(running, key, email="", phone="", name="")
    assert "simpanlah kode ini" in (await running.http.get(answer.headers["location"])).text


async def test_form_speaks_the_language_that_was_asked_for(running: Running) -> None:
    assert '<html lang="id">' in (await opened(running))[0]
    assert '<html lang="en">' in (await opened(running, lang="en"))[0]
    answer = await running.http.get("/f", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in answer.text


async def test_form_is_small_loads_nothing_and_runs_nothing(running: Running) -> None:
    answer = await running.http.get("/f", params={"fbclid": "x", "utm_source": "y"})
    assert len(answer.content) < 30_000
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/f/not-a-link", "/f/a/b", "/F/"])
async def test_address_that_is_not_known_is_a_page(running: Running, path: str) -> None:
    answer = await running.http.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.status_code in (200, 404)


async def test_form_that_is_too_large_is_refused_on_a_page(running: Running) -> None:
    answer = await running.http.post("/f", data={"key": "k" * 22, "body": "x" * 2_000_000})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (413, "text/html")
    assert "terlalu besar" in answer.text


async def test_words_of_the_form_are_written_as_text(running: Running) -> None:
    _, key = await opened(running)
    answer = await send(running, key, body="<script>alert(1)</script>", email='"><b>')
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@needs_a_browser
async def test_form_is_filled_in_by_keyboard_without_javascript(running: Running, page: Page) -> None:
    base = str(running.http.base_url).rstrip("/")
    await page.goto(f"{base}/f")
    await page.get_by_label("Apa yang terjadi?").fill("Upah saya dipotong.")
    await page.get_by_label("Nomor telepon").fill("123")
    await page.keyboard.press("Enter")
    await page.get_by_text("Nomor ini tidak dapat dihubungi").wait_for()
    await page.get_by_label("Nomor telepon").fill("0812 5550 1234")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="sudah kami terima").wait_for()
    code = await page.locator(".code").inner_text()
    await page.reload()
    assert await page.locator(".code").inner_text() == code
    await page.go_back()
    await page.get_by_role("button", name="Kirim pengaduan").click()
    await page.get_by_role("heading", name="sudah kami terima").wait_for()
    assert [row.tracking_code for row in await rows(running.service.db, "SELECT tracking_code FROM contacts")] == [code]
