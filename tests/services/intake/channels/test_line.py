"""LINE: what people send becomes cases; what they withdraw is gone; groups and tries of the console make none."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from shared.events import ContactReceived, ContactWithdrawn
from tests.services.intake.channels.conftest import SECRET, Open
from tests.services.intake.given import count, problem_of

WARGA = "U" + "1" * 32
OURS = "U" + "9" * 32


def event(number: int = 1, kind: str = "message", **changes: Any) -> dict[str, Any]:
    words = {"message": {"id": str(number), "type": "text", "text": "Insentif belum cair."}}
    return {
        "type": kind,
        "mode": "active",
        "timestamp": 1773374340000 + number,
        "webhookEventId": f"01EVENT{number}",
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": WARGA},
        "replyToken": f"token-{number}",
        **(words if kind == "message" else {}),
        **changes,
    }


async def bring(opened: Open, *events: Any) -> None:
    content = json.dumps({"destination": OURS, "events": events}).encode()
    mark = base64.b64encode(hmac.digest(SECRET.encode(), content, hashlib.sha256)).decode()
    answer = await opened.http.post("/v1/hooks/line", content=content, headers={"X-Line-Signature": mark})
    assert (answer.status_code, answer.json()) == (200, {})


async def contacts(opened: Open) -> list[ContactReceived]:
    return [told for told in await opened.events() if isinstance(told, ContactReceived)]


async def test_message_becomes_a_contact_once_however_often_it_is_delivered(opened: Open) -> None:
    again = event(1, deliveryContext={"isRedelivery": True})
    await bring(opened, event(1), event(2))
    await bring(opened, again, event(1))
    first, second = await contacts(opened)
    assert (first.data.channel, first.data.body) == ("line", "Insentif belum cair.")
    assert first.data.tracking_code == second.data.tracking_code


async def test_console_that_tries_the_address_leaves_nothing(opened: Open) -> None:
    """L1: no events, or two invented ones."""
    invented = [
        event(n, replyToken=digit * 32, source={"type": "user", "userId": "U" + "deadbeef" * 4})
        for n, digit in enumerate("0f")
    ]
    await bring(opened)
    await bring(opened, *invented)
    assert await opened.events() == []


@pytest.mark.parametrize("comes_first", [False, True])
async def test_message_that_was_unsent_is_seen_nowhere_whichever_came_first(opened: Open, comes_first: bool) -> None:
    """L3: also where the withdrawal comes before what it is of."""
    unsent = event(2, "unsend", unsend={"messageId": "1"})
    for told in [unsent, event(1)] if comes_first else [event(1), unsent]:
        await bring(opened, told)
        await opened.is_parsed()
    [contact] = await contacts(opened)
    withdrawn = [told for told in await opened.events() if isinstance(told, ContactWithdrawn)]
    assert [told.data.contact_id for told in withdrawn] == [contact.data.contact_id]
    assert [row.body for row in await opened.rows("SELECT body FROM contacts")] == [""]


@pytest.mark.parametrize(
    "told",
    [
        event(1, source={"type": "group", "groupId": "C1"}),
        event(1, source={"type": "room", "roomId": "R1", "userId": WARGA}),
        event(1, mode="standby"),
        event(1, "follow"),
        event(1, "undefined"),
        event(1, "memberJoined", source={"type": "group", "groupId": "C1"}, joined={"members": []}),
        {"type": "botSuspended", "mode": "active", "timestamp": 1},
    ],
    ids=["group", "room", "standby", "follow", "undefined", "joined", "suspended"],
)
async def test_what_nobody_says_to_us_makes_no_case(opened: Open, told: Any) -> None:
    """L4"""
    await bring(opened, told)
    assert (await opened.events(), await opened.faults()) == ([], [])


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({"id": "1", "type": "sticker", "packageId": "1"}, "[stiker]"),
        ({"id": "1", "type": "image", "contentProvider": {"type": "line"}}, "[gambar]"),
        ({"id": "1", "type": "file", "fileName": "slip.pdf"}, "[berkas] slip.pdf"),
        ({"id": "1", "type": "location", "title": "Kantor", "address": "Jakarta"}, "[lokasi] Kantor, Jakarta"),
        ({"id": "1", "type": "flex2"}, "[pesan yang tidak dapat ditampilkan di sini]"),
    ],
)
async def test_kind_of_message_is_shown_in_words(opened: Open, message: Any, body: str) -> None:
    await bring(opened, event(1, message=message))
    [contact] = await contacts(opened)
    assert contact.data.body == body


async def test_broken_event_waits_beside_good_ones(opened: Open) -> None:
    await bring(opened, event(1), event(2, timestamp=None), event(3, message={"type": "text"}), event(4))
    assert len(await contacts(opened)) == 2
    assert await opened.faults() == ["events[1]", "events[2]"]


async def test_nothing_is_kept_of_what_is_not_signed(opened: Open) -> None:
    answer = await opened.http.post("/v1/hooks/line", content=b"{}", headers={"X-Line-Signature": "x"})
    assert problem_of(answer) == (401, "not_genuine")
    assert await count(opened.service.db, "raw") == 0


async def test_samples_of_the_field_are_all_understood(opened: Open, shared_data: Any) -> None:
    """Each with ids of its own: as they were collected, nearly all share one."""
    number = 0
    for file in sorted((shared_data / "webhooks" / "line").glob("*.json")):
        for sample in json.loads(file.read_text())["events"]:
            number += 1
            if "message" in sample:
                sample["message"]["id"] = str(number)
            await bring(opened, sample | {"webhookEventId": f"01SAMPLE{number}"})
    assert number > 40
    assert await opened.faults() == []
    assert len(await contacts(opened)) > 15
