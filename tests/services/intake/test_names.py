"""Names and subjects are one line on every route; what the citizen writes keeps its lines and its characters."""

from typing import Any

import pytest

from shared.events import ContactReceived
from tests.conftest import staff_header
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, events_in_outbox, fields_of, problem_of

BREAKS = "Budi\r\nBcc: semua@surel.example"
TURNED = "Budi \u202eidub"
LINES = "Baris satu\r\n\tbaris \u202edua\u202c\u200b\x07"


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/chats", "/v1/booths/B1/visits"])
async def test_names_and_subjects_that_are_no_line_are_refused_with_their_field(running: Running, path: str) -> None:
    for text in (BREAKS, TURNED, "Budi\u200b", "Budi\x1b[2J"):
        answer = await running.http.post(
            path, headers=running.key, json={"name": text, "subject": text, "body": "Halo"}
        )
        assert problem_of(answer) == (422, "invalid")
        assert fields_of(answer) == ["name", "subject"]
        assert answer.json()["errors"][0]["expected"] == "one line of text, without characters that are not seen"
        assert text not in answer.text
    assert (await count(running.service.db, "contacts"), await count(running.service.db, "visits")) == (0, 0)


async def test_name_that_an_officer_adds_at_the_booth_is_one_line(running: Running) -> None:
    officer = staff_header("agent")
    await running.http.post("/v1/booths/B1/visits", headers=running.key, json={})
    visit = (await running.http.post("/v1/booths/B1/call-next", headers=officer)).json()
    answer = await running.http.post(f"/v1/visits/{visit['id']}/settle", headers=officer, json={"name": BREAKS})
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["name"])


async def test_spaces_in_a_name_are_folded_and_a_body_is_kept_as_it_is(running: Running) -> None:
    form: dict[str, Any] = {"name": " Budi \t  Santoso ", "subject": "Kartu\tPrakerja", "body": LINES}
    assert (await running.http.post("/v1/contacts", headers=running.key, json=form)).status_code == 202
    (event,) = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (event.data.citizen.name, event.data.subject) == ("Budi Santoso", "Kartu Prakerja")
    assert event.data.body == LINES


async def test_name_of_tabs_alone_is_no_name(running: Running) -> None:
    form = {"name": " \t ", "body": "Halo"}
    assert (await running.http.post("/v1/contacts", headers=running.key, json=form)).status_code == 202
    (event,) = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert event.data.citizen.name is None
