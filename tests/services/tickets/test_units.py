"""Units: they have a name, a slug that everything goes by, and staff who see their cases alone."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from services.tickets.domain.units import slug_of
from shared.caller import Role
from shared.clock import utcnow
from shared.events import TicketEscalated
from shared.staff_tokens import StaffTokens
from shared.visibility import Visibility
from tests.conftest import SECRETS, staff_header
from tests.factories import contact
from tests.services.tickets.conftest import Running, faults, refusal

SUPERVISOR = staff_header("supervisor")
WAGES = "Perusahaan tidak membayar upah kami."


def of_units(role: Role, *units: str) -> dict[str, str]:
    """The header of a member of staff who sees the cases of these units alone."""
    token = StaffTokens(SECRETS).issue("unit's", [role], utcnow(), timedelta(hours=1), Visibility(frozenset(units)))
    return {"Authorization": f"Bearer {token}"}


DISBURSING = of_units("agent", "prakerja-pencairan")


async def test_units_are_those_of_the_topics_by_their_names(http: httpx.AsyncClient) -> None:
    units = (await http.get("/v1/units", headers=staff_header("agent"))).json()["items"]
    assert {"slug": "prakerja-pencairan", "name": "Prakerja / pencairan", "parent": None, "auto_assign": False} in units
    assert [unit["name"] for unit in units] == sorted((unit["name"] for unit in units), key=str.lower)


async def test_unit_is_renamed_and_its_cases_go_on_under_its_slug(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answer = await http.put("/v1/units/prakerja-pencairan", headers=SUPERVISOR, json={"name": "Pencairan insentif"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Pencairan insentif")
    shown = (await http.get(f"/v1/tickets/{ticket}", headers=SUPERVISOR)).json()
    assert (shown["unit"], shown["unit_name"]) == ("prakerja-pencairan", "Pencairan insentif")


@pytest.mark.parametrize(
    ("slug", "body", "field"),
    [
        ("Setjen", {"name": "Setjen"}, "slug"),
        ("set--jen", {"name": "Setjen"}, "slug"),
        ("x" * 64, {"name": "Setjen"}, "slug"),
        ("setjen", {"name": " "}, "name"),
        ("setjen", {"name": "Set\njen"}, "name"),
        ("setjen", {}, "name"),
    ],
)
async def test_unit_with_a_slug_or_a_name_that_is_none_is_refused(
    http: httpx.AsyncClient, slug: str, body: object, field: str
) -> None:
    assert faults(await http.put(f"/v1/units/{slug}", headers=SUPERVISOR, json=body)) == [field]


@pytest.mark.parametrize("who", [staff_header("agent"), of_units("supervisor", "setjen")])
async def test_unit_is_kept_by_a_supervisor_of_all_of_them(http: httpx.AsyncClient, who: dict[str, str]) -> None:
    refusal(await http.put("/v1/units/setjen", headers=who, json={"name": "Setjen"}), 403, "forbidden")


async def test_case_is_not_sent_to_a_unit_that_is_not_there(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    answer = await http.post(f"/v1/tickets/{ticket}/escalate", headers=SUPERVISOR, json={"unit": "Stejen"})
    assert faults(answer) == ["unit"]
    assert (await http.get(f"/v1/tickets/{ticket}", headers=SUPERVISOR)).json()["status"] == "open"


async def test_case_is_sent_to_a_unit_by_its_slug_or_its_name(running: Running, http: httpx.AsyncClient) -> None:
    for name in ("setjen", "SETJEN", " Setjen "):
        ticket = await running.bring()
        shown = await http.post(f"/v1/tickets/{ticket}/escalate", headers=SUPERVISOR, json={"unit": name})
        assert (shown.json()["unit"], shown.json()["unit_name"]) == ("setjen", "Setjen")
    told = (await running.published())[-1]
    assert isinstance(told, TicketEscalated)
    assert (told.data.unit, told.data.unit_name, told.data.handled_by) == ("setjen", "Setjen", "Setjen")


async def test_tickets_of_other_units_are_neither_listed_nor_found(running: Running, http: httpx.AsyncClient) -> None:
    own, other = await running.bring(), await running.bring(body=WAGES)
    listed = (await http.get("/v1/tickets", headers=DISBURSING)).json()["items"]
    assert [item["id"] for item in listed] == [own]
    assert (await http.get("/v1/tickets", headers=DISBURSING, params={"unit": "pengawas"})).json()["items"] == []
    for way in ("", "/entries", "/audit"):
        assert (await http.get(f"/v1/tickets/{own}{way}", headers=DISBURSING)).status_code == 200
        refusal(await http.get(f"/v1/tickets/{other}{way}", headers=DISBURSING), 404, "not_found")


@pytest.mark.parametrize(("verb", "body"), [("reply", {"body": "Ya."}), ("escalate", {}), ("resolve", {})])
async def test_verb_on_a_ticket_of_another_unit_finds_none(
    running: Running, http: httpx.AsyncClient, verb: str, body: object
) -> None:
    other = await running.bring(body=WAGES)
    refusal(await http.post(f"/v1/tickets/{other}/{verb}", headers=DISBURSING, json=body), 404, "not_found")
    assert (await http.post(f"/v1/tickets/{other}/{verb}", headers=SUPERVISOR, json=body)).status_code == 200


async def test_ticket_that_went_to_another_unit_is_seen_there_and_no_longer_here(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    await http.post(f"/v1/tickets/{ticket}/escalate", headers=DISBURSING, json={"unit": "setjen"})
    refusal(await http.get(f"/v1/tickets/{ticket}", headers=DISBURSING), 404, "not_found")
    assert (await http.get(f"/v1/tickets/{ticket}", headers=of_units("agent", "setjen"))).status_code == 200


async def test_staff_of_no_unit_see_nothing(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring()
    assert (await http.get("/v1/tickets", headers=of_units("supervisor"))).json()["items"] == []


async def test_citizen_finds_his_case_by_its_code_whoever_handles_it(running: Running, http: httpx.AsyncClient) -> None:
    brought = contact(body=WAGES)
    await running.receive(brought)
    tracked = (await http.get(f"/v1/track/{brought.data.tracking_code}")).json()
    assert (tracked["unit"], tracked["unit_name"]) == ("pengawas", "pengawas")


async def test_default_unit_gets_its_row(running: Running) -> None:
    await running.bring(body="Halo")
    assert await running.rows("SELECT name FROM units WHERE slug = 'contact-centre'") == [("contact centre",)]


@pytest.mark.parametrize(
    "name", ["Prakerja / pencairan", " -a- ", "x" * 80, "x" * 62 + "--y", "人社局", "É", "İ", "a_b"]
)
async def test_slug_of_the_migration_is_that_of_the_service(running: Running, name: str) -> None:
    [row] = await running.rows("SELECT tickets.unit_slug(:name) AS slug", name=name)
    assert row.slug == slug_of(name)


# -- units of units ---------------------------------------------------------------------------------------------


async def belongs(http: httpx.AsyncClient, unit: str, to: str | None) -> httpx.Response:
    return await http.put(f"/v1/units/{unit}", headers=SUPERVISOR, json={"name": unit, "parent": to})


@pytest.mark.parametrize(("role", "sees_below"), [("supervisor", True), ("unit_head", True), ("agent", False)])
async def test_cases_of_units_below_are_seen_by_who_heads_or_supervises(
    running: Running, http: httpx.AsyncClient, role: Role, sees_below: bool
) -> None:
    below, elsewhere = await running.bring(), await running.bring(body=WAGES)
    for unit, to in (("deputi", None), ("prakerja", "deputi"), ("prakerja-pencairan", "prakerja")):
        assert (await belongs(http, unit, to)).json()["parent"] == to
    who = of_units(role, "deputi")
    listed = (await http.get("/v1/tickets", headers=who)).json()["items"]
    assert [item["id"] for item in listed] == ([below] if sees_below else [])
    assert (await http.get(f"/v1/tickets/{below}", headers=who)).status_code == (200 if sees_below else 404)
    refusal(await http.get(f"/v1/tickets/{elsewhere}", headers=who), 404, "not_found")
    units = (await http.get("/v1/me", headers=who)).json()["units"]
    assert units == (["deputi", "prakerja", "prakerja-pencairan"] if sees_below else ["deputi"])


async def test_unit_never_belongs_to_itself_nor_to_one_that_is_not_there(http: httpx.AsyncClient) -> None:
    for unit, to in (("a", None), ("b", "a"), ("c", "b")):
        assert (await belongs(http, unit, to)).status_code == 200
    for unit, to in (("a", "a"), ("a", "b"), ("a", "c"), ("d", "d"), ("a", "nowhere")):
        assert faults(await belongs(http, unit, to)) == ["parent"]


async def test_two_units_that_are_put_below_each_other_at_once_do_not_lead_round(http: httpx.AsyncClient) -> None:
    for unit in "ab":
        await belongs(http, unit, None)
    answers = await asyncio.gather(belongs(http, "a", "b"), belongs(http, "b", "a"))
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_unit_that_is_renamed_stays_where_it_belongs(http: httpx.AsyncClient) -> None:
    await belongs(http, "a", None)
    await http.put("/v1/units/b", headers=SUPERVISOR, json={"name": "b", "parent": "a", "auto_assign": True})
    kept = (await http.put("/v1/units/b", headers=SUPERVISOR, json={"name": "Bagian"})).json()
    assert kept == {"slug": "b", "name": "Bagian", "parent": "a", "auto_assign": True}
    assert (await belongs(http, "b", None)).json()["parent"] is None


async def test_confidential_case_hides_its_citizen_from_who_is_only_above_its_unit(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    await belongs(http, "deputi", None)
    await belongs(http, "prakerja-pencairan", "deputi")
    body = {"privacy": "confidential"}
    assert (await http.post(f"/v1/tickets/{ticket}/privacy", headers=SUPERVISOR, json=body)).status_code == 200
    seen = {
        unit: (await http.get(f"/v1/tickets/{ticket}", headers=of_units("unit_head", unit))).json()["citizen"]["name"]
        for unit in ("prakerja-pencairan", "deputi")
    }
    assert seen["prakerja-pencairan"]
    assert seen["deputi"] != seen["prakerja-pencairan"]
