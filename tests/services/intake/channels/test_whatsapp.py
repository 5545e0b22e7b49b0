"""WhatsApp: what people send, in whatever order and however often, becomes cases, each once."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest

from shared.events import AnyEvent, ContactReceived, ContactWithdrawn, DeliveryReported
from tests.services.intake.channels.conftest import NEW_SECRET, SECRET, TOKEN, Open
from tests.services.intake.given import count, problem_of

OURS = "1122334455667"
WARGA = "6281255501207"


def text(number: int = 1, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A message; a change to None takes a field away."""
    words = {"type": "text", "text": {"body": "Insentif belum cair."}}
    message = {"from": WARGA, "id": f"wamid.{number}", "timestamp": "1773374340", **words, **(changes or {})}
    return {key: value for key, value in message.items() if value is not None}


def other(kind: str, part: Any, number: int = 1) -> dict[str, Any]:
    """A message of another kind, whose own part is `part`."""
    return text(number, {"text": None, "type": kind, kind: part})


def change(*messages: Any, statuses: tuple[Any, ...] = (), contacts: tuple[Any, ...] = (), **other: Any) -> Any:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62215550123", "phone_number_id": OURS},
        "contacts": list(contacts or ({"profile": {"name": "Warga Satu"}, "wa_id": WARGA},)),
        "messages": list(messages),
        "statuses": list(statuses),
    }
    return {"field": "messages", "value": value, **other}


def body_of(*changes: Any) -> bytes:
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": list(changes)}]}
    ).encode()


def signature(content: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"


async def bring(opened: Open, content: bytes, secret: str = SECRET) -> None:
    answer = await opened.http.post(
        "/v1/hooks/whatsapp", content=content, headers={"X-Hub-Signature-256": signature(content, secret)}
    )
    assert (answer.status_code, answer.json()) == (200, {})


def contacts_in(events: list[AnyEvent]) -> list[ContactReceived]:
    return [event for event in events if isinstance(event, ContactReceived)]


# -- the handshake and the signature ------------------------------------------------------------------------------


async def test_handshake_is_answered_with_the_challenge_as_it_came(opened: Open) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "0123"}
    answer = await opened.http.get("/v1/hooks/whatsapp", params=query)
    assert (answer.status_code, answer.text) == (200, "0123")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changes", [{"hub.verify_token": "another"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}]
)
async def test_handshake_with_a_token_that_is_not_ours_is_refused(opened: Open, changes: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "0123", **changes}
    assert problem_of(await opened.http.get("/v1/hooks/whatsapp", params=query)) == (403, "not_ours")


@pytest.mark.parametrize(
    "content",
    [
        rb'{"entry": [{"changes": []}], "text": "\/ \u0040 \u00e9 \ud83d\ude00"}',
        '{"entry": [], "text": "é 😀 / @"}  \n'.encode(),
    ],
)
async def test_signature_is_over_the_bytes_as_they_came(opened: Open, content: bytes) -> None:
    await bring(opened, content)
    written_anew = json.dumps(json.loads(content)).encode()
    assert written_anew != content
    answer = await opened.http.post(
        "/v1/hooks/whatsapp", content=written_anew, headers={"X-Hub-Signature-256": signature(content)}
    )
    assert problem_of(answer) == (401, "not_genuine")
    assert await count(opened.service.db, "raw") == 1


async def test_signature_of_either_secret_fits_while_one_replaces_the_other(opened: Open) -> None:
    await bring(opened, body_of(change(text(1))), NEW_SECRET)
    await bring(opened, body_of(change(text(2))), SECRET)
    assert len(contacts_in(await opened.events())) == 2


@pytest.mark.parametrize("given", ["", "sha256=", "sha1=0", "0" * 64])
async def test_nothing_is_kept_of_what_is_not_signed(opened: Open, given: str) -> None:
    answer = await opened.http.post(
        "/v1/hooks/whatsapp", content=body_of(change(text())), headers={"X-Hub-Signature-256": given}
    )
    assert problem_of(answer) == (401, "not_genuine")
    assert await count(opened.service.db, "raw") == 0


