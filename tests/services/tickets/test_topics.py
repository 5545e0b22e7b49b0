"""Topics over HTTP: read, edited, retired, tried on a text; and models, which are put to work by name."""

import httpx
import numpy as np
import pytest

from services.tickets.domain.topics import LinearModel
from services.tickets.service import topic_models
from shared.ids import new_id
from tests.conftest import staff_header
from tests.services.tickets.conftest import Running, faults, refusal

AGENT, SUPERVISOR = staff_header("agent"), staff_header("supervisor")
WAGES = {"name": "upah, THR", "unit": "pengawas", "phrases": ["upah", "thr belum dibayar"], "required": ["body"]}
LEARNED = LinearModel(
    labels=("magang", "upah"),
    terms=("bengkel", "lembur"),
    parts=("<le",),
    weights=np.array([[2, -2], [-2, 2], [-1, 1]], dtype=np.float16),
    rarity=np.ones(3, dtype=np.float32),
    bias=np.zeros(2, dtype=np.float32),
    slope=1.0,
    offset=0.0,
)


async def choice(http: httpx.AsyncClient, text: str) -> dict[str, object]:
    answer = await http.post("/v1/topics:classify", headers=AGENT, json={"texts": [text]})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["items"][0]
    return found


async def test_topic_is_edited_in_versions_that_say_who_and_none_of_which_is_lost(http: httpx.AsyncClient) -> None:
    read = await http.get("/v1/topics/upah", headers=AGENT)
    assert (read.headers["ETag"], read.json()["edited_by"]) == ('"1"', "installation")
    changed = await http.put("/v1/topics/upah", headers=SUPERVISOR | {"If-Match": '"1"'}, json=WAGES)
    assert (changed.status_code, changed.headers["ETag"], changed.json()["edited_by"]) == (200, '"2"', "staff:test")
    same = await http.put("/v1/topics/upah", headers=SUPERVISOR, json=WAGES)
    assert same.json() == changed.json(), "what changes nothing is no version"
    late = await http.put("/v1/topics/upah", headers=SUPERVISOR | {"If-Match": '"1"'}, json=WAGES)
    assert faults(late, 412, "version_conflict") == ["If-Match"]

    history = (await http.get("/v1/topics/upah/versions?limit=1", headers=AGENT)).json()
    assert [version["phrases"] for version in history["items"]] == [WAGES["phrases"]]
    older = await http.get(f"/v1/topics/upah/versions?cursor={history['next_cursor']}", headers=AGENT)
    assert [(version["version"], version["phrases"]) for version in older.json()["items"]] == [
        (1, read.json()["phrases"])
    ]


