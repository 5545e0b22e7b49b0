"""Telephone calls by the generic CTI dialect: newCall, answer and hangup, in any order and number."""

from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import FrozenClock
from tests.services.intake.calls.given import CTI_TOKEN, NUMBER, calls
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, fields_of, problem_of, rows

PATH = f"/v1/hooks/cti/{CTI_TOKEN}"
CALL = {"from": "6281255501207", "to": "1708", "direction": "in", "callId": "k-77"}
EVENTS = ("newCall", "answer", "hangup")
CHOSEN = [chosen for number in (1, 2, 3) for chosen in permutations(EVENTS, number)]


async def tell(running: Running, event: str, **more: Any) -> None:
    answer = await running.http.post(PATH, json=CALL | {"event": event} | more)
    assert (answer.status_code, answer.json()) == (200, {}), answer.text


@pytest.mark.parametrize("chosen", CHOSEN, ids="-".join)
async def test_call_is_one_row_whatever_is_told_of_it_and_in_what_order(
    opened: Running, clock: FrozenClock, chosen: tuple[str, ...]
) -> None:
    """P1: every permutation and doubling, each event also as the only survivor."""
    for event in (*chosen, *chosen):
        await tell(opened, event)
        clock.forward(seconds=7)
    [call] = await calls(opened)
    assert (call.status == "ended", call.answered_at is not None) == ("hangup" in chosen, "answer" in chosen)
    assert call.is_incomplete == ("newCall" not in chosen)
    assert call.caller == NUMBER
    tallies = await rows(
        opened.service.db, "SELECT figure, sum(count) FROM intake.call_tallies WHERE queue = '' GROUP BY 1"
    )
    counted = {row.figure: row.sum for row in tallies if row.sum}
    assert counted["offered"] == 1
    assert counted.get("answered", 0) == ("answer" in chosen)
    assert counted.get("abandoned", 0) == ("hangup" in chosen and "answer" not in chosen)


@pytest.mark.parametrize(
    ("events", "outcome", "callbacks"),
    [
        ([("hangup", {"cause": "normalClearing"})], "abandoned", 1),
        ([("hangup", {"cause": "cancel"})], "abandoned", 1),
        ([("hangup", {"cause": "forwarded"})], "forwarded", 0),
        ([("answer", {"answeringNumber": "voicemail"}), ("hangup", {})], "abandoned", 1),
        ([("answer", {"user": ["Siti", "Budi"]}), ("hangup", {"cause": "normalClearing"})], "answered", 0),
    ],
)
async def test_caller_who_was_not_answered_is_called_back(
    opened: Running, events: list[tuple[str, dict[str, Any]]], outcome: str, callbacks: int
) -> None:
    await tell(opened, "newCall")
    for event, more in events:
        await tell(opened, event, **more)
    [call] = await calls(opened)
    assert call.outcome == outcome
    assert await count(opened.service.db, "callbacks") == callbacks


async def test_events_of_the_documentation_are_taken(opened: Running, shared_data: Path) -> None:
    events = orjson.loads((shared_data / "webhooks/zammad_cti/events.json").read_bytes())
    for event in events:
        if event["format"] == "json":
            answer = await opened.http.post(PATH, json=event["body"])
        else:
            names = {name for name, _ in event["pairs"]}
            form = {name: [value for one, value in event["pairs"] if one == name] for name in names}
            answer = await opened.http.post(PATH, data=form)
        assert (answer.status_code, answer.json()) == (200, {})
    ids = {(event["body"] if event["format"] == "json" else dict(event["pairs"]))["callId"] for event in events}
    found = await calls(opened)
    assert {call.call_id for call in found} == ids
    assert {call.direction for call in found} == {"in", "out"}


async def test_event_may_come_as_a_form_with_files_and_call_the_call_by_its_other_name(opened: Running) -> None:
    form = {name: (None, value) for name, value in CALL.items() if name != "callId"}
    answer = await opened.http.post(PATH, files=form | {"event": (None, "newCall"), "call_id": (None, "k-9")})
    assert answer.status_code == 200
    assert [call.call_id for call in await calls(opened)] == ["k-9"]


@pytest.mark.parametrize("caller", ["anonymous", "Anonymous", "", "02214710334", "99999999999999999999", "x\0"])
async def test_event_is_taken_whatever_the_caller_is_called(opened: Running, caller: str) -> None:
    """P7."""
    await tell(opened, "newCall", **{"from": caller})
    await tell(opened, "hangup", **{"from": caller})
    [call] = await calls(opened)
    assert call.outcome == "abandoned"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event": "newCall", "direction": "in"}, "callId"),
        ({"event": "newCall", "callId": "k", "direction": "up"}, "direction"),
        ({"event": "sing", "callId": "k", "direction": "in"}, "event"),
        ([1], "body"),
    ],
)
async def test_event_of_no_call_is_refused(opened: Running, body: object, field: str) -> None:
    answer = await opened.http.post(PATH, json=body)
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer) == [field]


@pytest.mark.parametrize("token", ["x", "%C3%A9", "cti-1x"])
async def test_nothing_is_kept_of_who_has_another_token(opened: Running, token: str) -> None:
    answer = await opened.http.post(f"/v1/hooks/cti/{token}", json=CALL | {"event": "newCall"})
    assert problem_of(answer) == (401, "not_genuine")
    assert await calls(opened) == []
