"""The page of a case as its citizen meets it: a real browser, as narrow as a cheap telephone and without JavaScript,
that sends an answer from tickets' address to intake's.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio
from playwright.async_api import Page
from pydantic import HttpUrl

from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.tickets.consumers import contact_handlers
from services.tickets.main import build as build_tickets
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.settings import TicketsSettings
from shared.case_links import CaseLinks
from shared.events import ContactReceived
from shared.runner import Service
from shared.seal import Seal
from shared.secret import Secrets
from shared.settings import CommonSettings
from tests.browser import chromium, needs_a_browser
from tests.conftest import SECRET, SECRETS, FrozenClock, staff_header
from tests.factories import contact
from tests.services.intake.files.test_media import PNG
from tests.services.intake.given import events_in_outbox
from tests.serving import serving

pytestmark = needs_a_browser
NARROW: Any = {"width": 360, "height": 640}
SAID = f"Insentif gelombang 5 saya belum cair.\n\nPadahal sudah memberi rating: https://contoh.example/{'a' * 120}"
ANSWERED = "Terima kasih. Mohon kirim foto buku rekening Anda, supaya kami dapat memeriksanya di bank."


@dataclass
class Both:
    """tickets and intake, each at an address of its own, and a case that was answered."""

    intake: Service
    tickets: Service
    address: str
    code: str
    clock: FrozenClock

    async def receive(self, *contacts: ContactReceived) -> None:
        rulebook = Rulebook(policy="ptsa", default_unit="contact centre")
        handlers = contact_handlers(Arrivals(rulebook=rulebook, seal=Seal(SECRETS)))
        async with self.tickets.db.transaction() as session:
            await handlers[ContactReceived](session, contacts, self.clock())


@pytest_asyncio.fixture
async def both(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        intake = build_intake(common, IntakeSettings(attachments_dir=tmp_path), clock)
        at_intake = await stack.enter_async_context(serving(intake, workers=[intake.workers[0]]))
        tickets = build_tickets(common, TicketsSettings(intake_url=HttpUrl(str(at_intake.base_url))), clock)
        http = await stack.enter_async_context(serving(tickets))
        both, opening = Both(intake, tickets, "", "", clock), contact(body=SAID)
        await both.receive(opening)
        found = await http.get("/v1/tickets", headers=staff_header("agent"))
        [ticket] = found.json()["items"]
        await http.post(f"/v1/tickets/{ticket['id']}/reply", headers=staff_header("agent"), json={"body": ANSWERED})
        links = CaseLinks(Secrets.read(SECRET), str(http.base_url))
        both.address, both.code = links.link(UUID(ticket["id"])), ticket["tracking_code"]
        yield both


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        context = await browser.new_context(viewport=NARROW, java_script_enabled=False, locale="id-ID")
        yield await context.new_page()
        await context.close()


async def test_citizen_reads_his_case_and_answers_by_keyboard_with_a_file(both: Both, page: Page) -> None:
    await page.goto(both.address)
    await page.get_by_text(ANSWERED).wait_for()
    await page.get_by_role("link", name="Balas").press("Enter")
    await page.get_by_label("Tulisan Anda").fill("Ini fotonya.")
    await page.get_by_label("Foto atau berkas").set_input_files(
        {"name": "buku.png", "mimeType": "image/png", "buffer": PNG}
    )
    await page.get_by_role("button", name="Kirim").press("Enter")
    await page.get_by_role("heading", name="sudah kami terima").wait_for()
    await page.reload()
    [answer] = [event for event in await events_in_outbox(both.intake.db) if isinstance(event, ContactReceived)]
    assert [one.name for one in answer.data.attachments] == ["buku.png"]
    await both.receive(answer)
    await page.goto(both.address)
    said = page.locator(".said li")
    assert await said.count() == 3
    assert "Ini fotonya." in await said.last.inner_text()
    assert await page.get_by_role("status").inner_text() == "Sedang ditangani"


async def test_screen_reader_is_told_what_the_page_is_made_of(both: Both, page: Page) -> None:
    await page.goto(both.address)
    spoken = await page.locator("main").aria_snapshot()
    for words in (
        f'heading "Pengaduan {both.code}" [level=1]',
        "status: Sudah dijawab",
        'heading "Yang sudah terjadi" [level=2]',
        'heading "Percakapan" [level=2]',
        'textbox "Tulisan Anda"',
        'button "Foto atau berkas (boleh kosong)"',
        'button "Kirim"',
    ):
        assert words in spoken, spoken


async def test_nothing_is_wider_than_the_screen_and_all_is_large_enough_for_a_thumb(both: Both, page: Page) -> None:
    for address in (f"{both.address.partition('/t/')[0]}/t/{both.code}", both.address):
        await page.goto(address)
        for element in await page.locator("main *").all():
            box = await element.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"])
    for pressed in await page.locator("button, textarea, input[type=file]").all():
        box = await pressed.bounding_box()
        assert box is not None
        assert box["height"] >= 44
