"""A booth with two services, and what people do there."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.intake.jobs.booths import BoothClock
from shared.caller import Role
from shared.clock import utcnow
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS
from tests.services.intake.conftest import Running

B1 = "/v1/booths/B1"
DESCRIBED: dict[str, Any] = {
    "zone": "Asia/Jakarta",
    "services": [{"name": "kartu-kuning", "prefix": "A"}, {"name": "pengaduan", "prefix": "B"}],
    "counters": [{"name": "1"}, {"name": "2", "services": ["pengaduan"]}],
    "dispensers": [{"device": "D1"}, {"device": "D2", "prefix": "X"}],
    "policy": {"calls_before_no_show": 3, "minutes_between_calls": 2, "priority_run": 2},
}


def person(name: str, *roles: Role) -> dict[str, str]:
    """The header of a member of staff."""
    token = StaffTokens(SECRETS).issue(name, roles or ("agent",), utcnow(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


BUDI, SITI, SUPERVISOR = person("budi"), person("siti"), person("kepala", "supervisor")


async def described(running: Running, booth: str = "B1", **changes: Any) -> Any:
    """A booth that a supervisor described."""
    policy = {**DESCRIBED["policy"], **changes.pop("policy", {})}
    form = {**DESCRIBED, **changes, "policy": policy}
    answer = await running.http.put(f"/v1/booths/{booth}", headers=SUPERVISOR, json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def press(running: Running, service: str | None = None, booth: str = "B1", **form: Any) -> Any:
    """What the dispenser gets for one press of its button."""
    body = {**({"service": service} if service else {}), **form}
    answer = await running.http.post(f"/v1/booths/{booth}/visits", headers=running.key, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def post(running: Running, path: str, who: dict[str, str] = BUDI, **form: Any) -> Any:
    """The answer to a verb."""
    return await running.http.post(path, headers=who, json=form or None)


async def do(running: Running, visit: Any, verb: str, who: dict[str, str] = BUDI, **form: Any) -> Any:
    """The visit after a verb that is carried out."""
    answer = await post(running, f"/v1/visits/{visit['id']}/{verb}", who, **form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def call_next(running: Running, who: dict[str, str] = BUDI, counter: str | None = None, booth: str = "B1") -> Any:
    """The visitor whom an officer calls next."""
    at = f"&counter={counter}" if counter else ""
    answer = await running.http.post(f"/v1/booths/{booth}/call-next?next=true{at}", headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(running: Running, visit: Any) -> Any:
    """The visit as it is now."""
    answer = await running.http.get(f"/v1/visits/{visit['id']}", headers=BUDI)
    assert answer.status_code == 200, answer.text
    return answer.json()


def clock_of(running: Running) -> BoothClock:
    """The booths' clock, which the test makes look."""
    (found,) = (worker for worker in running.service.workers if isinstance(worker, BoothClock))
    return found


async def change(running: Running, sql: str) -> None:
    """Changes rows behind the back of the service."""
    async with running.service.db.transaction() as session:
        await session.execute(text(sql))
