"""The edge of HTTP: whatever arrives, the answer is one that a program can read, and it has an id."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.local.engines import free_port
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.intake.conftest import Running
from tests.services.intake.given import FORM, count, events_in_outbox, fields_of, problem_of, rows
from tests.serving import serving

LIMIT = 262_144


async def sent(running: Running, content: bytes | AsyncIterator[bytes], **headers: str) -> Any:
    """The answer to a body of bytes, as they are."""
    all_headers = {**running.key, "Content-Type": "application/json", **headers}
    return await running.http.post("/v1/contacts", headers=all_headers, content=content)


async def pieces(whole: bytes) -> AsyncIterator[bytes]:
    """`whole` in chunks, so that no length is announced."""
    for start in range(0, len(whole), 10_000):
        yield whole[start : start + 10_000]


def padded(length: int) -> bytes:
    """A good form of exactly `length` bytes: JSON does not mind spaces."""
    return json.dumps(FORM).encode().ljust(length)


async def test_body_up_to_the_limit_is_taken(running: Running) -> None:
    assert (await sent(running, padded(LIMIT))).status_code == 202
    assert (await sent(running, pieces(padded(LIMIT)))).status_code == 202


async def test_body_over_the_limit_is_refused_by_its_announced_length(running: Running) -> None:
    answer = await sent(running, padded(LIMIT + 1))
    assert problem_of(answer) == (413, "body_too_large")
    assert answer.json()["errors"][0]["expected"] == f"at most {LIMIT} bytes"


async def test_body_over_the_limit_is_refused_while_it_arrives(running: Running) -> None:
    assert problem_of(await sent(running, pieces(padded(LIMIT + 1)))) == (413, "body_too_large")
    assert await count(running.service.db, "contacts") == 0


async def test_json_that_is_called_something_else_is_refused_by_the_header_that_called_it_so(running: Running) -> None:
    """`curl -d` calls what it sends a form."""
    content = json.dumps(FORM).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        answer = await sent(running, content, **{"Content-Type": kind})
        assert (problem_of(answer), fields_of(answer)) == ((415, "unsupported_media_type"), ["Content-Type"]), kind
    assert (await sent(running, content, **{"Content-Type": "application/json; charset=utf-8"})).status_code == 202


async def test_body_that_is_compressed_is_refused_with_what_to_send(running: Running) -> None:
    for coding in ("gzip", "br", "identity, gzip", "GZIP"):
        answer = await sent(running, gzip.compress(padded(500)), **{"Content-Encoding": coding})
        assert (problem_of(answer), fields_of(answer)) == ((415, "unsupported_encoding"), ["Content-Encoding"]), coding
        assert answer.json()["errors"][0]["expected"] == "identity, or no such header"
        assert answer.headers["accept-encoding"] == "identity"
    assert (await sent(running, padded(500), **{"Content-Encoding": "identity"})).status_code == 202


async def test_body_of_two_codings_is_refused_in_whatever_order_they_are_named(running: Running) -> None:
    headers = [*running.key.items(), ("Content-Encoding", "gzip"), ("Content-Encoding", "identity")]
    for two in (headers, headers[::-1]):
        answer = await running.http.post("/v1/contacts", headers=two, content=padded(500))
        assert problem_of(answer) == (415, "unsupported_encoding")


async def test_body_that_is_no_json_object_is_refused(running: Running) -> None:
    surrogate, not_utf8, deep = b'{"body": "x", "\\ud800": 1}', b'{"body": "\xff"}', b"[" * 50_000
    for content in (b"{", b"", b"[]", b"null", b"body=Halo", b'{"body": NaN}', b'{"body": "\\ud800"}', surrogate):
        assert problem_of(await sent(running, content)) == (422, "invalid")
    for content in (not_utf8, deep):
        assert problem_of(await sent(running, content)) == (400, "bad_request")


async def test_json_that_breaks_off_is_named(running: Running) -> None:
    answer = await sent(running, b'{"body": "Warga')
    assert answer.json()["errors"] == [
        {
            "field": "body",
            "message": "is not valid JSON",
            "expected": "one JSON object (RFC 8259), in UTF-8",
        }
    ]


async def test_nul_character_is_refused_and_the_field_named(running: Running) -> None:
    """PostgreSQL can keep every character but this one."""
    for path in ("/v1/contacts", "/v1/chats", "/v1/booths/B1/visits"):
        for field in ("name", "subject", "body"):
            form = {"body": "Halo", field: "Insentif\0 belum cair."}
            answer = await running.http.post(path, headers=running.key, json=form)
            assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), [field])


async def test_idempotency_key_has_1_to_255_characters(running: Running) -> None:
    for key in ("", "k" * 256):
        answer = await sent(running, padded(500), **{"Idempotency-Key": key})
        assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["Idempotency-Key"])
    assert (await sent(running, padded(500), **{"Idempotency-Key": "k" * 255})).status_code == 202


async def test_route_that_is_not_there(running: Running) -> None:
    assert problem_of(await running.http.get("/v1/nothing", headers=running.key)) == (404, "not_found")


async def test_method_that_is_not_there(running: Running) -> None:
    answer = await running.http.get("/v1/contacts", headers=running.key)
    assert problem_of(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_name_in_the_path_that_cannot_be_one(running: Running, staff: dict[str, str]) -> None:
    for path in ("/v1/chats/bukan-id/messages", "/v1/visits/bukan-id/settle", "/v1/booths/B%201/visits"):
        answer = await running.http.post(path, headers=staff, json={"body": "Halo"})
        assert problem_of(answer) == (422, "invalid")


async def test_answer_has_an_id_of_its_own(running: Running) -> None:
    answers = [
        await running.http.post("/v1/contacts", headers=running.key, json=FORM),
        await running.http.post("/v1/contacts", headers=running.key, json={}),
        await running.http.post("/v1/contacts", json=FORM),
        await running.http.get("/v1/contacts"),
        await running.http.get("/livez"),
        await running.http.get("/nothing"),
        await sent(running, padded(LIMIT + 1)),
    ]
    assert [answer.status_code for answer in answers] == [202, 422, 401, 405, 200, 404, 413]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


UUID_OF_A_CALLER = "0198F3a2-7c41-7d3e-9b55-3f2a1c0d9e88"


@pytest.mark.parametrize("given", [UUID_OF_A_CALLER, UUID_OF_A_CALLER.replace("-", ""), "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
async def test_callers_correlation_id_goes_with_the_event(running: Running, given: str) -> None:
    await sent(running, padded(500), **{"X-Correlation-ID": given})
    [event] = await events_in_outbox(running.service.db)
    assert event.correlationid == given
    [row] = await rows(running.service.db, "SELECT correlation_id FROM intake.outbox")
    assert row.correlation_id == given


async def test_request_id_goes_with_the_event_without_a_good_correlation_id(running: Running) -> None:
    """No telephone number, no NIK and no name comes in this way."""
    ids = ["", "a b", "x" * 65, "<script>", "warga@surel.example", "081255501234", "+62-812-5550-1234", "loket-7"]
    ids += ["3201234567890001", "0812.5550.1234", "Warga-Satu", "3201234567890001-wargasatu", f"{UUID_OF_A_CALLER}0"]
    answers = [await sent(running, padded(500), **{"X-Correlation-ID": given}) for given in ids]
    answers.append(await sent(running, padded(500)))
    events = await events_in_outbox(running.service.db)
    assert [event.correlationid for event in events] == [answer.headers["x-request-id"] for answer in answers]


async def test_trace_context_goes_with_the_event_if_it_is_one(running: Running) -> None:
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    nothing = f"00-{32 * '0'}-00f067aa0ba902b7-01", f"00-4bf92f3577b34da6a3ce929d0e0e4736-{16 * '0'}-01"
    none = (good.upper(), "warga", f"{good}-081255501234", f"ff{good[2:]}", *nothing)
    for given in (good, *none):
        await sent(running, padded(500), traceparent=given)
    assert [event.traceparent for event in await events_in_outbox(running.service.db)] == [good, *[None] * len(none)]


async def test_full_queue_answers_503_and_when_to_come_again(common: CommonSettings, clock: FrozenClock) -> None:
    """Nobody commits until the refused have their answers; then who waited gets 202."""
    service = build(common, IntakeSettings(queue_limit=1), clock)
    async with serving(service) as http:
        sending = [
            asyncio.create_task(http.post("/v1/contacts", headers=staff_header("agent"), json=FORM)) for _ in range(3)
        ]
        refused: set[asyncio.Task[Any]] = set()
        while len(refused) < 2:
            refused, _ = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
        assert {problem_of(await task) for task in refused} == {(503, "unavailable")}
        assert {(await task).headers["retry-after"] for task in refused} == {"1"}
        await service.workers[0].step()
        assert sorted([(await task).status_code for task in sending]) == [202, 503, 503]
        assert await count(service.db, "contacts") == 1


async def test_outage_of_the_database_is_answered_503_by_every_route(
    running: Running, common: CommonSettings, clock: FrozenClock
) -> None:
    """An outage is no verdict on anything: not on the form, and not on the key."""
    nowhere = f"postgresql://satuatap@127.0.0.1:{free_port()}/none"
    service = build(common.model_copy(update={"database_url": nowhere}), IntakeSettings(), clock)
    async with serving(service, workers=[service.workers[0]]) as http:
        for path in ("/v1/contacts", "/v1/chats", "/v1/booths/B1/visits", "/v1/booths/B1/call-next"):
            answer = await http.post(path, headers=staff_header("agent"), json=FORM)
            assert (problem_of(answer), answer.headers["retry-after"]) == ((503, "unavailable"), "1")
        assert problem_of(await http.post("/v1/contacts", headers=running.key, json=FORM)) == (503, "unavailable")


async def test_health_is_answered_however_often_it_is_requested(common: CommonSettings) -> None:
    few = common.model_copy(update={"public_requests_per_minute": 2})
    service = build(few, IntakeSettings())
    async with serving(service) as http:
        for path in ("/livez", "/readyz", "/metrics"):
            assert {(await http.get(path)).status_code for _ in range(5)} == {200}


async def test_errors_of_one_request_are_named_up_to_twenty(running: Running) -> None:
    body = {"body": "Halo", **{f"tidak_dikenal_{number}": 1 for number in range(500)}}
    answer = await running.http.post("/v1/contacts", headers=running.key, json=body)
    assert problem_of(answer) == (422, "invalid")
    assert len(answer.json()["errors"]) == 20
    assert answer.json()["detail"].endswith("and 480 more")


async def test_parameters_of_one_request_that_do_not_exist_are_named_up_to_twenty(running: Running) -> None:
    query = "&".join(f"tidak_dikenal_{number}=1" for number in range(500))
    answer = await running.http.post(f"/v1/contacts?{query}", headers=running.key, json=FORM)
    assert problem_of(answer) == (422, "invalid")
    assert len(answer.json()["errors"]) == 20


async def test_slash_at_the_end_is_no_redirect_to_whatever_host_was_named(running: Running) -> None:
    headers = {**running.key, "Host": "jahat.example"}
    answer = await running.http.post("/v1/contacts/", headers=headers, json=FORM)
    assert problem_of(answer) == (404, "not_found")
