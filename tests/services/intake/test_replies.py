"""What a citizen answers about his case on its page: kept once, with its files, and bound to the ticket of his link."""

import asyncio
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.case_links import CaseLinks
from shared.events import ContactReceived
from shared.secret import Secrets
from shared.settings import CommonSettings
from shared.signing import Capabilities
from tests.conftest import SECRET, FrozenClock
from tests.services.intake.conftest import Running
from tests.services.intake.files.test_media import PNG
from tests.services.intake.given import count, events_in_outbox
from tests.services.intake.test_forms import key_in
from tests.serving import serving

TICKET = UUID(int=77)
TOKEN = CaseLinks(Secrets.read(SECRET)).issue(TICKET)
PATH = f"/r/{TOKEN}"
KEY = "k" * 22
PICTURE = ("slip.png", PNG, "image/png")


async def send(
    http: httpx.AsyncClient, *chosen: tuple[str, bytes, str], path: str = PATH, **typed: str
) -> httpx.Response:
    values = {"key": KEY, "body": "Ini slipnya.", **typed}
    return await http.post(path, data=values, files=[("files", one) for one in chosen], follow_redirects=False)


async def test_answer_becomes_a_contact_of_its_ticket_and_is_confirmed(running: Running) -> None:
    answer = await send(running.http)
    assert answer.status_code == 303
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (event.data.channel, event.data.ticket_id, event.data.body) == ("form", TICKET, "Ini slipnya.")
    page = await running.http.get(answer.headers["location"])
    assert "sudah kami terima" in page.text
    assert f'href="/t/{TOKEN}?lang=id"' in page.text
    assert event.data.tracking_code not in page.text, "his case has another"


async def test_file_alone_is_an_answer(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> None:
    service = build(common, IntakeSettings(attachments_dir=tmp_path), clock)
    async with serving(service) as http:
        assert (await send(http, PICTURE, body="")).status_code == 303
        [event] = await events_in_outbox(service.db)
    assert isinstance(event, ContactReceived)
    assert [(one.name, one.size) for one in event.data.attachments] == [("slip.png", len(PNG))]
    assert (event.data.body, event.data.ticket_id) == ("", TICKET)


async def test_answer_that_is_sent_twice_is_kept_once(running: Running) -> None:
    answers = await asyncio.gather(*(send(running.http) for _ in range(3)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await count(running.service.db, "contacts") == 1
    other = await send(running.http, body="Yang lain.")
    assert other.status_code == 422
    assert "Yang lain." in other.text
    assert key_in(other.text) != KEY


@pytest.mark.parametrize(
    ("chosen", "body", "status", "fault"),
    [
        ([], " \n ", 422, "empty"),
        ([], "x" * 20_001, 422, "body"),
        ([(f"{n}.txt", b"x", "text/plain") for n in range(6)], "Ini.", 422, "too_many"),
        ([("besar.mp4", bytes(10_500_000), "video/mp4")], "Ini.", 413, "too_large"),
    ],
)
async def test_answer_with_a_fault_comes_back_with_what_was_written(
    running: Running, chosen: list[tuple[str, bytes, str]], body: str, status: int, fault: str
) -> None:
    answer = await send(running.http, *chosen, body=body)
    assert (answer.status_code, key_in(answer.text)) == (status, KEY)
    assert f'id="fault-{fault}"' in answer.text
    assert body in answer.text
    assert "Balasan Anda belum terkirim" in answer.text
    assert await count(running.service.db, "contacts") == 0


@pytest.mark.parametrize(
    "token",
    [
        "guessed",
        TOKEN[:-1],
        CaseLinks(Secrets(("the secret of another installation as long",))).issue(TICKET),
        Capabilities(Secrets.read(SECRET), "mail threads").issue(TICKET),
    ],
    ids=["guessed", "cut off", "of another installation", "of a mail"],
)
async def test_who_has_no_link_of_the_case_cannot_answer(running: Running, token: str) -> None:
    for answer in (await send(running.http, path=f"/r/{token}"), await running.http.get(f"/r/{token}")):
        assert (answer.status_code, "tidak dikenal" in answer.text) == (404, True)
    assert await count(running.service.db, "contacts") == 0


async def test_page_after_an_answer_is_there_for_an_answer_only(running: Running) -> None:
    assert (await running.http.get(f"{PATH}/guessed")).status_code == 404


@pytest.mark.parametrize("behind", ["", ".", ")", "?fbclid=x"])
async def test_form_is_there_by_itself_and_in_both_languages(running: Running, behind: str) -> None:
    answer = await running.http.get(f"{PATH}{behind}")
    assert "Balas atau kirim berkas" in answer.text
    assert len(answer.content) < 30_000
    assert "Reply, or send a file" in (await running.http.get(PATH, params={"lang": "en"})).text


async def test_way_back_leads_where_tickets_is(common: CommonSettings, clock: FrozenClock) -> None:
    elsewhere = IntakeSettings(cases_url="https://lapor.contoh.example/")
    async with serving(build(common, elsewhere, clock)) as http:
        answer = await http.get(PATH)
    assert f'href="https://lapor.contoh.example/t/{TOKEN}?lang=id"' in answer.text


async def test_who_answers_too_often_gets_what_he_wrote_back(common: CommonSettings, clock: FrozenClock) -> None:
    few = common.model_copy(update={"public_requests_per_minute": 1})
    async with serving(build(few, IntakeSettings(), clock)) as http:
        await http.get(PATH)
        answer = await send(http)
    assert (answer.status_code, "Ini slipnya." in answer.text) == (429, True)
