"""Telephone calls by Asterisk's queue_log: lines that come again, in any order, and some that cannot be read."""

import random
from typing import Any

import pytest

from tests.services.intake.calls.given import ASTERISK_TOKEN, NUMBER, calls
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, problem_of, rows

T = 1_773_367_200
TOKEN = {"Authorization": f"Bearer {ASTERISK_TOKEN}"}


def line(seconds: int, call_id: str, queue: str, member: str, event: str, *more: object) -> str:
    return "|".join(map(str, (T + seconds, call_id, queue, member, event, *more)))


def enter(seconds: int, call_id: str, queue: str, caller: str = "081255501207") -> str:
    return line(seconds, call_id, queue, "NONE", "ENTERQUEUE", "", caller, 1)


async def send(running: Running, lines: list[Any]) -> Any:
    answer = await running.http.post("/v1/hooks/asterisk", headers=TOKEN, json=lines)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def counted(running: Running, queue: str = "") -> dict[str, int]:
    """What was counted for a queue, or for the house."""
    sql = "SELECT figure, sum(count) AS n FROM intake.call_tallies WHERE queue = :queue GROUP BY figure"
    return {row.figure: row.n for row in await rows(running.service.db, sql, queue=queue) if row.n}


LOOP = [
    *(enter(turn * 180, "l-1", "umum") for turn in range(5)),
    *(line((turn + 1) * 180, "l-1", "umum", "NONE", "EXITWITHTIMEOUT", 1, 1, 180) for turn in range(4)),
    line(750, "l-1", "umum", "NONE", "ABANDON", 1, 1, 30),
]
TRANSFER = [
    enter(0, "t-1", "umum"),
    line(10, "t-1", "umum", "SIP/siti", "CONNECT", 10, "chan-1", 3),
    enter(60, "t-2", "banding", "SIP/siti"),
    line(75, "t-1", "banding", "SIP/budi", "CONNECT", 15, "chan-2", 4),
    line(80, "t-1", "umum", "SIP/siti", "ATTENDEDTRANSFER", "BRIDGE", "b-1"),
    line(200, "t-1", "banding", "SIP/budi", "COMPLETECALLER", 15, 125, 1),
]
RING_ALL = [
    enter(0, "r-1", "umum"),
    *(line(5, "r-1", "umum", f"SIP/{n}", "RINGNOANSWER", 0 if n < 2 else 5_000) for n in range(5)),
    line(9, "r-1", "umum", "SIP/siti", "CONNECT", 9, "chan", 4),
    line(60, "r-1", "umum", "SIP/siti", "COMPLETEAGENT", 9, 51, 1),
]


@pytest.mark.parametrize("seed", range(6))
async def test_stays_of_a_loop_are_one_call_with_the_sum_of_its_waits(opened: Running, seed: int) -> None:
    """P4 (a)."""
    lines = LOOP + LOOP
    random.Random(seed).shuffle(lines)
    for part in (lines[:7], lines[7:11], lines[11:]):
        await send(opened, part)
    [call] = await calls(opened)
    assert (call.outcome, call.wait_seconds, call.caller) == ("abandoned", 750, NUMBER)
    assert await counted(opened) == await counted(opened, "umum") == {"offered": 1, "abandoned": 1}


@pytest.mark.parametrize("seed", range(8))
async def test_consult_leg_is_no_abandoned_citizen_and_each_queue_shows_its_stay(opened: Running, seed: int) -> None:
    """P4 (b), whatever comes first, line by line."""
    lines = TRANSFER + TRANSFER
    random.Random(seed).shuffle(lines)
    for each in lines:
        await send(opened, [each])
    assert await counted(opened) == {"offered": 1, "answered": 1}
    assert await counted(opened, "umum") == {"offered": 1, "answered": 1}
    assert await counted(opened, "banding") == {"offered": 1, "answered": 1}
    found = {call.call_id: call for call in await calls(opened)}
    assert (found["t-2"].is_consult, found["t-1"].is_consult, found["t-1"].wait_seconds) == (True, False, 10)


async def test_caller_who_enters_as_somebody_is_passed_on_is_still_a_caller(opened: Running) -> None:
    await send(opened, [*TRANSFER, enter(60, "other", "banding")])
    await send(opened, [line(90, "other", "banding", "NONE", "ABANDON", 1, 1, 30)])
    assert (await counted(opened))["abandoned"] == 1


