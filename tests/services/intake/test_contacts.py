"""A web form: kept before it is answered, once for each key, refused with the field and what was expected."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.services.intake.conftest import Running

FORM = {"name": "Warga Satu", "email": "warga@surel.example", "phone": "0812-5550-1234", "body": "Insentif belum cair."}


async def rows(running: Running, sql: str) -> list[Any]:
    async with running.service.db.autocommit() as session:
        return list((await session.execute(text(sql))).all())


async def test_contact_is_committed_with_its_event_when_202_is_read(running: Running) -> None:
    answer = await running.http.post("/v1/contacts", headers=running.key, json=FORM)
    assert answer.status_code == 202
    kept = await rows(running, "SELECT c.id, c.tracking_code, c.phone, o.payload FROM contacts c, outbox o")
    assert [(str(row.id), row.tracking_code, row.phone) for row in kept] == [
        (answer.json()["contact_id"], answer.json()["tracking_code"], "+6281255501234")
    ]
    assert answer.json()["contact_id"] in kept[0].payload


async def test_key_with_the_same_body_is_one_contact_and_the_first_answer(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(running.http.post("/v1/contacts", headers=headers, json=FORM) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len(await rows(running, "SELECT 1 FROM contacts")) == len(await rows(running, "SELECT 1 FROM outbox")) == 1


async def test_first_answer_says_that_it_was_given_before(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    first, again = [await running.http.post("/v1/contacts", headers=headers, json=FORM) for _ in range(2)]
    assert "idempotency-replayed" not in first.headers
    assert (again.text, again.headers["idempotency-replayed"]) == (first.text, "true")


async def test_body_is_the_same_in_whatever_order_and_with_whatever_spaces_it_is_written(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1", "Content-Type": "application/json"}
    written = (json.dumps(FORM), json.dumps(dict(reversed(FORM.items())), indent=2, ensure_ascii=False))
    answers = [await running.http.post("/v1/contacts", headers=headers, content=body) for body in written]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].text == answers[1].text


async def test_key_with_another_body_is_refused(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    await running.http.post("/v1/contacts", headers=headers, json=FORM)
    answer = await running.http.post("/v1/contacts", headers=headers, json={**FORM, "body": "Lain."})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(await rows(running, "SELECT 1 FROM contacts")) == 1


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"colour": "red"}, "colour", "one of: body, email, name, nik, phone, programme_number, subject"),
        ({"body": 7}, "body", "a text"),
        ({"body": ""}, "body", "at least 1 characters"),
        ({"body": "x" * 20_001}, "body", "at most 20000 characters"),
        ({"nik": "3201-2345"}, "nik", "16 digits, as they stand on the KTP"),
        ({"phone": "12"}, "phone", "a number such as 0812-3456-7890 or +62 812 3456 7890"),
        ({"email": "bukan surel"}, "email", "an address such as nama@contoh.id"),
    ],
)
async def test_bad_field_is_named_with_what_was_expected(
    running: Running, change: dict[str, Any], field: str, expected: str
) -> None:
    answer = await running.http.post("/v1/contacts", headers=running.key, json={**FORM, **change})
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (422, 422, "invalid")
    assert [(error["field"], error["expected"]) for error in problem["errors"]] == [(field, expected)]
    assert await rows(running, "SELECT 1 FROM contacts") == []