async def test_topic_that_is_retired_is_given_to_no_case_and_comes_back_by_an_edit(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(body="Upah kami belum dibayar.")
    gone = await http.delete("/v1/topics/upah", headers=SUPERVISOR)
    assert (gone.json()["is_retired"], gone.json()["version"]) == (True, 2)
    listed = [topic["slug"] for topic in (await http.get("/v1/topics", headers=AGENT)).json()["items"]]
    everything = [topic["slug"] for topic in (await http.get("/v1/topics?retired=true", headers=AGENT)).json()["items"]]
    assert set(everything) - set(listed) == {"upah"}
    assert (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()["topic"] == "upah"
    assert (await choice(http, "Upah kami belum dibayar."))["is_triage"] is True
    running.clock.forward(seconds=11)
    back = await http.put("/v1/topics/upah", headers=SUPERVISOR, json=WAGES)
    assert (back.json()["is_retired"], back.json()["version"]) == (False, 3)


async def test_topic_is_added_behind_the_others_only_where_there_is_none(http: httpx.AsyncClient) -> None:
    new = {"name": "BPJS", "unit": "Setjen", "phrases": ["bpjs"]}
    added = await http.put("/v1/topics/bpjs", headers=SUPERVISOR | {"If-Match": '"0"'}, json=new)
    assert (added.status_code, added.json()["unit"], added.json()["required"]) == (200, "setjen", ["body"])
    again = await http.put("/v1/topics/bpjs", headers=SUPERVISOR | {"If-Match": '"0"'}, json=new)
    assert faults(again, 412, "version_conflict") == ["If-Match"]
    listed = (await http.get("/v1/topics", headers=AGENT)).json()["items"]
    assert listed[-1]["slug"] == "bpjs"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": "nowhere"}, "unit"),
        ({"phrases": ["???"]}, "phrases"),
        ({"required": ["shoe size"]}, "required.0"),
        ({"name": "two\nlines"}, "name"),
    ],
)
async def test_topic_that_leads_nowhere_is_refused(
    http: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    assert faults(await http.put("/v1/topics/upah", headers=SUPERVISOR, json=WAGES | change)) == [field]


async def test_topic_is_read_by_agents_and_edited_by_supervisors_alone(http: httpx.AsyncClient) -> None:
    refusal(await http.put("/v1/topics/upah", headers=AGENT, json=WAGES), 403, "forbidden")
    refusal(await http.delete("/v1/topics/upah", headers=AGENT), 403, "forbidden")
    refusal(await http.put("/v1/topic-models/active", headers=AGENT, json={"version": 1}), 403, "forbidden")
    refusal(await http.get("/v1/topics/nothing", headers=AGENT), 404, "not_found")


async def test_topic_of_a_text_is_told_with_its_unit_and_because_of_what(http: httpx.AsyncClient) -> None:
    assert await choice(http, "Intensif sy msh blm cair kak") == {
        "topic": "insentif",
        "topic_name": "insentif belum diterima",
        "unit": "prakerja-pencairan",
        "unit_name": "Prakerja / pencairan",
        "confidence": 0.95,
        "because": ["intensif … belum cair"],
        "is_triage": False,
    }
    nothing = await choice(http, "Selamat pagi")
    assert (nothing["topic"], nothing["unit"], nothing["is_triage"]) == (None, "contact-centre", True)


async def test_topic_of_a_case_is_kept_with_its_reasons_in_the_trail(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(subject="", body="Intensif saya masih belum cair.")
    opened = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()["audit"][0]
    assert opened["detail"].endswith("because of: intensif … belum cair (95%)")


async def test_model_is_asked_from_when_it_is_activated_to_when_it_is_not(
    running: Running, http: httpx.AsyncClient
) -> None:
    async with running.service.db.transaction() as session:
        version = await topic_models.keep(session, LEARNED, {"right": 1}, by="cli:test", now=running.clock())
    assert (await choice(http, "lembur"))["topic"] is None
    activated = await http.put("/v1/topic-models/active", headers=SUPERVISOR, json={"version": version})
    assert activated.json() == {"version": version}
    running.clock.forward(seconds=11)
    chosen = await choice(http, "lembur")
    assert (chosen["topic"], chosen["because"]) == ("upah", ["lembur"])
    shown = (await http.get(f"/v1/topic-models/{version}", headers=AGENT)).json()
    assert (shown["is_active"], shown["activated_by"], shown["report"]) == (True, "staff:test", {"right": 1})

    await http.put("/v1/topic-models/active", headers=SUPERVISOR, json={"version": None})
    running.clock.forward(seconds=11)
    assert (await choice(http, "lembur"))["topic"] is None
    kept = (await http.get("/v1/topic-models", headers=AGENT)).json()["items"]
    assert [(model["version"], model["is_active"]) for model in kept] == [(version, False)]


async def test_model_of_labels_that_are_no_topics_is_not_activated(running: Running, http: httpx.AsyncClient) -> None:
    stranger = LinearModel(("upah", f"t-{new_id()}"), *(getattr(LEARNED, name) for name in LinearModel.__slots__[1:]))
    async with running.service.db.transaction() as session:
        version = await topic_models.keep(session, stranger, {}, by="cli:test", now=running.clock())
    answer = await http.put("/v1/topic-models/active", headers=SUPERVISOR, json={"version": version})
    assert faults(answer, 409, "labels_are_no_topics") == ["version"]
    unknown = await http.put("/v1/topic-models/active", headers=SUPERVISOR, json={"version": version + 1})
    assert faults(unknown, 404, "not_found") == ["version"]
