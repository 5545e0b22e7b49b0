"""Staff tokens that were revoked work at no service; those made afterwards do."""

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import utcnow
from shared.db import Database
from shared.revocations import EVERYBODY, Revocations, revoke_tokens
from shared.runner import Service
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRETS
from tests.serving import serving

NAMES = ("intake", "tickets", "survey_index", "notify")
A_ROUTE = {
    "intake": "/v1/chats/00000000-0000-0000-0000-000000000000/messages",
    "tickets": "/v1/tickets",
    "survey_index": "/v1/surveys",
    "notify": "/v1/notices",
}


def token(subject: str, age: timedelta = timedelta()) -> dict[str, str]:
    made = StaffTokens(SECRETS).issue(subject, ["admin"], utcnow() - age, timedelta(days=1))
    return {"Authorization": f"Bearer {made}"}


async def revoke(db: Database, subject: str, age: timedelta = timedelta()) -> None:
    async with db.transaction() as session:
        before = utcnow() - age
        await revoke_tokens(session, db.schema, subject, before=before, by="cli:test", now=utcnow())


@pytest.mark.parametrize("name", NAMES)
async def test_token_of_a_revoked_subject_is_refused_by_every_service(services: dict[str, Service], name: str) -> None:
    service = services[name]
    lost, others = token("7"), token("8")
    await revoke(service.db, "7")
    again = token("7")
    async with serving(service) as http:
        answers = [await http.get(A_ROUTE[name], headers=headers) for headers in (lost, others, again)]
    assert [answer.status_code == 401 for answer in answers] == [True, False, False]
    assert "was revoked" in answers[0].json()["detail"]


async def test_tokens_of_everybody_from_before_a_moment_are_refused(services: dict[str, Service]) -> None:
    service, hour = services["tickets"], timedelta(hours=1)
    await revoke(service.db, EVERYBODY, age=hour)
    async with serving(service) as http:
        answers = [
            await http.get("/v1/tickets", headers=token(who, age))
            for who in ("7", "8")
            for age in (2 * hour, timedelta(minutes=1))
        ]
    assert [answer.status_code for answer in answers] == [401, 200, 401, 200]


async def test_revocation_is_never_taken_back_by_an_earlier_one(common: CommonSettings) -> None:
    db, hour = Database(common.database_url, schema="tickets"), timedelta(hours=1)
    await revoke(db, "7")
    await revoke(db, "7", age=hour)
    assert await Revocations.of(db).has_ended("7", utcnow() - timedelta(seconds=30))
    await db.close()


async def test_revocations_are_looked_up_once_for_many_that_ask_and_again_after_an_outage() -> None:
    looks: list[Any] = []

    async def load() -> dict[str, Any]:
        looks.append(None)
        if len(looks) == 1:
            raise OSError("away")
        return {"7": utcnow() + timedelta(hours=1)}

    revocations = Revocations(load)
    with pytest.raises(OSError, match="away"):
        await revocations.has_ended("7", utcnow())
    assert [await revocations.has_ended(who, utcnow()) for who in ("7", "8", "7")] == [True, False, True]
    assert len(looks) == 2
