"""The form as a citizen meets it: a real browser, as narrow as a cheap telephone, with and without JavaScript."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser import chromium, needs_a_browser
from tests.services.survey_index.conftest import SLUGS, Running, answers_by_code

pytestmark = [needs_a_browser, pytest.mark.filterwarnings("default")]
NARROW = {"width": 320, "height": 568}


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
async def page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=NARROW, java_script_enabled=request.param, locale="id-ID")  # type: ignore[arg-type]
    yield await context.new_page()
    await context.close()


async def open_form(page: Page, running: Running, http: httpx.AsyncClient) -> str:
    """The address of a new citizen's form, which is open now."""
    address = f"{str(http.base_url).rstrip('/')}/s/{await running.token()}"
    await page.goto(address)
    return address


async def test_form_is_filled_in_by_touch_and_thanked_for(
    running: Running, http: httpx.AsyncClient, page: Page
) -> None:
    address = await open_form(page, running, http)
    for slug in SLUGS:
        await page.locator(f'input[name="{slug}"][value="4"]').check()
    await page.get_by_label("9", exact=True).check()
    await page.get_by_label("Usia (tahun)").fill("34")
    await page.get_by_label("Pendidikan").select_option("sma")
    await page.get_by_label("Tentang", exact=True).select_option("waktu")
    await page.get_by_label("Saran Anda").fill("Tambah loket, ya.")
    await page.get_by_role("button", name="Kirim jawaban").click()
    await page.get_by_role("heading", name="Terima kasih").wait_for()
    (row,) = await running.rows("SELECT * FROM responses")
    assert answers_by_code(row.answers) == {**dict.fromkeys(SLUGS, 4), "nps": 9}
    assert (row.age, row.education, row.comment, row.comment_about) == (34, "sma", "Tambah loket, ya.", "waktu")
    await page.goto(address)
    await page.get_by_role("heading", name="Jawaban Anda sudah kami terima").wait_for()


async def test_form_can_be_filled_in_by_keyboard_alone(running: Running, http: httpx.AsyncClient, page: Page) -> None:
    await open_form(page, running, http)
    for _ in range(3):  # each Tab goes to the next question, a space chooses
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.locator("button:focus").count():
            break
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Terima kasih").wait_for()
    (row,) = await running.rows("SELECT answers FROM responses")
    assert answers_by_code(row.answers) == dict.fromkeys(SLUGS[:3], 1)


async def test_screen_reader_is_told_what_each_choice_belongs_to(
    running: Running, http: httpx.AsyncClient, page: Page
) -> None:
    await open_form(page, running, http)
    spoken = await page.locator("main").aria_snapshot()
    for words in (
        'heading "Bagaimana layanan kami?" [level=1]',
        'group "3. Waktu penyelesaian"',
        'radio "Sangat cepat"',
        'textbox "Usia (tahun)"',
        'combobox "Jenis kelamin"',
        'textbox "Saran Anda"',
        'button "Kirim jawaban"',
    ):
        assert words in spoken, words


async def test_nothing_is_wider_than_the_screen_and_every_choice_is_large_enough_for_a_thumb(
    running: Running, http: httpx.AsyncClient, page: Page
) -> None:
    await open_form(page, running, http)
    for element in await page.locator("fieldset, label, select, textarea, button").all():
        box = await element.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
    for choice in await page.locator("label:has(input[type=radio]), select, button").all():
        box = await choice.bounding_box()
        assert box is not None
        assert box["height"] >= 44


async def test_form_that_cannot_be_counted_comes_back_with_what_was_filled_in(
    running: Running, http: httpx.AsyncClient, page: Page
) -> None:
    await open_form(page, running, http)
    await page.get_by_label("Saran Anda").fill("Hanya saran.")
    await page.get_by_role("button", name="Kirim jawaban").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("Saran Anda").input_value() == "Hanya saran."
    await page.get_by_label("Sangat cepat").check()
    await page.get_by_role("button", name="Kirim jawaban").click()
    await page.get_by_role("heading", name="Terima kasih").wait_for()
