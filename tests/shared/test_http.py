"""The edge: an answer is sent after the commit, or it is not the answer that was hoped for."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from sqlalchemy import text

from shared.auth import PUBLIC, Authority
from shared.clock import utcnow
from shared.db import Database
from shared.errors import FieldError
from shared.http import Transaction, create_app
from shared.problems import field_error
from shared.revocations import Revocations
from shared.runner import Service
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from shared.wiring import Wiring
from tests.conftest import SECRETS
from tests.serving import serving
from tests.shared.conftest import limits_of

router = APIRouter()


@router.post("/promises", dependencies=[PUBLIC])
async def promise(session: Transaction, kept: bool) -> dict[str, bool]:
    """Writes a row that the database refuses at the commit, and not before, unless it is `kept`."""
    await session.execute(text("INSERT INTO promises (id, refers) VALUES (:id, 1)"), {"id": 1 if kept else 2})
    return {"promised": True}


@router.post("/faults", dependencies=[PUBLIC])
async def fault() -> None:
    raise LookupError("Warga Rahasia")


@dataclass
class Edge:
    http: httpx.AsyncClient
    db: Database


@pytest_asyncio.fixture
async def edge(common: CommonSettings) -> AsyncIterator[Edge]:
    db = Database(common.database_url, schema="intake")
    async with db.transaction() as session:
        await session.execute(
            text("""
            CREATE TABLE promises (id int PRIMARY KEY, refers int REFERENCES promises DEFERRABLE INITIALLY DEFERRED)
            """)
        )
    app = create_app(
        title="test",
        description="",
        wiring=Wiring(db, Authority(StaffTokens(SECRETS), Revocations.of(db)), utcnow, limits_of(common)),
        max_body_bytes=1_000,
    )
    app.include_router(router)
    async with serving(Service("test", app, db, [])) as http:
        yield Edge(http, db)


async def rows(edge: Edge) -> int:
    async with edge.db.autocommit() as session:
        return int(await session.scalar(text("SELECT count(*) FROM promises")) or 0)


async def test_what_is_committed_is_answered(edge: Edge) -> None:
    answer = await edge.http.post("/promises", params={"kept": True})
    assert (answer.status_code, await rows(edge)) == (200, 1)


async def test_commit_that_fails_is_never_answered_as_a_success(edge: Edge) -> None:
    answer = await edge.http.post("/promises", params={"kept": False})
    assert (answer.status_code, answer.json()["code"], await rows(edge)) == (500, "internal_error", 0)


async def test_fault_of_ours_tells_no_secrets(edge: Edge) -> None:
    answer = await edge.http.post("/faults")
    assert answer.status_code == 500
    assert "Rahasia" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_one_service_cannot_look_into_anothers_tables(common: CommonSettings) -> None:
    db = Database(common.database_url, schema="tickets")
    with pytest.raises(Exception, match="permission denied"):
        async with db.autocommit() as session:
            await session.execute(text("SELECT * FROM intake.contacts"))
    await db.close()


async def test_session_that_reads_has_no_time_zone_but_utc(common: CommonSettings) -> None:
    db = Database(common.database_url, schema="tickets")
    async with db.autocommit() as session:
        moment = await session.scalar(text("SELECT now()"))
    assert moment is not None
    assert moment.utcoffset() == timedelta()
    await db.close()


def test_finding_names_the_field_and_what_was_expected_and_never_what_was_sent() -> None:
    detail = {"loc": ("body", "answers", "U3"), "type": "int_parsing", "msg": "…", "input": "Warga Rahasia"}
    assert field_error(detail) == FieldError("answers.U3", "is not a whole number", "a whole number")


async def test_page_of_the_documentation_needs_nobody_elses_server(edge: Edge) -> None:
    page = await edge.http.get("/docs")
    named = re.findall(r'(?:src|href)="([^"]*)"|url: \'([^\']*)\'', page.text)
    files = {one or other for one, other in named}
    assert (page.status_code, files) == (
        200,
        {"docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon.png", "openapi.json"},
    )
    kinds = {name: (await edge.http.get(f"/{name}")).headers["content-type"].partition(";")[0] for name in files}
    assert sorted(kinds.values()) == ["application/json", "image/png", "text/css", "text/javascript"]
    for other in ("..%2Fcore.py", "redoc.standalone.js", "swagger-ui.css%00"):
        assert (await edge.http.get(f"/docs/{other}")).status_code == 404, other
