"""Cases are found by what was said and by whose they are."""

import httpx
import pytest

from services.tickets.jobs.missed import MissedCases
from shared.events import Person
from tests.conftest import staff_header
from tests.services.tickets.conftest import Running, faults
from tests.services.tickets.test_units import WAGES, of_units

AGENT = staff_header("agent")
SITI = Person(name="Siti Nurhaliza D'Arc", email="siti.n@surel.example", phone="+6281234567890")


async def found(http: httpx.AsyncClient, query: str, who: dict[str, str] = AGENT) -> list[str]:
    answer = await http.get("/v1/tickets", headers=who, params={"q": query})
    assert answer.status_code == 200, answer.text
    return [ticket["id"] for ticket in answer.json()["items"]]


@pytest.mark.parametrize(
    "query",
    [
        "insentif",
        "pencairan INSENTIF",  # its stem
        "cairkan",
        "siti",
        "d'arc nurhaliza",
        "siti.n@surel.example",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "081234567890",
        "ref 2026 0001".replace(" ", "-"),
        "REF20260001",
        "1234.5678",
    ],
)
async def test_search_finds_words_names_and_numbers(running: Running, http: httpx.AsyncClient, query: str) -> None:
    await running.bring(body=WAGES)
    ticket = await running.bring(
        citizen=SITI, body="Insentif saya belum dicairkan. Nomor REF-2026-0001, rekening 1234 5678 dan 12345678."
    )
    assert await found(http, query) == [ticket]


async def test_search_finds_the_code_with_and_without_hyphens(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(tracking_code="7K3Q-WM9X-TB40")
    assert await found(http, "7k3q-wm9x-tb40") == await found(http, "7K3QWM9XTB40") == [ticket]


async def test_search_needs_every_word_in_one_case(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(body="Sertifikat pelatihan hilang")
    await running.bring(body="Sertifikat rusak")
    assert await found(http, "sertifikat hilang") == [ticket]
    assert await found(http, "sertifikat hilang rusak") == []


async def test_search_finds_what_an_agent_said_and_not_what_was_withdrawn(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(body="Halo admin")
    await http.post(f"/v1/tickets/{ticket}/reply", headers=AGENT, json={"body": "Silakan verifikasi rekening."})
    assert await found(http, "verifikasi") == await found(http, "admin") == [ticket]
    await running.change("UPDATE entries SET body = '', withdrawn_at = now() WHERE author = 'citizen'")
    await running.change("UPDATE found_by SET version = 0")
    assert not await MissedCases(db=running.service.db).look()
    assert (await found(http, "verifikasi"), await found(http, "admin")) == ([ticket], [])


async def test_search_finds_what_the_reader_sees(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(body=WAGES, citizen=SITI)
    assert await found(http, "siti", of_units("agent", "pengawas")) == [ticket]
    assert await found(http, "siti", of_units("agent", "setjen")) == []


@pytest.mark.parametrize("query", ["yang", "%", "\\", "x" * 10_000, "' OR 1=1 --"])
async def test_search_for_nothing_is_answered_clearly(running: Running, http: httpx.AsyncClient, query: str) -> None:
    await running.bring()
    answer = await http.get("/v1/tickets", headers=AGENT, params={"q": query})
    if query.startswith("'"):
        assert answer.json()["items"] == []
    else:
        assert faults(answer) == ["q"]
