"""Telephone calls by Twilio: what it signs is taken, and TwiML is answered."""

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from twilio.request_validator import RequestValidator

from services.intake.channels.channel import NotGenuine, Webhook
from services.intake.channels.twilio import Twilio
from services.intake.settings import IntakeSettings
from shared.events import ContactReceived
from tests.conftest import FrozenClock
from tests.services.intake.calls.given import AUTH_TOKEN, NUMBER, PUBLIC_URL, SHARED_KEY, calls
from tests.services.intake.conftest import Running
from tests.services.intake.given import count, events_in_outbox, problem_of

FORM = "application/x-www-form-urlencoded"
CALL = {"CallSid": "CA77", "AccountSid": "AC1", "From": NUMBER, "To": "+628001503001", "Direction": "inbound"}
PARAMETERS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
QUERY = "foo=1&bar=2"
JSON = b'{"property": "value", "boolean": true}'


def signature_of(target: str, form: dict[str, Any], *, token: str = AUTH_TOKEN, algorithm: str | None = None) -> str:
    """How Twilio's own library signs a form that is sent to a target of our public address."""
    return str(RequestValidator(token).compute_signature(PUBLIC_URL + target, form, algorithm))


async def post(running: Running, target: str, form: dict[str, str], **headers: str) -> Any:
    signed = {"X-Twilio-Signature": signature_of(target, form), "Content-Type": FORM} | headers
    return await running.http.post(target, content=urlencode(form), headers=signed)


