"""A widget that follows its chat: a script in a page of another origin, in a real browser, whose line is cut."""

from string import Template
from typing import Any

import pytest
from playwright.async_api import expect

from services.intake.consumers import ticket_handlers
from services.intake.main import build
from services.intake.service.streams import Streams
from services.intake.service.wakes import Wakes
from services.intake.settings import IntakeSettings
from shared.events import TicketReplied
from shared.runner import Service
from shared.settings import CommonSettings
from shared.wiring import wiring_in
from tests.browser import chromium, needs_a_browser
from tests.conftest import FrozenClock, eventually
from tests.services.intake.chats.conftest import WORKERS
from tests.services.intake.given import NOW, count, rows, ticket_replied
from tests.services.intake.test_widget import widget_key
from tests.services.intake.test_widget_in_a_browser import Site, site
from tests.serving import serving

__all__ = ["site"]
pytestmark = [needs_a_browser, pytest.mark.filterwarnings("default")]

WIDGET = Template("""<!doctype html><meta charset="utf-8"><title>Widget</title>
<form><label>Pesan <input name="body"></label> <button>Kirim</button></form><ol></ol><p role="status"></p>
<script>
const api = "$api", key = "$key", client_id = crypto.randomUUID(), form = document.querySelector("form");
const status = document.querySelector("[role=status]");
let chat = null, last = 0, opened = 0;

async function post(path, credential, body) {
  const headers = {
    "Authorization": "Bearer " + credential, "Content-Type": "application/json",
    "Idempotency-Key": crypto.randomUUID(),
  };
  const answer = await fetch(api + path, {method: "POST", headers, body: JSON.stringify(body ?? {})});
  if (!answer.ok) throw new Error(answer.status);
  return answer.status === 204 ? null : answer.json();
}

async function follow() {
  const path = `/v1/chats/$${chat.chat_id}/events`;
  const {ticket} = await post(path + ":ticket", chat.chat_token);
  const source = new EventSource(`$${api}$${path}?ticket=$${ticket}&after=$${last}`);
  source.onopen = () => { status.textContent = `Terhubung $${++opened}`; };
  source.onmessage = event => {
    const line = JSON.parse(event.data), item = document.createElement("li");
    last = line.id;
    item.textContent = `$${line.author}: $${line.body}`;
    document.querySelector("ol").append(item);
  };
  source.onerror = () => {  // a ticket opens once: come again with another one, from the last line
    source.close();
    setTimeout(() => follow().catch(source.onerror), 50);
  };
}

form.onsubmit = async event => {
  event.preventDefault();
  const body = form.body.value;
  if (chat) return void await post(`/v1/chats/$${chat.chat_id}/messages`, chat.chat_token, {body});
  const presses = Array.from({length: 5}, () => post("/v1/chats", key, {body, client_id}));
  [chat] = await Promise.all(presses);
  await follow();
};
</script>""")


async def answer(service: Service, chat_id: Any, *bodies: str) -> None:
    """Agents answer, as it comes from tickets."""
    handle = ticket_handlers(wiring_in(service.app).part(Wakes).follow)[TicketReplied]
    async with service.db.transaction() as session:
        await handle(session, [ticket_replied(chat_id, body) for body in bodies], NOW)


async def test_widget_whose_line_is_cut_comes_back_without_loss_and_without_a_double(
    site: Site, common: CommonSettings, clock: FrozenClock
) -> None:
    settings = common.model_copy(update={"allowed_origins": (site.origin,)})
    service = build(settings, IntakeSettings(), clock)
    workers = [worker for worker in service.workers if worker.name in WORKERS]
    streams = wiring_in(service.app).part(Streams)
    async with serving(service, workers=workers) as http, chromium() as browser:
        key = (await widget_key(service.db, site.origin))["Authorization"].removeprefix("Bearer ")
        site.page = WIDGET.substitute(api=str(http.base_url).rstrip("/"), key=key)
        page = await browser.new_page()
        await page.goto(site.origin)
        lines, status = page.get_by_role("listitem"), page.get_by_role("status")

        await page.get_by_label("Pesan").fill("Halo")
        await page.get_by_role("button", name="Kirim").click()
        await expect(lines).to_have_text(["citizen: Halo"])
        assert await count(service.db, "chats") == 1, "five presses are one chat"
        (chat,) = await rows(service.db, "SELECT id FROM intake.chats")
        await answer(service, chat.id, "Sedang kami periksa.")
        said = ["citizen: Halo", "agent: Sedang kami periksa."]
        await expect(lines).to_have_text(said)

        for cut in range(1, 4):
            await expect(status).to_have_text(f"Terhubung {cut}")
            for stream in streams._by_chat[chat.id]:
                stream.end("restart")
            await answer(service, chat.id, f"jawaban {cut}", f"lagi {cut}")
            said += [f"agent: jawaban {cut}", f"agent: lagi {cut}"]
            await expect(lines).to_have_text(said)
        await page.get_by_label("Pesan").fill("Terima kasih")
        await page.get_by_role("button", name="Kirim").click()
        await expect(lines).to_have_text([*said, "citizen: Terima kasih"])
        await page.close()

        async def nobody_follows() -> bool:
            return not streams._count

        await eventually(nobody_follows)
