"""Cases are given to agents by themselves: never too many, never over a claim, and it can be read why."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.tickets.jobs.routing import Routing
from tests.services.tickets.conftest import Running, refusal
from tests.services.tickets.test_roster import SUPERVISOR, UNIT, as_, be_there, put


async def by_itself(http: httpx.AsyncClient, unit: str = UNIT) -> None:
    """Has the cases of a unit given to its agents by themselves."""
    answer = await http.put(f"/v1/units/{unit}", headers=SUPERVISOR, json={"name": unit, "auto_assign": True})
    assert answer.status_code == 200


async def there(http: httpx.AsyncClient, number: str, **changes: Any) -> None:
    """Somebody without shifts, who takes any topic and is there."""
    await put(http, number, **{"skills": [], "shifts": [], **changes})
    await be_there(http, number)


def job(running: Running) -> Routing:
    return Routing(db=running.service.db, clock=running.clock)


async def look(running: Running) -> int:
    return await job(running).look()


async def whose(running: Running) -> dict[str, str | None]:
    return {str(row.id): row.assignee for row in await running.rows("SELECT id, assignee FROM tickets")}


async def routing(http: httpx.AsyncClient, ticket: str) -> Any:
    return (await http.get(f"/v1/tickets/{ticket}/routing", headers=SUPERVISOR)).json()


async def test_case_is_given_to_who_has_fewest_in_a_unit_that_has_it_so(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(3)]
    await there(http, "1")
    await there(http, "2")
    assert await look(running) == 0, "nobody has said that it is so"
    await by_itself(http)
    assert await look(running) == 3
    found = await whose(running)
    assert [found[ticket] for ticket in tickets] == ["staff:1", "staff:2", "staff:1"]
    assert await look(running) == 0
    last = (await http.get(f"/v1/tickets/{tickets[0]}", headers=SUPERVISOR)).json()["audit"][-1]
    assert (last["actor"], last["verb"]) == ("routing", "assigned")


async def test_urgent_case_is_given_first_and_then_the_one_that_waits_longest(
    running: Running, http: httpx.AsyncClient
) -> None:
    old, new, urgent = [await running.bring() for _ in range(3)]
    await running.change(
        "UPDATE tickets SET opened_at = opened_at - interval '1 hour' WHERE id = CAST(:id AS uuid)", id=new
    )
    await http.post(f"/v1/tickets/{urgent}/priority", headers=SUPERVISOR, json={"priority": "urgent"})
    await by_itself(http)
    await there(http, "1", capacity=0)
    order = []
    for capacity in (1, 2, 3):
        await put(http, "1", skills=[], shifts=[], capacity=capacity)
        await look(running)
        order += [ticket for ticket, owner in (await whose(running)).items() if owner and ticket not in order]
    assert order == [urgent, new, old]


async def test_eight_that_give_at_once_give_one_to_who_has_room_for_one(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(8)]
    await by_itself(http)
    await there(http, "1", capacity=1)
    counts = await asyncio.gather(*(look(running) for _ in range(8)))
    assert sorted(counts) == [0] * 7 + [1]
    owners = list((await whose(running)).values())
    assert (owners.count("staff:1"), owners.count(None)) == (1, 7)
    waits = [ticket for ticket in tickets if (await routing(http, ticket))["assignee"] is None]
    verdicts = [(await routing(http, ticket))["now"] for ticket in waits]
    assert verdicts == [[{"agent": "staff:1", "verdict": "full", "load": 1, "capacity": 1}]] * 7


async def test_eight_that_assign_at_once_give_one_to_who_has_room_for_one(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(8)]
    await there(http, "1", capacity=1)
    body = {"assignee": "staff:1"}
    answers = await asyncio.gather(
        *(http.post(f"/v1/tickets/{ticket}/assign", headers=SUPERVISOR, json=body) for ticket in tickets)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {refusal(answer, 409, "agent_cannot_take_it")["detail"] for answer in refused} == {
        "He has as many open cases as he may."
    }
    assert list((await whose(running)).values()).count("staff:1") == 1


@pytest.mark.parametrize(
    ("changes", "presence", "said"),
    [
        ({}, "offline", "He is offline."),
        ({}, "away", "He is away."),
        ({"units": ["setjen"]}, "available", "He is of another unit than the ticket."),
        ({"role": "officer"}, "available", "His role does not work on cases."),
    ],
)
async def test_case_is_not_assigned_to_who_is_not_there_or_may_not(
    running: Running, http: httpx.AsyncClient, changes: dict[str, Any], presence: str, said: str
) -> None:
    ticket = await running.bring()
    await there(http, "1", **changes)
    await be_there(http, "1", presence)
    body = {"assignee": "staff:1"}
    answer = await http.post(f"/v1/tickets/{ticket}/assign", headers=SUPERVISOR, json=body)
    assert refusal(answer, 409, "agent_cannot_take_it")["detail"] == said


async def test_claim_is_never_overwritten(running: Running, http: httpx.AsyncClient) -> None:
    tickets = [await running.bring() for _ in range(6)]
    await by_itself(http)
    await there(http, "1")
    claims = [http.post(f"/v1/tickets/{ticket}/claim", headers=as_("9")) for ticket in tickets]
    *answers, _, _ = await asyncio.gather(*claims, look(running), look(running))
    found = await whose(running)
    for ticket, answer in zip(tickets, answers, strict=True):
        assert isinstance(answer, httpx.Response)
        assert found[ticket] == ("staff:9" if answer.status_code == 200 else "staff:1")


async def test_case_that_is_being_worked_on_is_passed_over_until_it_is_free(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    await by_itself(http)
    await there(http, "1")
    async with running.service.db.transaction() as session:
        await session.execute(text("SELECT FROM tickets WHERE id = CAST(:id AS uuid) FOR UPDATE"), {"id": ticket})
        assert await look(running) == 0
    assert await look(running) == 1


async def test_lease_that_ends_stops_new_work_and_takes_nothing(running: Running, http: httpx.AsyncClient) -> None:
    first = await running.bring()
    await by_itself(http)
    await there(http, "1")
    await look(running)
    running.clock.forward(minutes=31)
    second = await running.bring()
    assert await look(running) == 0
    assert await whose(running) == {first: "staff:1", second: None}
    assert (await routing(http, second))["now"][0]["verdict"] == "lease_ended"
    await be_there(http, "1")
    assert await look(running) == 1


async def test_cases_of_who_is_released_or_leaves_wait_again_and_the_trail_says_so(
    running: Running, http: httpx.AsyncClient
) -> None:
    tickets = [await running.bring() for _ in range(3)]
    await by_itself(http)
    await there(http, "1")
    await look(running)
    await http.post(f"/v1/tickets/{tickets[0]}/resolve", headers=as_("1"), json={})
    released = await http.post("/v1/agents/staff:1:release", headers=SUPERVISOR, json={"because": "Cuti"})
    assert released.json() == {"subject": "staff:1", "requeued": 2}
    assert await whose(running) == {tickets[0]: "staff:1", tickets[1]: None, tickets[2]: None}
    last = (await http.get(f"/v1/tickets/{tickets[1]}", headers=SUPERVISOR)).json()["audit"][-1]
    assert (last["actor"], last["verb"], "Cuti" in last["detail"]) == ("staff:test", "unassigned", True)
    assert (await http.get("/v1/agents/staff:1", headers=SUPERVISOR)).json()["presence"] == "offline"
    await there(http, "2")
    assert await look(running) == 2
    left = await http.delete("/v1/agents/staff:2", headers=SUPERVISOR)
    assert left.json() == {"subject": "staff:2", "requeued": 2}
    refusal(await http.get("/v1/agents/staff:2", headers=SUPERVISOR), 404, "not_found")
    refusal(await http.post("/v1/agents/staff:2:release", headers=SUPERVISOR), 404, "not_found")


async def test_reasons_are_kept_once_as_long_as_they_are_the_same(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    await by_itself(http)
    await put(http, "1", skills=[], shifts=[])
    for _ in range(3):
        assert await look(running) == 0
    kept = (await routing(http, ticket))["kept"]
    assert [(one["agent"], [look["verdict"] for look in one["looks"]]) for one in kept] == [(None, ["offline"])]
    await be_there(http, "1", "away")
    await look(running)
    await be_there(http, "1")
    await look(running)
    shown = await routing(http, ticket)
    assert (shown["assignee"], shown["is_given_by_itself"], shown["now"]) == ("staff:1", True, [])
    told = [(one["agent"], [look["verdict"] for look in one["looks"]]) for one in shown["kept"]]
    assert told == [("staff:1", ["chosen"]), (None, ["away"])]


async def test_case_goes_to_who_has_its_topic_and_its_language(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    topic = (await http.get(f"/v1/tickets/{ticket}", headers=SUPERVISOR)).json()["topic"]
    answer = await http.put(f"/v1/tickets/{ticket}/language", headers=SUPERVISOR, json={"language": "en"})
    assert answer.status_code == 204
    await by_itself(http)
    await there(http, "1", skills=["ppid"], languages=["en"])
    await there(http, "2", skills=[topic])
    assert await look(running) == 0
    verdicts = {one["agent"]: one["verdict"] for one in (await routing(http, ticket))["now"]}
    assert verdicts == {"staff:1": "lacks_skill", "staff:2": "lacks_language"}
    await there(http, "3", skills=[topic], languages=["id", "en"])
    assert await look(running) == 1


async def test_case_of_another_unit_is_not_explained_to_who_does_not_see_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    other = as_("1", units=("setjen",))
    refusal(await http.get(f"/v1/tickets/{ticket}/routing", headers=other), 404, "not_found")
    body = {"language": "en"}
    refusal(await http.put(f"/v1/tickets/{ticket}/language", headers=other, json=body), 404, "not_found")


async def test_job_looks_when_somebody_says_that_he_is_there(running: Running, http: httpx.AsyncClient) -> None:
    """Long before its five seconds are over: by the bell that rings with the commit."""
    ticket = await running.bring()
    await by_itself(http)
    await put(http, "1", skills=[], shifts=[])
    stepping = asyncio.create_task(job(running).step())
    await be_there(http, "1")
    await stepping
    assert await look(running) in (0, 1)
    assert (await whose(running))[ticket] == "staff:1"
