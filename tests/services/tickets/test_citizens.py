"""Citizens are merged and parted by people: reversibly, with exactly what moved, and each state has its answer."""

import asyncio
from typing import Any

import httpx

from shared.events import Person
from shared.ids import new_id
from tests.conftest import staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, refusal
from tests.services.tickets.test_units import of_units

AGENT = staff_header("agent")
BUDI = Person(name="Budi Santoso", email="budi@surel.example", phone="+6281234567890")
FAMILY = "keluarga@surel.example"


async def citizen_of(running: Running, citizen: Person, body: str = "Insentif belum cair.") -> tuple[str, str]:
    """The id of a citizen who brought a case, and of its ticket."""
    ticket = await running.bring(citizen=citizen, body=body)
    [row] = await running.rows("SELECT citizen_id FROM tickets WHERE id = :id", id=ticket)
    return str(row.citizen_id), ticket


async def family(running: Running) -> tuple[str, str]:
    """Two citizens at one address."""
    one, _ = await citizen_of(running, Person(name="Budi Santoso", email=FAMILY))
    other, _ = await citizen_of(running, Person(name="Siti Aminah", email=FAMILY, phone=BUDI.phone))
    return one, other


async def merge(http: httpx.AsyncClient, one: str, into: str) -> httpx.Response:
    return await http.post(f"/v1/citizens/{one}/merge", json={"into": into, "reason": "KTP"}, headers=AGENT)


async def unmerge(http: httpx.AsyncClient, one: str) -> httpx.Response:
    return await http.post(f"/v1/citizens/{one}/unmerge", headers=AGENT)


async def whose(running: Running) -> list[Any]:
    """Whose each ticket and each handle is."""
    rows = await running.rows(
        "SELECT id, citizen_id FROM tickets UNION ALL SELECT id, citizen_id FROM handles ORDER BY 1"
    )
    return [tuple(row) for row in rows]


async def test_citizen_is_shown_with_his_cases_and_nothing_that_he_could_be_found_by(
    running: Running, http: httpx.AsyncClient
) -> None:
    citizen, ticket = await citizen_of(running, BUDI)
    answer = await http.get(f"/v1/citizens/{citizen}", headers=AGENT)
    assert [each["id"] for each in answer.json()["tickets"]] == [ticket]
    assert [(each["kind"], each["value"], each["sureness"]) for each in answer.json()["handles"]] == [
        ("email", "b***@surel.example", "said"),
        ("phone", "**********7890", "said"),
    ]
    elsewhere = of_units("agent", "setjen")
    refusal(await http.get(f"/v1/citizens/{citizen}", headers=elsewhere), 404, "not_found")
    refusal(await http.get(f"/v1/citizens/{citizen}/suggestions", headers=elsewhere), 404, "not_found")
    refusal(await http.post(f"/v1/citizens/{citizen}/unmerge", headers=elsewhere), 403, "forbidden")


async def test_merge_moves_everything_and_unmerge_moves_exactly_that_back(
    running: Running, http: httpx.AsyncClient
) -> None:
    one, other = await family(running)
    before = await whose(running)
    merged = (await merge(http, one, other)).json()
    assert (merged["id"], len(merged["tickets"]), len(merged["handles"])) == (other, 2, 3)
    assert {str(citizen) for _, citizen in await whose(running)} == {other}
    gone = (await http.get(f"/v1/citizens/{one}", headers=AGENT)).json()
    assert (gone["merged_into"], gone["tickets"], gone["handles"]) == (other, [], [])
    # when: he brings something new, and they are parted
    _, late = await citizen_of(running, Person(name="Siti Aminah", email=FAMILY), "Sertifikat webinar hilang.")
    parted = (await unmerge(http, one)).json()
    assert (parted["id"], parted["merged_into"]) == (one, None)
    assert [row for row in await whose(running) if str(row[0]) != late] == before
    trail = await running.rows("SELECT kind, actor FROM happenings WHERE kind = 'citizen_changed'")
    assert [tuple(row) for row in trail] == [("citizen_changed", "staff:test")] * 2
    [kept] = await running.rows("SELECT merged_by, reason, unmerged_by FROM citizen_merges")
    assert tuple(kept) == ("staff:test", "KTP", "staff:test")


async def test_merge_of_a_suggested_pair_is_its_answer_and_parted_they_are_not_suggested_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    one, other = await family(running)

    async def state() -> list[tuple[str, str]]:
        items = (await http.get(f"/v1/citizens/{other}/suggestions", headers=AGENT)).json()["items"]
        return [(item["other"], item["state"]) for item in items]

    assert await state() == [(one, "open")]
    await merge(http, one, other)
    assert await state() == [(one, "accepted")]
    await unmerge(http, one)
    await running.receive(contact(citizen=Person(name="Budi Santoso", email=FAMILY), body="Sertifikat hilang."))
    assert await state() == [(one, "dismissed")]


async def test_merge_that_cannot_be_has_its_answer(running: Running, http: httpx.AsyncClient) -> None:
    one, other = await family(running)
    third, _ = await citizen_of(running, BUDI.model_copy(update={"phone": None}))
    refusal(await merge(http, one, one), 409, "same_citizen")
    refusal(await merge(http, one, str(new_id())), 404, "not_found")
    refusal(await unmerge(http, one), 409, "citizen_not_merged")
    refusal(await unmerge(http, str(new_id())), 404, "not_found")
    assert [(await merge(http, one, other)).status_code for _ in range(2)] == [200, 200]
    assert len(await running.rows("SELECT * FROM citizen_merges")) == 1
    refusal(await merge(http, other, one), 409, "citizen_merged")
    refusal(await merge(http, third, one), 409, "citizen_merged")
    refusal(await merge(http, one, third), 409, "citizen_merged")
    # then: a chain is undone in reverse
    assert (await merge(http, other, third)).status_code == 200
    refusal(await unmerge(http, one), 409, "citizen_merged")
    assert [(await unmerge(http, each)).status_code for each in (other, one)] == [200, 200]
    refusal(await unmerge(http, one), 409, "citizen_not_merged")


async def test_merge_each_into_the_other_in_the_same_moment_is_one_merge(
    running: Running, http: httpx.AsyncClient
) -> None:
    one, other = await family(running)
    answers = await asyncio.gather(merge(http, one, other), merge(http, other, one))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len({citizen for _, citizen in await whose(running)}) == 1


async def test_merge_while_he_writes_leaves_one_citizen(running: Running, http: httpx.AsyncClient) -> None:
    one, other = await family(running)
    said = contact(citizen=Person(name="Budi Santoso", email=FAMILY), body="Sertifikat webinar hilang.")
    _, answer = await asyncio.gather(running.receive(said), merge(http, one, other))
    assert answer.status_code == 200
    assert {str(citizen) for _, citizen in await whose(running)} == {other}
