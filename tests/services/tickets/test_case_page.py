"""The page of a case: how it stands for whoever has its code, the conversation for who has its link."""

import re
from dataclasses import fields
from uuid import UUID

import httpx
import pytest

from services.tickets.domain.entries import Entry
from services.tickets.main import build
from services.tickets.settings import TicketsSettings
from shared.case_links import CaseLinks
from shared.secret import Secrets
from shared.settings import CommonSettings
from tests.conftest import SECRET, FrozenClock, staff_header
from tests.factories import CITIZEN, contact
from tests.services.tickets.conftest import Running
from tests.serving import serving

CODE = "7K3Q-WM9X-TB40"
AGENT = staff_header("agent")
LINKS = CaseLinks(Secrets.read(SECRET))


async def brought(running: Running, body: str = "Insentif saya belum cair.") -> tuple[str, str]:
    """The id of a ticket, and the path behind its citizen's link."""
    ticket = await running.bring(tracking_code=CODE, body=body)
    return ticket, LINKS.link(UUID(ticket))


async def test_link_shows_how_the_case_stands_and_what_was_said(running: Running, http: httpx.AsyncClient) -> None:
    ticket, path = await brought(running)
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Mohon kirim <b>slip</b>."})
    page = (await http.get(path)).text
    for words in (
        CODE,
        "Sudah dijawab",
        "Jumat, 20 Maret 2026",
        "Pengaduan kami terima",
        "Kami menjawab Anda",
        "Insentif saya belum cair.",
        "Mohon kirim &lt;b&gt;slip&lt;/b&gt;.",
        "Baca jawaban kami.",
        f'action="/r/{path[3:]}?lang=id"',
    ):
        assert words in page, words
    assert "staff:" not in page


async def test_code_alone_shows_no_word_that_was_written(running: Running, http: httpx.AsyncClient) -> None:
    ticket, _ = await brought(running)
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Mohon kirim slip."})
    page = (await http.get(f"/t/{CODE}")).text
    assert "Sudah dijawab" in page
    for hidden in ("Insentif saya", "Mohon kirim slip", "<form", str(CITIZEN.name), str(CITIZEN.email)):
        assert hidden not in page


def test_line_has_no_field_that_might_say_it_is_not_for_its_citizen() -> None:
    """`entries.last_public` chooses what a citizen reads: it has to be asked again when a line may be internal."""
    known = {"id", "ticket_id", "author", "contact_id", "body", "at", "withdrawn_at", "is_internal", "said_to"} | {
        "code"
    }
    assert {field.name for field in fields(Entry)} == known


async def test_note_between_members_of_staff_is_not_shown(running: Running, http: httpx.AsyncClient) -> None:
    ticket, path = await brought(running)
    noted = await http.post(
        f"/v1/tickets/{ticket}/note", headers=staff_header("agent"), json={"body": "Sudah tiga kali mengeluh."}
    )
    assert noted.status_code == 200
    assert "mengeluh" not in (await http.get(path)).text


async def test_page_of_a_merged_case_shows_what_its_own_citizen_said(running: Running, http: httpx.AsyncClient) -> None:
    ticket, path = await brought(running)
    other = await running.bring(body="Kalimat orang lain.")
    merged = await http.post(f"/v1/tickets/{ticket}/merge", headers=staff_header("agent"), json={"into": other})
    assert merged.status_code == 200
    theirs, own = (await http.get(LINKS.link(UUID(other)))).text, (await http.get(path)).text
    assert ("Kalimat orang lain." in theirs, "Insentif saya belum cair." in theirs) == (True, False)
    assert ("Kalimat orang lain." in own, "Insentif saya belum cair." in own) == (False, True)


async def test_line_of_another_author_is_not_shown(running: Running, http: httpx.AsyncClient) -> None:
    ticket, path = await brought(running)
    await running.change("ALTER TABLE entries DROP CONSTRAINT IF EXISTS entries_author_check")
    await running.change(
        "INSERT INTO entries (id, ticket_id, author, body, at) VALUES (uuidv7(), :id, 'note', 'Hati-hati.', now())",
        id=ticket,
    )
    assert "Hati-hati" not in (await http.get(path)).text


async def test_withdrawn_words_are_told_to_be(running: Running, http: httpx.AsyncClient) -> None:
    _, path = await brought(running)
    await running.change("UPDATE entries SET body = '', withdrawn_at = now()")
    assert "Keterangan ini Anda tarik kembali." in (await http.get(path)).text