async def twiml(running: Running, target: str, **form: str) -> ET.Element:
    answer = await post(running, target, CALL | form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    return ET.fromstring(answer.text)


def target_of(action: str) -> str:
    assert action.startswith(PUBLIC_URL)
    return action.removeprefix(PUBLIC_URL)


# -- signatures -------------------------------------------------------------------------------------------------


def authenticate(url: str, query: str, content: bytes, signature: str, media_type: str = FORM) -> Any:
    """What is read of a request to `url`/myapp.php, which is signed with the token 12345."""
    headers = {"x-twilio-signature": signature, "content-type": media_type}
    return Twilio(auth_tokens=["12345"], public_url=url).authenticate("/myapp.php", Webhook(content, headers, query))


VECTORS = [
    ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("https://mycompany.com", "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("https://mycompany.com:443", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("http://mycompany.com", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
]


@pytest.mark.parametrize(("url", "signature"), VECTORS)
def test_signature_of_a_form_is_taken_with_its_port_and_without(url: str, signature: str) -> None:
    assert authenticate(url, QUERY, urlencode(PARAMETERS).encode(), signature)["Digits"] == "1234"


def test_signature_of_names_that_come_twice_is_taken() -> None:
    content = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234"
    assert authenticate("https://mycompany.com", QUERY, content, "IK+Dwps556ElfBT0I3Rgjkr1wJU=")


def test_signature_of_a_body_that_is_no_form_goes_by_its_hash() -> None:
    query = f"{QUERY}&bodySHA256={hashlib.sha256(JSON).hexdigest()}"
    signature = "a9nBmqA0ju/hNViExpshrM61xv4="
    assert authenticate("https://mycompany.com", query, JSON, signature, "application/json")["foo"] == "1"
    with pytest.raises(NotGenuine):
        authenticate("https://mycompany.com", query, JSON + b" ", signature, "application/json")


def test_signature_of_the_shared_data_is_taken(shared_data: Path) -> None:
    for vector in orjson.loads((shared_data / "webhooks/signatures/vectors.json").read_bytes())["twilio"]:
        url, _, query = vector["url"].partition("?")
        content = urlencode([tuple(pair) for pair in vector["params"]]).encode()
        assert authenticate(url.removesuffix("/myapp.php"), query, content, vector["signature"])


TARGET = "/v1/hooks/twilio/gather?menu=utama&n=1&pesan=Pilih+1+ya"


@pytest.mark.parametrize(
    "content",
    [
        "CallSid=CA77&Digits=1&Digits=2&CallerName=",
        "CallSid=CA77&CallerName=&Digits=1",
        "CallSid=CA77&From=%2B6281255501207&CallerName=O%27Brien+%26+anak",
    ],
)
@pytest.mark.parametrize("base", [PUBLIC_URL, f"{PUBLIC_URL}:443"])
async def test_signature_goes_over_what_was_sent_and_not_over_what_a_framework_makes_of_it(
    opened: Running, content: str, base: str
) -> None:
    """P9: the query as it stood, doubled names, names without a value, the port or none; never the `Host`."""
    pairs = [pair.partition("=")[::2] for pair in content.split("&")]
    values = {"%2B6281255501207": NUMBER, "O%27Brien+%26+anak": "O'Brien & anak"}
    text = base + TARGET + "".join(sorted(name + values.get(value, value) for name, value in pairs))
    mark = RequestValidator(AUTH_TOKEN).compute_signature(text, {})
    headers = {"X-Twilio-Signature": mark, "Content-Type": FORM, "Host": "elsewhere.example"}
    answer = await opened.http.post(TARGET, content=content, headers=headers)
    assert answer.status_code == 200
    for changed in (content.replace("CA77", "CA78"), f"{content}&x="):
        refused = await opened.http.post(TARGET, content=changed, headers=headers)
        assert problem_of(refused) == (401, "not_genuine")
    refused = await opened.http.post(TARGET.replace("n=1", "n=2"), content=content, headers=headers)
    assert problem_of(refused) == (401, "not_genuine")
    assert [call.call_id for call in await calls(opened)] == ["CA77"]


@pytest.mark.parametrize(
    ("settings", "token", "algorithm", "status"),
    [
        ("key=webhooks_1,algorithm=HMAC_SHA256", SHARED_KEY, "HMAC_SHA256", 200),
        ("key=webhooks_1,algorithm=HMAC_SHA256", AUTH_TOKEN, "HMAC_SHA256", 401),
        ("key=webhooks_1,algorithm=HMAC_SHA256", SHARED_KEY, "HMAC_SHA1", 401),
        ("key=webhooks_1,algorithm=HMAC_MD5", SHARED_KEY, "HMAC_SHA1", 401),
    ],
)
async def test_signature_that_names_its_algorithm_is_of_the_shared_key(
    opened: Running, settings: str, token: str, algorithm: str, status: int
) -> None:
    target = "/v1/hooks/twilio/status"
    mark = signature_of(target, CALL, token=token, algorithm=algorithm)
    headers = {"X-Twilio-Signature": mark, "X-Twilio-Webhooks-Signature-Settings": settings}
    assert (await post(opened, target, CALL, **headers)).status_code == status


@pytest.mark.parametrize("signature", ["", "x", "é", "0ZXoZLH/DfblKGATFgpif+LLRf4="])
async def test_nothing_is_kept_of_what_is_not_signed(opened: Running, signature: str) -> None:
    headers = {b"X-Twilio-Signature": signature.encode("latin-1"), b"Content-Type": FORM.encode()}
    answer = await opened.http.post("/v1/hooks/twilio/voice", content=urlencode(CALL), headers=headers)
    assert problem_of(answer) == (401, "not_genuine")
    assert await count(opened.service.db, "calls") == 0


async def test_route_of_a_system_that_is_not_opened_is_not_found(running: Running) -> None:
    for path in ("twilio/voice", "twilio/gather", "twilio/status", "cti/x", "asterisk"):
        assert problem_of(await running.http.post(f"/v1/hooks/{path}", content=b"")) == (404, "not_found"), path


def test_settings_with_a_token_need_our_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTAKE_TWILIO_AUTH_TOKEN", "x")
    with pytest.raises(ValueError, match="INTAKE_PUBLIC_URL"):
        IntakeSettings()


# -- a call -----------------------------------------------------------------------------------------------------


async def test_call_goes_from_the_menu_to_the_queue_and_is_answered_there(opened: Running, clock: FrozenClock) -> None:
    greeting = await twiml(opened, "/v1/hooks/twilio/voice", CallStatus="ringing")
    gather = greeting.find("Gather")
    assert gather is not None
    assert (gather.get("numDigits"), gather.get("actionOnEmptyResult")) == ("1", "true")
    assert "Selamat datang" in "".join(gather.itertext())
    clock.forward(seconds=10)
    queue = await twiml(opened, target_of(gather.get("action", "")), Digits="2")
    enqueue = queue.find("Enqueue")
    assert enqueue is not None
    assert enqueue.text == "umum"
    clock.forward(seconds=200)
    left = await twiml(opened, target_of(enqueue.get("action", "")), QueueResult="bridged", QueueTime="15")
    assert left.find("Hangup") is not None
    await twiml(opened, "/v1/hooks/twilio/status", CallStatus="completed", CallDuration="210")
    [call] = await calls(opened)
    assert (call.caller, call.status, call.outcome, call.wait_seconds) == (NUMBER, "ended", "answered", 15)
    assert (call.answered_at - call.offered_at).total_seconds() == 15


async def test_digits_that_are_sent_twice_count_once(opened: Running) -> None:
    gather = (await twiml(opened, "/v1/hooks/twilio/voice")).find("Gather")
    assert gather is not None
    target = target_of(gather.get("action", ""))
    first, again = [await twiml(opened, target, Digits="1") for _ in range(2)]
    assert first.find("Gather/Say") is not None
    assert [e.get("action") for e in first.iter("Gather")] == [e.get("action") for e in again.iter("Gather")]
    [call] = await calls(opened)
    assert call.turn == 2


async def test_digits_of_a_call_whose_beginning_was_lost_begin_it(opened: Running) -> None:
    assert (await twiml(opened, "/v1/hooks/twilio/gather?n=3", Digits="2")).find("Gather") is not None
    assert len(await calls(opened)) == 1


async def test_message_of_a_call_whose_beginning_was_lost_makes_a_contact_once(opened: Running) -> None:
    for _ in range(2):
        await twiml(opened, "/v1/hooks/twilio/gather?n=3", RecordingUrl="https://api.twilio.example/RE1")
    [contact] = await events_in_outbox(opened.service.db)
    assert isinstance(contact, ContactReceived)
    assert "https://api.twilio.example/RE1" in contact.data.body


async def test_end_that_overtakes_the_beginning_is_the_end(opened: Running) -> None:
    await twiml(opened, "/v1/hooks/twilio/status", CallStatus="no-answer")
    answer = await twiml(opened, "/v1/hooks/twilio/voice", CallStatus="ringing")
    assert [verb.tag for verb in answer] == ["Hangup"]
    [call] = await calls(opened)
    assert (call.status, call.outcome, call.is_incomplete, call.cause) == ("ended", "menu", False, "no-answer")


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
async def test_status_that_ends_a_call_is_kept_as_it_is_called(opened: Running, status: str) -> None:
    await twiml(opened, "/v1/hooks/twilio/voice")
    await twiml(opened, "/v1/hooks/twilio/status", CallStatus=status, Timestamp="Fri, 13 Mar 2026 02:00:09 +0000")
    [call] = await calls(opened)
    assert (call.cause, call.outcome, call.ended_at.second) == (status, "menu", 9)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("hangup", "abandoned"), ("leave", "unanswered"), ("queue-full", "unanswered"), ("something-new", "unanswered")],
)
async def test_queue_that_is_left_says_how(opened: Running, result: str, outcome: str) -> None:
    gather = (await twiml(opened, "/v1/hooks/twilio/voice")).find("Gather")
    assert gather is not None
    await twiml(opened, target_of(gather.get("action", "")), Digits="2")
    await twiml(opened, "/v1/hooks/twilio/status?queue=umum", QueueResult=result, QueueTime="40")
    await twiml(opened, "/v1/hooks/twilio/status", CallStatus="completed")
    [call] = await calls(opened)
    assert (call.outcome, call.wait_seconds) == (outcome, 40)


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "", "client:agnes", "112", "x\0y"])
async def test_call_is_taken_whatever_its_caller_is_called(opened: Running, caller: str) -> None:
    """P7."""
    form = CALL | {"From": caller}
    assert (await post(opened, "/v1/hooks/twilio/voice", form)).status_code == 200
    [call] = await calls(opened)
    assert call.is_callable is False


async def test_call_that_we_make_counts_for_nothing(opened: Running) -> None:
    form = {"Direction": "outbound-api", "From": "+628001503001", "To": NUMBER}
    for status in ("queued", "ringing", "in-progress", "completed"):
        await twiml(opened, "/v1/hooks/twilio/status", CallStatus=status, **form)
    [call] = await calls(opened)
    assert (call.direction, call.caller, call.outcome) == ("out", NUMBER, "answered")
    assert await count(opened.service.db, "call_tallies") == 0
