"""What a visit brings is a contact as any other: contacts by channel add up to what tickets is told."""

import pytest

from shared.events import ContactReceived
from shared.telemetry import ACCEPTED
from tests.services.intake.booths.given import BUDI, do, press
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, events_in_outbox, rows


def accepted() -> float:
    """How many contacts of booths were counted."""
    return float(ACCEPTED.labels("booth")._value.get())


@pytest.mark.parametrize("verb", ["settle", "escalate"])
async def test_visit_that_ends_is_kept_as_the_contact_that_its_event_tells_of(running: Running, verb: str) -> None:
    before = accepted()
    visit = await press(running, programme_number="3201000000001234")
    await do(running, visit, "call")
    assert await count(running.service.db, "contacts") == 0
    ended = await do(running, visit, verb, phone="0812-5550-1234", body="Kartu hilang.", subject="Kartu")
    [kept] = await rows(running.service.db, "SELECT * FROM intake.contacts")
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (kept.channel, str(kept.id), kept.tracking_code) == ("booth", ended["contact_id"], visit["tracking_code"])
    assert (kept.phone, kept.subject, kept.body, kept.client) == (
        "+6281255501234",
        "Kartu",
        "Kartu hilang.",
        "staff:budi",
    )
    assert kept.programme_number_last4 == "1234"
    assert (event.data.contact_id, event.data.body) == (kept.id, kept.body)
    assert accepted() - before == 1


async def test_contact_of_a_visit_that_ends_twice_is_one(running: Running) -> None:
    visit = await press(running)
    await do(running, visit, "call")
    named = {**BUDI, "Idempotency-Key": "k-1"}
    answers = [await running.http.post(f"/v1/visits/{visit['id']}/settle", headers=named) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await running.http.post(f"/v1/visits/{visit['id']}/settle", headers=BUDI)).status_code == 409
    assert await count(running.service.db, "contacts") == 1
