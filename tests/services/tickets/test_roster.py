"""The roster: who is on it, who may change it, and whether somebody is there."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.caller import Role
from shared.clock import utcnow
from shared.staff_tokens import StaffTokens
from shared.visibility import EVERYTHING, Visibility
from tests.conftest import SECRETS, staff_header
from tests.services.tickets.conftest import Running, faults, refusal

UNIT = "prakerja-pencairan"
SUPERVISOR = staff_header("supervisor")
SITI: dict[str, Any] = {
    "name": "Siti",
    "units": [UNIT],
    "capacity": 10,
    "skills": ["prakerja-insentif"],
    "shifts": [{"day": "mon", "start": "08:00", "end": "16:00"}],
}


def as_(subject: str, *roles: Role, units: tuple[str, ...] | None = None) -> dict[str, str]:
    """The header of a member of staff."""
    sees = EVERYTHING if units is None else Visibility(frozenset(units))
    token = StaffTokens(SECRETS).issue(subject, roles or ("agent",), utcnow(), timedelta(hours=1), sees)
    return {"Authorization": f"Bearer {token}"}


async def put(http: httpx.AsyncClient, number: str, who: dict[str, str] = SUPERVISOR, **changes: Any) -> httpx.Response:
    return await http.put(f"/v1/agents/staff:{number}", headers=who, json={**SITI, **changes})


async def be_there(http: httpx.AsyncClient, number: str, presence: str = "available", minutes: int = 30) -> Any:
    answer = await http.put("/v1/me/presence", headers=as_(number), json={"presence": presence, "minutes": minutes})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_agent_is_put_on_the_roster_changed_and_shown_with_what_he_has(http: httpx.AsyncClient) -> None:
    added = (await put(http, "1")).json()
    assert added == {
        **SITI,
        "subject": "staff:1",
        "role": "agent",
        "languages": ["id"],
        "works_on_days_off": False,
        "zone": "Asia/Jakarta",
        "presence": "offline",
        "present_until": None,
        "open": 0,
    }
    await be_there(http, "1")
    changed = (await put(http, "1", capacity=3, languages=["jv", "id"])).json()
    assert (changed["capacity"], changed["languages"], changed["presence"]) == (3, ["id", "jv"], "available")
    assert (await http.get("/v1/agents/staff:1", headers=as_("9"))).json() == changed


async def test_roster_is_listed_page_by_page_of_all_or_of_one_unit(http: httpx.AsyncClient) -> None:
    for number, units in (("1", [UNIT]), ("2", [UNIT, "setjen"]), ("3", ["setjen"])):
        await put(http, number, units=units)

    async def listed(**query: Any) -> Any:
        page = (await http.get("/v1/agents", headers=SUPERVISOR, params=query)).json()
        return [item["subject"] for item in page["items"]], page["next_cursor"]

    assert await listed(limit=2) == (["staff:1", "staff:2"], "staff:2")
    assert await listed(limit=2, cursor="staff:2") == (["staff:3"], None)
    assert await listed(unit="setjen") == (["staff:2", "staff:3"], None)


async def test_head_keeps_the_agents_of_his_units_and_sees_no_others(http: httpx.AsyncClient) -> None:
    head = as_("h", "unit_head", units=(UNIT,))
    assert (await put(http, "1", head)).status_code == 200
    assert faults(await put(http, "2", head, units=[UNIT, "setjen"])) == ["units"]
    await put(http, "3", units=["setjen"])
    await put(http, "4", units=[UNIT, "setjen"])
    refusal(await http.get("/v1/agents/staff:3", headers=head), 404, "not_found")
    for number in ("3", "4"):
        refusal(await put(http, number, head), 403, "forbidden")
        refusal(await http.post(f"/v1/agents/staff:{number}:release", headers=head), 403, "forbidden")
        refusal(await http.delete(f"/v1/agents/staff:{number}", headers=head), 403, "forbidden")
    listed = (await http.get("/v1/agents", headers=head)).json()["items"]
    assert [item["subject"] for item in listed] == ["staff:1", "staff:4"]
    refusal(await put(http, "1", as_("1")), 403, "forbidden")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"units": ["nowhere"]}, "units"),
        ({"capacity": -1}, "capacity"),
        ({"role": "raja"}, "role"),
        ({"zone": "Asia/Bandung"}, "zone"),
        ({"languages": ["Indonesia"]}, "languages.0"),
        ({"shifts": [{"day": "mon", "start": "8", "end": "16:00"}]}, "shifts.0.start"),
        ({"shifts": [{"day": "monday", "start": "08:00", "end": "16:00"}]}, "shifts.0.day"),
    ],
)
async def test_agent_that_cannot_be_is_refused(http: httpx.AsyncClient, changes: dict[str, Any], field: str) -> None:
    assert faults(await put(http, "1", **changes)) == [field]


async def test_presence_is_declared_for_a_while_by_who_is_on_the_roster(
    running: Running, http: httpx.AsyncClient
) -> None:
    refusal(await http.put("/v1/me/presence", headers=as_("1"), json={"presence": "available"}), 404, "not_found")
    await put(http, "1")
    there = await be_there(http, "1", minutes=15)
    assert there == {
        "presence": "available",
        "present_until": f"{running.clock() + timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}",
    }
    assert await be_there(http, "1", "away") == {"presence": "away", "present_until": None}
    for minutes in (0, 721):
        body = {"presence": "available", "minutes": minutes}
        assert faults(await http.put("/v1/me/presence", headers=as_("1"), json=body)) == ["minutes"]
    refusal(await http.put("/v1/me/presence", headers=as_("1", "officer"), json=body), 403, "forbidden")
