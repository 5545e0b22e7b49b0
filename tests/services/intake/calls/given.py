"""What a test of calls begins with, and how it looks at what was kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.domain.call_events import CallEvent, Kind
from tests.services.intake.conftest import Running
from tests.services.intake.given import rows

NINE = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Nine o'clock in Jakarta."""
NUMBER = "+6281255501207"


def at(seconds: float) -> datetime:
    """So many seconds after nine."""
    return NINE + timedelta(seconds=seconds)


def event(kind: Kind, seconds: float, queue: str = "", **more: Any) -> CallEvent:
    """An event so many seconds after nine, named by what it is."""
    return CallEvent(f"{kind} {seconds} {queue}", kind, at(seconds), queue, **more)


async def open_call(running: Running, call_id: str = "k-77", caller: str = NUMBER, **headers: str) -> Any:
    """What a caller hears first."""
    form = {"call_id": call_id, "from": caller, "to": "1708", "at": NINE.isoformat()}
    answer = await running.http.post("/v1/calls", headers=running.key | headers, json=form)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def type_digits(running: Running, digits: str, call_id: str = "k-77") -> Any:
    """What the caller hears after he typed these."""
    answer = await running.http.post(f"/v1/calls/{call_id}/digits", headers=running.key, json={"digits": digits})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tell(running: Running, kind: str, seconds: float = 0, call_id: str = "k-77", **more: str) -> Any:
    """How a call stands after something was told of it."""
    form = {"event": kind, "at": at(seconds).isoformat(), **more}
    answer = await running.http.post(f"/v1/calls/{call_id}/events", headers=running.key, json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def calls(running: Running) -> list[Any]:
    """The rows of calls."""
    return await rows(running.service.db, "SELECT * FROM intake.calls ORDER BY opened_at, call_id")


def spoken(turn: Any) -> str:
    """All that a caller hears in a turn."""
    return " ".join(prompt["text"] for prompt in turn["say"])


PUBLIC_URL = "https://satuatap.example"
AUTH_TOKEN, SHARED_KEY, CTI_TOKEN, ASTERISK_TOKEN = "12345", "shared-1", "cti-1", "asterisk-1"