async def test_long_conversation_is_shown_by_its_end_and_each_line_once(
    running: Running, http: httpx.AsyncClient
) -> None:
    opening = contact(channel="chat", chat_id=UUID(int=9), body="baris-0;")
    rest = [contact(channel="chat", chat_id=UUID(int=9), body=f"baris-{n};{'<é>' * n * 30}") for n in range(1, 60)]
    await running.receive(opening, *rest)
    [ticket] = await running.rows("SELECT id FROM tickets")
    seen: list[str] = []
    address, sizes = LINKS.link(ticket.id), []
    while address:
        page = await http.get(address)
        sizes.append(len(page.content))
        seen = re.findall(r"baris-(\d+);", page.text) + seen
        found = re.search(r'href="([^"]+)">Percakapan sebelumnya', page.text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == [str(n) for n in range(60)]
    assert len(sizes) > 2
    assert max(sizes) < 30_000


@pytest.mark.parametrize("behind", [".", ").", "/", "%E2%80%9D", "?fbclid=x&utm_source=y", "?before=nothing"])
async def test_link_is_opened_however_it_was_copied(running: Running, http: httpx.AsyncClient, behind: str) -> None:
    _, path = await brought(running)
    assert "Insentif saya belum cair." in (await http.get(f"{path}{behind}")).text
    head = await http.head(f"{path}{behind}")
    assert (head.status_code, head.content) == (200, b"")


async def test_page_speaks_the_language_that_was_asked_for(running: Running, http: httpx.AsyncClient) -> None:
    _, path = await brought(running)
    english = (await http.get(path, params={"lang": "en"})).text
    assert '<html lang="en">' in english
    assert "Being looked into" in english
    assert "Friday, 20 March 2026" in english


async def test_page_runs_nothing_loads_nothing_and_is_kept_by_nobody_else(
    running: Running, http: httpx.AsyncClient
) -> None:
    _, path = await brought(running)
    answer = await http.get(path)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["referrer-policy"] == "no-referrer", "no page that is linked to learns the link"


@pytest.mark.parametrize("name", [CODE, "guessed", "a/b", "7K3Q-WM9X-TB4U", "%00", "x" * 2_000])
async def test_case_that_is_not_known_is_a_page_that_repeats_nothing(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/t/{name}")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, "text/html")
    assert "Pengaduan tidak ditemukan" in answer.text
    assert name not in answer.text


async def test_verb_that_no_page_takes_is_refused_on_a_page(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"/t/{CODE}")
    assert (answer.status_code, "tidak dapat dibaca" in answer.text) == (405, True)


async def test_code_is_asked_for_and_leads_to_its_case(running: Running, http: httpx.AsyncClient) -> None:
    await brought(running)
    for path in ("/t", "/t/", "/T"):
        assert 'name="code"' in (await http.get(path)).text
    answer = await http.get("/t", params={"code": "7k3q wm9x tb4o", "lang": "id"}, follow_redirects=True)
    assert "Sedang ditangani" in answer.text
    wrong = await http.get("/t", params={"code": '"><b>'})
    assert "Kode ini tidak dikenal" in wrong.text
    assert "<b>" not in wrong.text


async def test_link_of_another_installation_or_purpose_opens_nothing(running: Running, http: httpx.AsyncClient) -> None:
    ticket, _ = await brought(running)
    foreign = CaseLinks(Secrets(("the secret of another installation as long",)))
    assert (await http.get(foreign.link(UUID(ticket)))).status_code == 404


async def test_who_comes_too_often_reads_a_page_with_the_time(common: CommonSettings, clock: FrozenClock) -> None:
    few = common.model_copy(update={"public_requests_per_minute": 1})
    async with serving(build(few, TicketsSettings(), clock)) as http:
        answers = [await http.get("/t") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Terlalu banyak permintaan" in answers[1].text
    assert "retry-after" in answers[1].headers


async def test_form_is_sent_where_intake_is(common: CommonSettings, clock: FrozenClock, running: Running) -> None:
    _, path = await brought(running)
    elsewhere = TicketsSettings(intake_url="https://masuk.contoh.example")
    async with serving(build(common, elsewhere, clock)) as http:
        answer = await http.get(path)
    assert f'action="https://masuk.contoh.example/r/{path[3:]}?lang=id"' in answer.text
    assert "form-action 'self' https://masuk.contoh.example/;" in answer.headers["content-security-policy"]