async def test_phones_that_rang_in_vain_are_no_missed_calls(opened: Running) -> None:
    """P5."""
    await send(opened, RING_ALL)
    assert await counted(opened) == {"offered": 1, "answered": 1}


@pytest.mark.parametrize(("event", "cause"), [("EXITWITHTIMEOUT", "timeout"), ("EXITEMPTY", "empty")])
async def test_caller_whom_the_queue_gives_up_is_unanswered_with_its_reason(
    opened: Running, event: str, cause: str
) -> None:
    await send(opened, [enter(0, "e-1", "umum"), line(60, "e-1", "umum", "NONE", event, 1, 1, 60)])
    [call] = await calls(opened)
    assert (call.outcome, call.cause, await counted(opened)) == ("unanswered", cause, {"offered": 1, "unanswered": 1})


async def test_lines_that_come_again_change_nothing(opened: Running) -> None:
    await send(opened, [*LOOP, *TRANSFER, *RING_ALL])
    before = await rows(opened.service.db, "SELECT * FROM intake.call_tallies ORDER BY 1, 2, 3, 4")
    await send(opened, [*RING_ALL, *LOOP, *TRANSFER])
    assert await rows(opened.service.db, "SELECT * FROM intake.call_tallies ORDER BY 1, 2, 3, 4") == before
    assert await count(opened.service.db, "callbacks") == 1


async def test_lines_may_come_as_text(opened: Running) -> None:
    text = "\n".join([*RING_ALL, ""])
    answer = await opened.http.post("/v1/hooks/asterisk", headers=TOKEN | {"Content-Type": "text/plain"}, content=text)
    assert answer.json() == {"taken": 8, "unreadable": []}
    assert await counted(opened) == {"offered": 1, "answered": 1}


BAD = [
    *("", "x", 7, None, "zero|k|q|m|CONNECT|1", "1e999|k|q|m|CONNECT|1"),
    *(f"{T}|k\0|q|m|CONNECT|1", f"{T}|{'k' * 200}|q|m|CONNECT|1"),
]


@pytest.mark.parametrize("bad", BAD)
async def test_line_that_cannot_be_read_is_kept_with_its_reason_beside_good_ones(opened: Running, bad: object) -> None:
    taken = await send(opened, [*RING_ALL[:4], bad, *RING_ALL[4:]])
    assert taken == {"taken": 8, "unreadable": ["lines[4]"]}
    assert await counted(opened) == {"offered": 1, "answered": 1}
    [kept] = await rows(opened.service.db, "SELECT channel, account, status, faults FROM intake.raw")
    assert (kept.channel, kept.account, kept.status) == ("call", "asterisk", "parsed")
    assert [fault["place"] for fault in kept.faults] == ["lines[4]"]


@pytest.mark.parametrize(
    "other",
    [
        line(0, "NONE", "NONE", "NONE", "QUEUESTART", ""),
        line(0, "REALTIME", "umum", "SIP/siti", "ADDMEMBER", ""),
        line(0, "d-1", "umum", "NONE", "DID", "1708"),
        line(0, "d-1", "umum", "SIP/siti", "RINGCANCELED", "500"),
        line(0, "d-1", "umum", "NONE", "EVENT_OF_TOMORROW"),
    ],
)
async def test_line_about_no_call_tells_nothing(opened: Running, other: str) -> None:
    assert await send(opened, [other]) == {"taken": 0, "unreadable": []}
    assert await calls(opened) == []


async def test_lines_in_no_array_are_refused(opened: Running) -> None:
    for content in (b"{}", b"nonsense"):
        answer = await opened.http.post(
            "/v1/hooks/asterisk", headers=TOKEN | {"Content-Type": "application/json"}, content=content
        )
        assert problem_of(answer) == (422, "invalid")


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"{ASTERISK_TOKEN}x"}])
async def test_nothing_is_kept_of_who_has_another_token(opened: Running, header: dict[str, str]) -> None:
    answer = await opened.http.post("/v1/hooks/asterisk", headers=header, json=RING_ALL)
    assert problem_of(answer) == (401, "not_genuine")
    assert await calls(opened) == []