# -- batches ------------------------------------------------------------------------------------------------------


async def test_batch_is_taken_whole_and_what_is_broken_waits_beside_it(opened: Open) -> None:
    """W1: two entries with two changes each: messages of two people, statuses, one that is broken, another kind."""
    neighbour = "6281255509999"
    people = (
        {"profile": {"name": "Warga Dua"}, "wa_id": neighbour},
        {"profile": {"name": "Warga Satu"}, "wa_id": WARGA},
    )
    status = {"id": "wamid.ours", "timestamp": "1773374341", "recipient_id": WARGA}
    statuses = tuple(status | {"status": word} for word in ("sent", "delivered", "read", "failed"))
    first = [
        change(text(1), text(2, {"from": neighbour}), contacts=people),
        {"field": "account_update", "value": {"event": "x"}},
    ]
    second = [change(text(9, {"timestamp": None}), statuses=statuses[:2]), change(text(3), statuses=statuses[2:])]
    content = json.dumps({"entry": [{"id": "1", "changes": first}, {"id": "2", "changes": second}]}).encode()
    await bring(opened, content)
    events = await opened.events()
    assert {contact.data.citizen.name: contact.data.citizen.phone for contact in contacts_in(events)} == {
        "Warga Satu": f"+{WARGA}",
        "Warga Dua": f"+{neighbour}",
    }
    begun = [contact.data.chat_id == contact.data.contact_id for contact in contacts_in(events)]
    assert sorted(begun) == [False, True, True]
    told = [event.data.status for event in events if isinstance(event, DeliveryReported)]
    assert told == ["sent", "delivered", "read", "failed"]
    assert await opened.faults() == ["entry[1].changes[0].messages[0]"]


async def test_album_that_comes_at_once_and_twice_is_one_case(opened: Open) -> None:
    """W2: five webhooks at once, each also sent twice."""
    pictures = [
        body_of(change(other("image", {"id": f"media-{number}", "mime_type": "image/jpeg"}, number)))
        for number in range(1, 6)
    ]
    await asyncio.gather(*(bring(opened, picture) for picture in pictures * 2))
    contacts = contacts_in(await opened.events())
    assert len(contacts) == 5
    assert len({contact.data.tracking_code for contact in contacts}) == 1
    assert {contact.data.body for contact in contacts} == {"[gambar]"}


async def test_same_message_to_another_number_of_ours_is_another(opened: Open) -> None:
    elsewhere = change(text(1))
    elsewhere["value"]["metadata"]["phone_number_id"] = "7"
    await bring(opened, body_of(change(text(1)), elsewhere))
    assert len({contact.data.tracking_code for contact in contacts_in(await opened.events())}) == 2


# -- people without numbers ---------------------------------------------------------------------------------------


async def test_person_is_known_by_every_id_that_he_had(opened: Open) -> None:
    """W3: with a number and an id, by the id alone, by a new id, and late by the old one."""
    renamed = {
        "from_user_id": "ID.77001",
        "id": "wamid.3",
        "timestamp": "1773374340",
        "type": "system",
        "system": {"type": "user_changed_user_id", "user_id": "ID.88002"},
    }
    for message in (
        text(1, {"from_user_id": "ID.77001"}),
        text(2, {"from": None, "from_user_id": "ID.77001"}),
        renamed,
        text(4, {"from": None, "from_user_id": "ID.88002"}),
        text(5, {"from": None, "from_user_id": "ID.77001"}),
    ):
        await bring(opened, body_of(change(message)))
        await opened.is_parsed()
    contacts = contacts_in(await opened.events())
    assert len(contacts) == 4
    assert len({contact.data.chat_id for contact in contacts}) == 1
    assert [contact.data.citizen.phone for contact in contacts] == [f"+{WARGA}", None, None, None]


