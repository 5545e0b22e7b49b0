"""Of a case whose citizen is hidden no answer says who he is; he is still told what happens."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.events import Person
from tests.conftest import staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running
from tests.services.tickets.test_lifecycle import agent, done

WHO = Person(name="Sulistyo Wibawa", email="sulistyo@surel.example", phone="+6281255501234")
WORDS = {
    "citizen": WHO,
    "subject": "Saya Sulistyo, 0812-5550-1234",
    "body": "Nama saya SULISTYO wibawa, telepon 0812 5550 1234, surel sulistyo@surel.example, insentif belum cair.",
}
TELLING = ("sulistyo", "wibawa", "5550", "surel.example", "1234")
UNIT = "prakerja-pencairan"
STAFF = staff_header("agent", "supervisor", "officer", "admin")
AFTER = "2026-03-20T09:00:00+07:00"


def tells(answer: httpx.Response) -> list[str]:
    """What an answer tells of who it is."""
    return [word for word in TELLING if word in answer.text.casefold()]


async def every_answer(running: Running, http: httpx.AsyncClient, headers: dict[str, str], ticket: str) -> Any:
    """What every route of the service answers about a ticket, by its path as the document has it."""
    other = await running.bring(body="lain")
    await running.receive(*(contact(ticket_id=UUID(ticket), **WORDS) for _ in range(2)))
    await running.bring(citizen=Person(name="Orang Lain", email=WHO.email))
    lines = await running.rows("SELECT id FROM entries WHERE ticket_id = CAST(:id AS uuid) ORDER BY place", id=ticket)
    [row] = await running.rows("SELECT tracking_code, citizen_id FROM tickets WHERE id = CAST(:id AS uuid)", id=ticket)
    [pair] = await running.rows("SELECT id, one, other FROM suggestions WHERE kind = 'citizens'")
    assert row.citizen_id in (pair.one, pair.other)
    [alike] = {pair.one, pair.other} - {row.citizen_id}
    bulk = {"bulk_id": "1", "verb": "note", "ids": [ticket], "arguments": {"body": "Ya."}}
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/v1/tickets/{ticket_id}/split", {"entry_ids": [str(lines[1].id)]}),
        ("POST", "/v1/tickets/{ticket_id}/entries/{entry_id}:separate", None),
        ("GET", "/v1/tickets/{ticket_id}/suggestions", None),
        ("GET", "/v1/citizens/{citizen_id}", None),
        ("GET", "/v1/citizens/{citizen_id}/suggestions", None),
        ("POST", "/v1/citizens/{citizen_id}/merge", {"into": str(alike)}),
        ("POST", "/v1/citizens/{citizen_id}/unmerge", {}),
        ("POST", "/v1/suggestions/{suggestion_id}/dismiss", None),
        ("POST", "/v1/tickets/{ticket_id}/request-info", {"fields": ["nik"]}),
        ("POST", "/v1/tickets/{ticket_id}/claim", {}),
        ("POST", "/v1/tickets/{ticket_id}/unassign", {}),
        ("POST", "/v1/tickets/{ticket_id}/assign", {"assignee": "staff:1"}),
        ("POST", "/v1/tickets/{ticket_id}/note", {"body": "Sulistyo menelepon."}),
        ("POST", "/v1/tickets/{ticket_id}/priority", {"priority": "high"}),
        ("POST", "/v1/tickets/{ticket_id}/set-due", {"due_at": AFTER, "reason": "Sulistyo minta"}),
        ("POST", "/v1/tickets/{ticket_id}/set-policy", {"policy": "ptsa"}),
        ("POST", "/v1/tickets/{ticket_id}/link", {"other": other}),
        ("POST", "/v1/tickets/{ticket_id}/hold", {"until": AFTER, "reason": "Sulistyo cuti"}),
        ("POST", "/v1/tickets/{ticket_id}/merge", {"into": other}),
        ("POST", "/v1/tickets/{ticket_id}/unmerge", {}),
        ("POST", "/v1/tickets/{ticket_id}/reply", {"body": "Ya."}),
        ("POST", "/v1/tickets/{ticket_id}/escalate", {"reason": "Sulistyo minta"}),
        ("POST", "/v1/tickets/{ticket_id}/resolve", {}),
        ("POST", "/v1/tickets/{ticket_id}/reopen", {"reason": "Keliru"}),
        ("POST", "/v1/tickets/{ticket_id}/forward", {"to": "Disnaker"}),
        ("POST", "/v1/tickets/{ticket_id}/reject", {"reason": "Bukan aduan"}),
        ("POST", "/v1/tickets/{ticket_id}/close", {"reason": "Selesai"}),
        ("POST", "/v1/tickets:bulk", bulk),
        ("GET", "/v1/tickets", None),
        ("GET", "/v1/tickets:export", None),
        ("GET", "/v1/tickets/{ticket_id}", None),
        ("GET", "/v1/tickets/{ticket_id}/entries", None),
        ("GET", "/v1/tickets/{ticket_id}/audit", None),
        ("GET", "/v1/track/{tracking_code}", None),
        ("GET", "/v1/tickets/{ticket_id}/sla", None),
        ("GET", "/v1/tickets/{ticket_id}/routing", None),
        ("PUT", "/v1/tickets/{ticket_id}/language", {"language": "en"}),
        ("GET", "/v1/metrics/{name}", None),
        ("GET", "/v1/me", None),
        ("GET", "/v1/events", None),
        ("POST", "/v1/tickets/{ticket_id}/privacy", {"privacy": "anonymous"}),
    ]
    found = {}
    for method, path, form in calls:
        at = path.format(
            ticket_id=ticket,
            entry_id=lines[2].id,
            citizen_id=row.citizen_id,
            suggestion_id=pair.id,
            tracking_code=row.tracking_code,
            name="agents",
        )
        found[path] = await http.request(method, at, headers=headers, json=form)
        expected = 404 if path.startswith(OF_CITIZENS) else found[path].status_code
        assert found[path].status_code == expected, (path, found[path].text)
        assert expected == 404 or found[path].is_success, (path, found[path].text)
    return found


OF_CITIZENS = ("/v1/citizens/", "/v1/suggestions/")
"""What answers about citizens: of one who is hidden that there is none."""
OF_NO_TICKET = (
    "/v1/units",
    "/v1/agents",
    "/v1/me/",
    "/v1/topic",
    "/v1/calendars",
    "/v1/policies",
    "/v1/matching/rules",
    "/v1/citizens/{citizen_id}:",
    "/v1/access-trail",
)
"""Whose answers are about no ticket, or are what a citizen himself asked for (his export, his erasure)."""


async def test_no_answer_of_any_route_tells_who_an_anonymous_citizen_is(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(**WORDS)
    assert tells(await http.get(f"/v1/tickets/{ticket}", headers=STAFF)) == list(TELLING)
    await done(http, ticket, "privacy", privacy="anonymous")
    answers = await every_answer(running, http, STAFF, ticket)
    assert {path: found for path, answer in answers.items() if (found := tells(answer))} == {}
    assert "insentif belum cair" in answers["/v1/tickets/{ticket_id}/entries"].text
    paths = [path for path in running.service.app.openapi()["paths"] if path.startswith("/v1/")]
    assert {path for path in paths if not path.startswith(OF_NO_TICKET)} == answers.keys()


@pytest.mark.parametrize("query", ["sulistyo", "0812-5550-1234", "sulistyo@surel.example"])
async def test_search_by_a_name_or_a_number_finds_no_anonymous_citizen(
    running: Running, http: httpx.AsyncClient, query: str
) -> None:
    ticket = await running.bring(**WORDS)

    async def found() -> list[str]:
        answer = await http.get("/v1/tickets", headers=STAFF, params={"q": query})
        return [each["id"] for each in answer.json()["items"]]

    shown = await found()
    await done(http, ticket, "privacy", privacy="anonymous")
    assert (shown, await found()) == ([ticket], [])


@pytest.mark.parametrize(
    ("privacy", "units", "told"),
    [
        ("confidential", (UNIT,), True),
        ("confidential", (UNIT, "setjen"), True),
        ("confidential", (), False),
        ("anonymous", (UNIT,), False),
        ("none", (), True),
    ],
)
async def test_confidential_citizen_is_told_of_to_the_unit_that_handles_the_case_alone(
    running: Running, http: httpx.AsyncClient, privacy: str, units: tuple[str, ...], told: bool
) -> None:
    ticket = await running.bring(**WORDS)
    await done(http, ticket, "privacy", privacy=privacy)
    for path in (f"/v1/tickets/{ticket}", "/v1/tickets", f"/v1/tickets/{ticket}/entries"):
        answer = await http.get(path, headers=agent("a1", *units))
        assert bool(tells(answer)) is told, path


async def test_event_of_a_hidden_citizen_says_so_and_still_says_how_to_reach_him(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(**WORDS)
    await done(http, ticket, "privacy", privacy="anonymous")
    await done(http, ticket, "reply", body="Ya.")
    told: Any = (await running.published())[-1]
    assert (told.data.privacy, told.data.citizen) == ("anonymous", WHO)


async def test_case_into_which_a_hidden_one_was_merged_is_hidden(running: Running, http: httpx.AsyncClient) -> None:
    a, b = await running.bring(**WORDS), await running.bring()
    await done(http, a, "privacy", privacy="anonymous")
    await done(http, a, "merge", into=b)
    assert tells(await http.get(f"/v1/tickets/{b}", headers=STAFF)) == []
    assert len((await http.get(f"/v1/tickets/{b}", headers=STAFF)).json()["participants"]) == 1
