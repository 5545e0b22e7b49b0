"""A chat takes so many lines in a minute, and so much in all; who is refused is told how to go on."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from services.intake.consumers import receive_replies
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.intake.conftest import Running
from tests.services.intake.given import NOW, fields_of, problem_of, rows, ticket_replied
from tests.services.intake.test_chats import lines_of, opened, token_of
from tests.serving import serving

Replica = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def replica(common: CommonSettings, clock: FrozenClock) -> Replica:
    """One more instance of intake on the same database, that takes as much in a chat as its bounds say."""

    @asynccontextmanager
    async def start(**bounds: int) -> AsyncIterator[httpx.AsyncClient]:
        service = build(common, IntakeSettings(**{f"chat_{name}": value for name, value in bounds.items()}), clock)  # type: ignore[arg-type]
        async with serving(service, workers=[service.workers[0]]) as http:
            yield http

    return start


async def say(http: httpx.AsyncClient, chat: Any, body: str, key: str | None = None, **headers: str) -> httpx.Response:
    """What is answered to a further line, by the chat's own token unless `headers` say another."""
    named = {"Idempotency-Key": key} if key else {}
    return await http.post(lines_of(chat), headers={**token_of(chat), **named, **headers}, json={"body": body})


async def kept(running: Running) -> Any:
    """How much there is of everything that a line leaves behind."""
    (found,) = await rows(
        running.service.db,
        """
        SELECT (SELECT count(*) FROM intake.contacts), (SELECT count(*) FROM intake.outbox),
               (SELECT count(*) FROM intake.idempotency_keys),
               (SELECT string_agg(c::text, ' ' ORDER BY id) FROM intake.chats c)
        """,
    )
    return found


async def test_line_beyond_those_of_a_minute_is_refused_until_the_minute_is_over(
    running: Running, replica: Replica, clock: FrozenClock
) -> None:
    async with replica(lines_per_minute=3) as http:
        chat = await opened(running, body="satu")
        clock.forward(seconds=12)
        assert [(await say(http, chat, body)).status_code for body in ("dua", "tiga")] == [202, 202]
        before = await kept(running)
        refused = await say(http, chat, "empat", key="k-4")
        assert problem_of(refused) == (429, "rate_limited")
        assert (refused.headers["retry-after"], fields_of(refused)) == ("48", ["chat_id"])
        clock.forward(seconds=47)
        assert (await say(http, chat, "empat", key="k-4")).headers["retry-after"] == "1"
        assert await kept(running) == before, "nothing is half done"
        clock.forward(seconds=1)
        answers = [await say(http, chat, f"lagi {number}", key=f"k-{number}") for number in (4, 5, 6, 7)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        lines = (await http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
        assert [line["id"] for line in lines] == [1, 2, 3, 4, 5, 6], "no place in the chat is left out"


@pytest.mark.parametrize(("bounds", "body"), [({"lines": 3}, "a"), ({"characters": 10}, "lima.")])
async def test_chat_that_is_full_stays_so_and_says_how_to_go_on(
    running: Running, replica: Replica, clock: FrozenClock, bounds: dict[str, int], body: str
) -> None:
    chat, other = await opened(running, body=body[:1]), await opened(running, body="b")
    async with replica(**bounds) as http:
        assert [(await say(http, chat, body)).status_code for _ in range(2)] == [202, 202]
        before = await kept(running)
        assert problem_of(await say(http, chat, body)) == (409, "chat_full")
    clock.forward(hours=24)
    async with replica(**bounds) as http:  # an instance that was not there before knows it all the same
        refused = await say(http, chat, body, key="k-4")
        assert problem_of(refused) == (409, "chat_full")
        assert "POST /v1/chats" in refused.json()["errors"][0]["expected"]
        assert await kept(running) == before
        assert (await say(http, other, body[:1])).status_code == 202, "each chat has room of its own"


async def test_line_that_reaches_the_characters_of_a_chat_is_kept_whole(running: Running, replica: Replica) -> None:
    async with replica(characters=10) as http:
        chat = await opened(running, body="123456789")
        assert (await say(http, chat, "Panjang sekali. " * 1_000)).status_code == 202
        assert problem_of(await say(http, chat, "a")) == (409, "chat_full")


async def test_line_that_was_accepted_gets_its_first_answer_however_full_its_chat_is(
    running: Running, replica: Replica
) -> None:
    async with replica(lines=3) as http:
        chat = await opened(running, body="satu")
        first = await say(http, chat, "dua", key="k-2")
        again = [await say(http, chat, "dua", key="k-2") for _ in range(5)]
        assert {answer.text for answer in again} == {first.text}, "and takes no room"
        assert (await say(http, chat, "tiga")).status_code == 202
        assert problem_of(await say(http, chat, "empat")) == (409, "chat_full")
        last = await say(http, chat, "dua", key="k-2")
        assert (last.status_code, last.text, last.headers["idempotency-replayed"]) == (202, first.text, "true")
        assert problem_of(await say(http, chat, "lain", key="k-2")) == (422, "idempotency_key_reused")


async def test_line_that_is_sent_many_times_at_once_takes_the_room_of_one(running: Running, replica: Replica) -> None:
    async with replica(lines=3) as http:
        chat = await opened(running, body="satu")
        lines = [("dua", "k-2")] * 6 + [("tiga", "k-3")] * 6
        answers = await asyncio.gather(*(say(http, chat, body, key) for body, key in lines))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 2


async def test_room_of_a_chat_holds_for_many_lines_at_once_through_two_instances(
    running: Running, replica: Replica
) -> None:
    async with replica(lines_per_minute=10) as one, replica(lines_per_minute=10) as two:
        chat, other = await opened(running, body="satu"), await opened(running, body="Orang lain")
        lines = [say(http, chat, f"baris {n}", key=f"k-{n}") for n, http in enumerate([one, two] * 20)]
        others = [say(http, other, "Permisi") for http in (one, two) * 4]
        answers = await asyncio.gather(*lines, *others)
    assert Counter(answer.status_code for answer in answers[:40]) == {202: 9, 429: 31}
    assert {answer.status_code for answer in answers[40:]} == {202}
    found = await rows(
        running.service.db,
        "SELECT lines, minute_lines, last_position FROM intake.chats WHERE id = :id",
        id=chat["chat_id"],
    )
    assert [tuple(row) for row in found] == [(10, 10, 10)]


async def test_chat_is_bounded_whoever_writes_in_it(running: Running, replica: Replica) -> None:
    async with replica(lines=4) as http:
        chat = await opened(running, body="satu")
        for header in (running.key, staff_header("agent"), token_of(chat)):
            assert (await say(http, chat, "Halo", **header)).status_code == 202
        for header in (running.key, staff_header("agent"), token_of(chat)):
            assert problem_of(await say(http, chat, "Halo", **header)) == (409, "chat_full")


async def test_answers_of_agents_take_no_room(running: Running, replica: Replica) -> None:
    chat = await opened(running, body="satu")
    async with running.service.db.transaction() as session:
        await receive_replies(session, [ticket_replied(chat["chat_id"]) for _ in range(5)], NOW)
    async with replica(lines=3) as http:
        assert [(await say(http, chat, "Baik")).status_code for _ in range(3)] == [202, 202, 409]