# -- kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "part", "body"),
    [
        ("text", {"body": "Halo\x00 pak \ud83d"}, "Halo\ufffd pak \ufffd"),
        ("image", {"id": "m", "caption": "Ini buktinya"}, "[gambar] Ini buktinya"),
        ("document", {"id": "m", "filename": "slip.pdf"}, "[berkas] slip.pdf"),
        ("audio", {"id": "m", "voice": True}, "[pesan suara]"),
        ("sticker", {"id": "m"}, "[stiker]"),
        ("location", {"latitude": -6.2, "longitude": 106.8, "name": "Kantor"}, "[lokasi] Kantor, -6.2, 106.8"),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Ya"}}, "Ya"),
        (
            "interactive",
            {"type": "list_reply", "list_reply": {"title": "Upah", "description": "belum dibayar"}},
            "Upah\nbelum dibayar",
        ),
        ("interactive", None, "[pesan yang tidak dapat ditampilkan di sini]"),
        ("button", {"text": "Sudah", "payload": "x"}, "Sudah"),
        ("unsupported", None, "[pesan yang tidak dapat ditampilkan di sini]"),
        ("unsupported", {"type": "poll"}, "[pesan yang tidak dapat ditampilkan di sini]"),
        ("pin_v2", {"x": 1}, "[pesan yang tidak dapat ditampilkan di sini]"),
    ],
)
async def test_kind_of_message_is_shown_in_words(opened: Open, kind: str, part: Any, body: str) -> None:
    await bring(opened, body_of(change(other(kind, part))))
    [contact] = contacts_in(await opened.events())
    assert contact.data.body == body


@pytest.mark.parametrize(
    "message",
    [
        other("reaction", {"message_id": "wamid.0", "emoji": "👍"}),
        other("system", {"type": "customer_identity_changed"}),
        text(1, {"group_id": "g-1"}),
        other("request_welcome", {}),
    ],
    ids=["reaction", "system", "group", "welcome"],
)
async def test_what_is_no_word_to_us_makes_no_case(opened: Open, message: Any) -> None:
    await bring(opened, body_of(change(message)))
    assert await opened.events() == []
    assert await opened.faults() == []


async def test_message_that_was_edited_stands_beside_what_it_was(opened: Open) -> None:
    edited = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "Insentif sudah cair."}}}
    await bring(opened, body_of(change(text(1), other("edit", edited, 2))))
    assert [contact.data.body for contact in contacts_in(await opened.events())] == [
        "Insentif belum cair.",
        "Insentif sudah cair.",
    ]


async def test_message_that_was_revoked_is_seen_nowhere(opened: Open) -> None:
    revoked = other("revoke", {"original_message_id": "wamid.1"}, 2)
    for _ in range(2):
        await bring(opened, body_of(change(text(1)), change(revoked)))
    events = await opened.events()
    [contact] = contacts_in(events)
    assert [event.data.contact_id for event in events if isinstance(event, ContactWithdrawn)] == [
        contact.data.contact_id
    ]
    [kept] = await opened.rows("SELECT body, text_removed_at FROM contacts")
    assert kept.body == ""
    [source] = await opened.rows("SELECT content FROM raw r JOIN sources s ON s.raw_id = r.id")
    assert source.content == b""


async def test_status_that_nobody_knows_waits_and_costs_nothing_else(opened: Open) -> None:
    unknown = {"id": "wamid.ours", "status": "RINGING", "timestamp": "1773374341"}
    await bring(opened, body_of(change(text(1), statuses=(unknown,))))
    assert len(await opened.events()) == 1
    assert await opened.faults() == ["entry[0].changes[0].statuses[0]"]


async def test_samples_of_the_field_are_all_understood(opened: Open, shared_data: Any) -> None:
    """Each with ids of its own: as they were collected, many share one."""
    number = 0
    for file in sorted((shared_data / "webhooks" / "whatsapp").glob("*.json")):
        for sample in json.loads(file.read_text()).values():
            if not isinstance(sample, dict) or "entry" not in sample:
                continue
            number += 1
            await bring(opened, json.dumps(sample).replace("wamid.xyzxyz", f"wamid.{number}").encode())
    assert number > 20
    assert [place for place in await opened.faults() if "statuses" not in place] == []
    assert not await opened.rows("SELECT 1 FROM raw WHERE status = 'unreadable'")
