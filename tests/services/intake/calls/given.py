"""What a test of calls begins with, and how it looks at what was kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.domain.call_events import CallEvent, Kind
from shared.clock import utcnow
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS
from tests.services.intake.conftest import Running
from tests.services.intake.given import rows

NINE = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Nine o'clock in Jakarta."""
NUMBER = "+6281255501207"
DAY = {"from": "2026-03-13", "to": "2026-03-13"}
PUBLIC_URL = "https://satuatap.example"
AUTH_TOKEN, SHARED_KEY, CTI_TOKEN, ASTERISK_TOKEN = "12345", "shared-1", "cti-1", "asterisk-1"


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


def officer(name: str) -> dict[str, str]:
    """The header of the officer `name`."""
    token = StaffTokens(SECRETS).issue(name, ["agent"], utcnow(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


async def abandon(running: Running, call_id: str, minute: int = 0, caller: str = NUMBER) -> None:
    """A caller waits, and gives up in this minute after nine."""
    await open_call(running, call_id, caller)
    await tell(running, "queued", minute * 60, call_id, queue="umum")
    await tell(running, "abandoned", minute * 60 + 30, call_id, queue="umum")


async def listed(running: Running, status: str = "open") -> list[Any]:
    """The call-backs of this status."""
    answer = await running.http.get("/v1/callbacks", headers=officer("siti"), params={"status": status})
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def do(running: Running, callback: Any, verb: str, name: str = "siti") -> Any:
    """What an officer is answered who does this with a call-back."""
    return await running.http.post(f"/v1/callbacks/{callback['id']}/{verb}", headers=officer(name))


async def figures(running: Running, staff: dict[str, str], **query: str) -> Any:
    """The figures of the day."""
    answer = await running.http.get("/v1/calls/figures", headers=staff, params=DAY | query)
    assert answer.status_code == 200, answer.text
    return answer.json()
