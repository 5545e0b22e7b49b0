"""A widget as it lives: a script in a page of another origin, in a real browser, with nothing but its own key."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from string import Template

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.intake.consumers import receive_replies
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.runner import Service
from shared.settings import CommonSettings
from tests.browser import chromium, needs_a_browser
from tests.conftest import FrozenClock
from tests.services.intake.given import NOW, count, rows, ticket_replied
from tests.services.intake.test_widget import widget_key
from tests.serving import serving

pytestmark = [needs_a_browser, pytest.mark.filterwarnings("default")]

WIDGET = Template("""<!doctype html><meta charset="utf-8"><title>Widget</title>
<form><label>Pesan <input name="body"></label> <button>Kirim</button></form><ol></ol><p role="status"></p>
<script>
const api = "$api", key = "$key", form = document.querySelector("form");
let chat = null;

async function call(method, path, credential, body) {
  const answer = await fetch(api + path, {
    method,
    headers: {
      "Authorization": "Bearer " + credential, "Content-Type": "application/json",
      "X-Correlation-ID": crypto.randomUUID(),
      ...(method === "POST" ? {"Idempotency-Key": crypto.randomUUID()} : {}),
    },
    body: body && JSON.stringify(body),
  });
  const result = await answer.json();
  if (answer.ok) return result;
  throw new Error([result.code, answer.headers.get("Retry-After"), answer.headers.get("X-Request-ID")].join(" "));
}

form.onsubmit = async event => {
  event.preventDefault();
  const body = form.body.value, lines = () => `/v1/chats/$${chat.chat_id}/messages`;
  try {
    if (chat) await call("POST", lines(), chat.chat_token, {body});
    else chat = await call("POST", "/v1/chats", key, {body});
    const {items} = await call("GET", lines(), chat.chat_token);
    document.querySelector("ol").innerHTML = items.map(line => `<li>$${line.author}: $${line.body}</li>`).join("");
    document.querySelector("[role=status]").textContent = "Terkirim";
  } catch (error) {
    document.querySelector("[role=status]").textContent = error.message;
  }
};
</script>""")


class Site:
    """A site of its own origin, with one page; the page comes when it is known what it must hold."""

    origin: str
    page: str

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = self.page.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()
        await writer.wait_closed()


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.answer, "127.0.0.2", 0)
    made.origin = f"http://127.0.0.2:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()
    await server.wait_closed()


@dataclass
class Visit:
    """A citizen in the page, and the service behind it."""

    page: Page
    service: Service

    async def say(self, words: str) -> None:
        await self.page.get_by_label("Pesan").fill(words)
        await self.page.get_by_role("button", name="Kirim").click()

    async def reads(self, *lines: str) -> None:
        await expect(self.page.get_by_role("listitem")).to_have_text(lines)


@asynccontextmanager
async def visiting(
    site: Site, settings: CommonSettings, clock: FrozenClock, *, of: str | None = None
) -> AsyncIterator[Visit]:
    """A citizen in the page of `site`, whose widget has a key that was made for the pages of `of`."""
    service = build(settings, IntakeSettings(), clock)
    async with serving(service, workers=[service.workers[0]]) as http, chromium() as browser:
        key = await widget_key(service.db, of or site.origin)
        token = key["Authorization"].removeprefix("Bearer ")
        site.page = WIDGET.substitute(api=str(http.base_url).rstrip("/"), key=token)
        page = await browser.new_page()
        await page.goto(site.origin)
        yield Visit(page, service)


async def test_widget_opens_a_chat_sends_a_line_and_reads_the_agents_answer(
    site: Site, common: CommonSettings, clock: FrozenClock
) -> None:
    settings = common.model_copy(update={"allowed_origins": (site.origin,)})
    async with visiting(site, settings, clock) as visit:
        await visit.say("Halo")
        await visit.reads("citizen: Halo")
        await visit.say("Insentif belum cair.")
        await visit.reads("citizen: Halo", "citizen: Insentif belum cair.")
        (chat,) = await rows(visit.service.db, "SELECT id FROM intake.chats")
        async with visit.service.db.transaction() as session:
            await receive_replies(session, [ticket_replied(chat.id)], NOW)
        await visit.say("Masih di sana?")
        await visit.reads(
            "citizen: Halo", "citizen: Insentif belum cair.", "agent: Sedang kami periksa.", "citizen: Masih di sana?"
        )


async def test_widget_reads_why_and_until_when_it_is_refused(
    site: Site, common: CommonSettings, clock: FrozenClock
) -> None:
    settings = common.model_copy(update={"allowed_origins": (site.origin,), "widget_chats_per_minute": 1})
    async with visiting(site, settings, clock) as visit:
        await visit.say("Halo")
        await visit.reads("citizen: Halo")
        await visit.page.reload()
        await visit.say("Halo lagi")
        await expect(visit.page.get_by_role("status")).to_have_text(re.compile(r"^rate_limited \d+ [0-9a-f]{32}$"))
        assert await count(visit.service.db, "chats") == 1


async def test_widget_with_the_key_of_another_page_is_refused_and_can_say_so(
    site: Site, common: CommonSettings, clock: FrozenClock
) -> None:
    settings = common.model_copy(update={"allowed_origins": (site.origin,)})
    async with visiting(site, settings, clock, of="https://www.contoh.go.id") as visit:
        await visit.say("Halo")
        await expect(visit.page.get_by_role("status")).to_have_text(re.compile(r"^forbidden  [0-9a-f]{32}$"))
        assert await count(visit.service.db, "chats") == 0


async def test_widget_in_a_page_that_was_not_named_reaches_nothing(
    site: Site, common: CommonSettings, clock: FrozenClock
) -> None:
    settings = common.model_copy(update={"allowed_origins": ("https://www.contoh.go.id",)})
    async with visiting(site, settings, clock) as visit:
        await visit.say("Halo")
        await expect(visit.page.get_by_role("status")).to_have_text("Failed to fetch")
        assert await count(visit.service.db, "chats") == 0
