"""What identifies a citizen is sealed where it is kept, and is nowhere in the logs."""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import InvalidToken

from shared import telemetry
from shared.events import ContactReceived
from shared.seal import Seal
from shared.secret import Secrets
from tests.conftest import SECRETS as OURS
from tests.services.intake.conftest import Running
from tests.services.intake.given import events_in_outbox, rows

NUMBER = "3201234567891234"
SECRETS = {
    "name": "Wargasatu Rahasia",
    "email": "rahasia@surel.example",
    "phone": "0812-5550-1234",
    "programme_number": NUMBER,
    "subject": "Perihalku",
    "body": "Insentifku belum cair.",
}
NEVER_SHOWN = ["Wargasatu", "rahasia@", "5550-1234", "81255501234", NUMBER, NUMBER[-4:], "Perihalku", "Insentifku"]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """What a service writes to its standard output: logs as JSON lines, configured as for real."""
    written, before = tmp_path / "log", structlog.get_config()
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    with written.open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        vars(telemetry.log).pop("bind", None)
        telemetry.configure("intake", "test", "debug")
        yield written.read_text
    vars(telemetry.log).pop("bind", None)  # structlog keeps the first configuration that it saw in use
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def without_chance(text: str) -> str:
    """`text` without ids and moments, in which any four digits may stand."""
    return re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}|[0-9-]{10}T[0-9:.]+Z", "", text)


async def everything(running: Running) -> str:
    """All that intake' tables and events hold, as text."""
    tables = ["contacts", "visits", "outbox", "idempotency_keys", "chats"]
    found = [await rows(running.service.db, f"SELECT row_to_json(t)::text FROM intake.{table} t") for table in tables]
    return "\n".join(row[0] for table in found for row in table)


async def test_programme_number_is_kept_sealed(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    await running.http.post("/v1/contacts", headers=headers, json=SECRETS)
    assert NUMBER not in await everything(running)
    [row] = await rows(
        running.service.db, "SELECT programme_number_sealed, programme_number_last4 FROM intake.contacts"
    )
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert (row.programme_number_last4, event.data.programme_number_last4) == ("1234", "1234")
    assert event.data.programme_number_sealed == row.programme_number_sealed
    assert Seal(OURS).open(row.programme_number_sealed) == NUMBER


async def test_nik_is_kept_sealed_and_equal_ones_have_an_equal_index(running: Running) -> None:
    for typed in (NUMBER, "3201 2345 6789.1234", "3201234567891235"):
        form = {**SECRETS, "programme_number": NUMBER, "nik": typed}
        assert (await running.http.post("/v1/contacts", headers=running.key, json=form)).status_code == 202
    assert NUMBER not in await everything(running)
    kept = await rows(running.service.db, "SELECT nik_sealed, nik_last4 FROM intake.contacts ORDER BY id")
    assert [(Seal(OURS).open(row.nik_sealed), row.nik_last4) for row in kept] == [
        (NUMBER, "1234"),
        (NUMBER, "1234"),
        ("3201234567891235", "1235"),
    ]
    told = [event.data for event in await events_in_outbox(running.service.db) if isinstance(event, ContactReceived)]
    assert told[0].nik_index == told[1].nik_index != told[2].nik_index
    assert told[0].programme_number_index == told[1].programme_number_index
    assert told[0].nik_index != told[0].programme_number_index, "sixteen digits do not tell the two kinds apart"
    assert told[0].nik_index != Seal(Secrets(("another secret of more than 32 characters too",))).index("nik", NUMBER)


async def test_programme_number_at_the_booth_is_kept_sealed(running: Running, staff: dict[str, str]) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    await running.http.post("/v1/booths/B1/visits", headers=headers, json=SECRETS)
    visit = (await running.http.post("/v1/booths/B1/call-next", headers=staff)).json()
    await running.http.post(f"/v1/visits/{visit['id']}/escalate", headers=staff, json={"nik": NUMBER})
    assert NUMBER not in await everything(running)
    [event] = await events_in_outbox(running.service.db)
    assert isinstance(event, ContactReceived)
    assert Seal(OURS).open(event.data.programme_number_sealed or "") == NUMBER
    assert Seal(OURS).open(event.data.nik_sealed or "") == NUMBER
    indices = (event.data.programme_number_index, event.data.nik_index)
    assert indices == (Seal(OURS).index("programme_number", NUMBER), Seal(OURS).index("nik", NUMBER))


def test_seal_of_another_installation_is_not_opened() -> None:
    sealed = Seal(OURS).close(NUMBER)
    with pytest.raises(InvalidToken):
        Seal(Secrets(("another secret of more than 32 characters too",))).open(sealed)


def test_seals_of_one_number_are_all_different() -> None:
    assert Seal(OURS).close(NUMBER) != Seal(OURS).close(NUMBER)


async def test_number_of_four_digits_is_not_readable_as_a_whole(running: Running) -> None:
    await running.http.post("/v1/contacts", headers=running.key, json={**SECRETS, "programme_number": "1234"})
    [row] = await rows(running.service.db, "SELECT programme_number_last4 FROM intake.contacts")
    assert row.programme_number_last4 != "1234"


async def test_last_four_digits_are_digits(running: Running) -> None:
    spaced = {**SECRETS, "programme_number": "3201 2345 6789 12-3 4"}
    await running.http.post("/v1/contacts", headers=running.key, json=spaced)
    [row] = await rows(running.service.db, "SELECT programme_number_last4 FROM intake.contacts")
    assert row.programme_number_last4 == "1234"


async def test_logs_hold_nothing_of_the_citizen(
    logged: Callable[[], str], running: Running, staff: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Kept, repeated, refused, broken, at the booth: whatever happens, the lines name events and ids alone."""
    headers = {**running.key, "Idempotency-Key": "k-1"}
    for form in (SECRETS, SECRETS, {**SECRETS, "body": "Insentifku lain."}, {**SECRETS, "body": "Insentifku\0"}):
        await running.http.post("/v1/contacts", headers=headers, json=form)
    await running.http.post("/v1/contacts", headers=running.key, json={**SECRETS, "body": "Insentifku\0"})
    await running.http.post("/v1/contacts", headers=running.key, json={**SECRETS, "phone": "81255501234x5550-1234-000"})
    await running.http.post("/v1/chats", headers=running.key, json=SECRETS)
    visit = (await running.http.post("/v1/booths/B1/visits", headers=running.key, json=SECRETS)).json()
    await running.http.post("/v1/booths/B1/visits", headers=running.key, json={**SECRETS, "name": "Wargasatu\0"})
    await running.http.post("/v1/booths/B1/call-next", headers=staff)
    await running.http.post(f"/v1/visits/{visit['id']}/escalate", headers=staff, json=SECRETS)
    lines = without_chance(logged())
    assert "contacts.accepted" in lines
    assert [word for word in NEVER_SHOWN if word in lines + caplog.text] == []


async def test_refusal_does_not_quote_what_was_sent(running: Running) -> None:
    wrong = {**SECRETS, "phone": "81255501234x5550-1234-000", "email": "rahasia@surel", "name": "Wargasatu" * 30}
    answer = await running.http.post("/v1/contacts", headers=running.key, json=wrong)
    assert answer.status_code == 422
    assert [word for word in NEVER_SHOWN if word in without_chance(answer.text)] == []
