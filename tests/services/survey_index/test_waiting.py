"""A citizen whose network sends too much is asked to wait in a page, and loses nothing of what he filled in."""

import re

import httpx
import pytest
from playwright.async_api import Route

from shared.settings import CommonSettings
from tests.browser import chromium, needs_a_browser
from tests.services.survey_index.conftest import SLUGS, Running, answers_by_code
from tests.services.survey_index.test_form import Page

FEW = 2
FILLED_IN = {**dict.fromkeys(SLUGS, "4"), "nps": "9", "age": "34", "comment": 'Tambah "loket" & <kursi>,\nya.'}


@pytest.fixture
def common(common: CommonSettings) -> CommonSettings:
    return common.model_copy(update={"public_requests_per_minute": FEW, "trusted_proxies": ("127.0.0.1",)})


async def used_up(http: httpx.AsyncClient, path: str) -> None:
    assert [(await http.get(path)).status_code for _ in range(FEW)] == [200] * FEW


async def test_form_that_comes_too_soon_is_kept_in_a_page_that_says_when_to_press_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    path = f"/s/{await running.token()}"
    await used_up(http, path)
    answer = await http.post(path, data={**FILLED_IN, "elsewhere": "x\0y"})
    seconds = answer.headers["retry-after"]
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert 1 <= int(seconds) <= 61
    assert f"Tunggu {seconds} detik, lalu tekan tombol ini." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = Page(answer.text)
    assert page.choices == {
        **{name: [said] for name, said in FILLED_IN.items() if name != "comment"},
        "elsewhere": ["xy"],
    }
    assert page.texts == ["comment"]
    assert "<kursi>" not in answer.text
    assert await running.rows("SELECT 1 FROM responses") == []


@pytest.mark.parametrize("path", ["/s", "/p", "/S", "/s/"])
async def test_link_that_was_cut_off_is_counted_as_any_other(
    running: Running, http: httpx.AsyncClient, path: str
) -> None:
    assert (await http.get(path)).status_code == 404  # which costs what ten requests do
    assert (await http.get(path)).status_code == 429


async def test_page_that_is_asked_for_too_often_says_when_to_come_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    path = f"/s/{await running.token()}"
    await used_up(http, path)
    for asked in (path, "/p/layanan"):
        answer = await http.get(asked)
        assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert f"Tunggu {answer.headers['retry-after']} detik, lalu muat ulang halaman ini." in answer.text
        assert "<form" not in answer.text


async def test_form_that_is_no_form_is_refused_while_waiting_too(running: Running, http: httpx.AsyncClient) -> None:
    path = f"/s/{await running.token()}"
    await used_up(http, path)
    body = b'--x\r\nContent-Disposition: form-data; name="waktu"\r\n\r\n4\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=undefined"}
    answer = await http.post(path, headers=headers, content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "Isian tidak dapat dibaca" in answer.text


async def test_app_that_asks_too_often_is_told_in_its_own_words(running: Running, http: httpx.AsyncClient) -> None:
    path = f"/v1/invitations/{await running.token()}"
    await used_up(http, path)
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
    assert re.search(rf"\b{answer.headers['retry-after']} s\b", answer.json()["detail"])


@needs_a_browser
@pytest.mark.filterwarnings("default")
async def test_form_that_came_too_soon_is_sent_by_pressing_again_when_it_was_said(
    running: Running, http: httpx.AsyncClient
) -> None:
    """The citizen has gone from one network to another meanwhile, so the test need not wait for the minute to end."""
    path = f"/s/{await running.token()}"
    networks = iter(["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"])

    async def from_a_network(route: Route) -> None:
        await route.continue_(headers={**route.request.headers, "X-Forwarded-For": next(networks)})

    async with chromium() as browser:
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.route("**/s/*", from_a_network)
        await page.goto(f"{http.base_url}{path}")
        await page.goto(f"{http.base_url}{path}")
        for slug in SLUGS:
            await page.locator(f'input[name="{slug}"][value="4"]').check()
        await page.get_by_label("Saran Anda").fill(FILLED_IN["comment"])
        await page.get_by_role("button", name="Kirim jawaban").click()
        await page.get_by_role("alert").wait_for()
        assert "Isian Anda masih ada di halaman ini" in await page.get_by_role("alert").inner_text()
        assert await page.get_by_label("Saran Anda").input_value() == FILLED_IN["comment"]
        await page.get_by_role("button", name="Kirim jawaban").click()
        await page.get_by_role("heading", name="Terima kasih").wait_for()
    (row,) = await running.rows("SELECT answers, comment FROM responses")
    assert answers_by_code(row.answers) == dict.fromkeys(SLUGS, 4)
    assert row.comment.splitlines() == FILLED_IN["comment"].splitlines()
