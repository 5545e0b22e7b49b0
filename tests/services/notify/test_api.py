"""What staff see of the notices, and decide about them; addresses are masked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from services.notify.domain.delivery import Acceptance, Doubt
from services.notify.domain.holds import READ_IN_CHAT, SHOWN_IN_CHAT
from services.notify.main import build
from services.notify.models import Notice
from services.notify.service.letters import Letters
from shared.api_keys import new_api_key
from shared.caller import Role
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.notify.conftest import MOST_AN_HOUR, Running
from tests.services.notify.given import answered_in_chat, opened, readings, replied, settings
from tests.services.notify.given import ledger as ledger_of
from tests.serving import serving

NOTICES = "/v1/notices"


@dataclass
class Office:
    """notify over HTTP, and its ledger."""

    http: httpx.AsyncClient
    running: Running

    async def uncertain(self) -> Notice:
        await self.running.enter(opened())
        [one] = await self.running.claim()
        await self.running.close([one], Doubt("broke off"))
        return one


@pytest_asyncio.fixture
async def office(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Office]:
    service = build(common, settings(), clock)
    letters = Letters("id")
    ledger = ledger_of(letters, most_an_hour=MOST_AN_HOUR)
    async with serving(service) as http:
        yield Office(http, Running(service.db, letters, ledger, clock))


async def listed(office: Office, staff: dict[str, str], **params: Any) -> Any:
    answer = await office.http.get(NOTICES, headers=staff, params=params)
    assert answer.status_code == 200
    return answer.json()


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_notices_of_a_ticket_oldest_first(office: Office, staff: dict[str, str]) -> None:
    case = new_id()
    await office.running.enter(opened(ticket_id=case), opened(), replied(ticket_id=case))
    page = await listed(office, staff, ticket=case)
    assert [(item["reason"], item["ticket_id"]) for item in page["items"]] == [
        ("opened", str(case)),
        ("replied", str(case)),
    ]
    assert page["next_cursor"] is None


async def test_addresses_are_masked_and_texts_are_not_shown(office: Office, staff: dict[str, str]) -> None:
    await office.running.enter(opened(), opened(citizen={"phone": "+6281234567890"}), opened(citizen={}))
    answer = await office.http.get(NOTICES, headers=staff)
    assert [item["to"] for item in answer.json()["items"]] == ["w***@surel.example", "**********7890", None]
    assert "Terima kasih" not in answer.text


async def test_address_of_whom_it_is_hidden_who_he_is_is_not_shown_in_part(
    office: Office, staff: dict[str, str]
) -> None:
    await office.running.enter(opened(privacy="anonymous"), opened(privacy="confidential"))
    page = await listed(office, staff)
    assert [(item["kind"], item["to"]) for item in page["items"]] == [("email", None)] * 2


async def test_those_of_a_status(office: Office, staff: dict[str, str]) -> None:
    one = await office.uncertain()
    await office.running.enter(opened())
    page = await listed(office, staff, status="uncertain")
    assert [(item["id"], item["error"], item["attempts"]) for item in page["items"]] == [(str(one.id), "broke off", 1)]
    assert (await listed(office, staff, status="failed"))["items"] == []


async def test_notice_that_is_held_is_listed_as_held_with_the_reason(office: Office, staff: dict[str, str]) -> None:
    answer = answered_in_chat()
    await office.running.enter(answer, opened(citizen={}))
    [held] = (await listed(office, staff, status="held"))["items"]
    assert (held["status"], held["error"], held["ended_at"]) == ("held", SHOWN_IN_CHAT, None)
    assert [item["status"] for item in (await listed(office, staff))["items"]] == ["held", "suppressed"]
    assert [item["reason"] for item in (await listed(office, staff, status="suppressed"))["items"]] == ["opened"]
    await office.running.learn(readings(read=[answer]))
    page = await listed(office, staff, status="suppressed", ticket=answer.data.ticket_id)
    assert [item["error"] for item in page["items"]] == [READ_IN_CHAT]
    assert (await listed(office, staff, status="held"))["items"] == []


async def test_person_lets_a_notice_go_that_is_held(office: Office, staff: dict[str, str]) -> None:
    await office.running.enter(answered_in_chat())
    [held] = (await listed(office, staff, status="held"))["items"]
    answer = await office.http.post(f"{NOTICES}/{held['id']}/decide", headers=staff, json={"decision": "send_again"})
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    assert len(await office.running.claim()) == 1


async def test_page_by_page_each_notice_once(office: Office, staff: dict[str, str]) -> None:
    await office.running.enter(*(opened() for _ in range(5)))
    seen, cursor = [], None
    while True:
        page = await listed(office, staff, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [str(row.id) for row in await office.running.notices()]


async def test_filter_that_cannot_be_is_named(office: Office, staff: dict[str, str]) -> None:
    for params in ({"status": "lost"}, {"ticket": "7"}, {"cursor": "7"}, {"limit": 0}, {"limit": 1_001}):
        answer = await office.http.get(NOTICES, headers=staff, params=params)
        assert problem_of(answer) == (422, "invalid")
        assert [error["field"] for error in answer.json()["errors"]] == list(params)


async def test_who_may_look_and_who_may_decide(office: Office) -> None:
    """Agents look; supervisors decide; an administrator does both; who reads figures does neither."""
    roles: tuple[Role, ...] = ("agent", "supervisor", "admin", "officer")
    looked, decided = {}, {}
    for role in roles:
        one = await office.uncertain()
        header, verb = staff_header(role), f"{NOTICES}/{one.id}/decide"
        looked[role] = (await office.http.get(NOTICES, headers=header)).status_code
        decided[role] = (await office.http.post(verb, headers=header, json={"decision": "arrived"})).status_code
    assert looked == {"agent": 200, "supervisor": 200, "admin": 200, "officer": 403}
    assert decided == {"agent": 403, "supervisor": 200, "admin": 200, "officer": 403}


async def test_integration_sees_nothing(office: Office) -> None:
    key, _, _ = new_api_key()
    for header in ({"Authorization": f"Bearer {key}"}, {}):
        answer = await office.http.get(NOTICES, headers=header)
        assert problem_of(answer) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_person_says_that_it_arrived_or_lets_it_be_sent_again(office: Office, staff: dict[str, str]) -> None:
    for decision, status in (("arrived", "accepted"), ("send_again", "queued")):
        one = await office.uncertain()
        answer = await office.http.post(f"{NOTICES}/{one.id}/decide", headers=staff, json={"decision": decision})
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert [row.status for row in await office.running.notices()] == ["accepted", "queued"]


async def test_what_was_decided_or_is_on_its_way_is_not_decided_again(office: Office, staff: dict[str, str]) -> None:
    one = await office.uncertain()
    verb = f"{NOTICES}/{one.id}/decide"
    assert (await office.http.post(verb, headers=staff, json={"decision": "arrived"})).status_code == 200
    again = await office.http.post(verb, headers=staff, json={"decision": "send_again"})
    assert problem_of(again) == (409, "nothing_to_decide")
    await office.running.enter(opened())
    [other] = await office.running.claim()
    verb = f"{NOTICES}/{other.id}/decide"
    assert problem_of(await office.http.post(verb, headers=staff, json={"decision": "arrived"}))[0] == 409
    await office.running.close([other], Acceptance())
    assert problem_of(await office.http.post(verb, headers=staff, json={"decision": "send_again"}))[0] == 409


async def test_decision_is_one_of_two_words_about_a_notice_that_is_there(office: Office, staff: dict[str, str]) -> None:
    nowhere = f"{NOTICES}/{new_id()}/decide"
    assert problem_of(await office.http.post(nowhere, headers=staff, json={"decision": "maybe"})) == (422, "invalid")
    answer = await office.http.post(nowhere, headers=staff, json={"decision": "arrived"})
    assert problem_of(answer) == (404, "not_found")


async def test_key_of_a_decision_lets_it_be_sent_again_once(office: Office, staff: dict[str, str]) -> None:
    one, headers = await office.uncertain(), {**staff, "Idempotency-Key": "k-1"}
    verb = f"{NOTICES}/{one.id}/decide"
    answers = [await office.http.post(verb, headers=headers, json={"decision": "send_again"}) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, answers[0].text)] * 2
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    other = await office.http.post(verb, headers=headers, json={"decision": "arrived"})
    assert problem_of(other) == (422, "idempotency_key_reused")


async def test_one_decision_for_many_says_of_each_what_became_of_it(office: Office, staff: dict[str, str]) -> None:
    some, nowhere = [str((await office.uncertain()).id) for _ in range(3)], str(new_id())
    form = {"decision": "send_again", "notices": [*some, nowhere, some[0]]}
    answer = await office.http.post(f"{NOTICES}:decide", headers=staff, json=form)
    assert answer.status_code == 200
    assert [(item["id"], item["status"]) for item in answer.json()["decided"]] == [(name, "queued") for name in some]
    assert [(item["id"], item["code"]) for item in answer.json()["undecided"]] == [(nowhere, "not_found")]
    assert {by for _, _, by in await office.running.settlements()} == {"staff:test"}


async def test_decision_for_many_names_at_least_one(office: Office, staff: dict[str, str]) -> None:
    for form in ({"decision": "arrived", "notices": []}, {"decision": "arrived"}):
        answer = await office.http.post(f"{NOTICES}:decide", headers=staff, json=form)
        assert problem_of(answer) == (422, "invalid")
