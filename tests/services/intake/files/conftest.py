"""Intake with the channels open that keep files elsewhere, and the other side of both, served over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from pydantic import HttpUrl, SecretStr
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.intake.storage import Directory
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually, staff_header
from tests.services.intake.channels.conftest import SECRET, Open
from tests.serving import listening, serving

ACCESS = "lets us in"
AGENT = staff_header("agent")
WORKERS = (
    "acceptor",
    "keeper of raw bytes",
    "parser",
    "files of whatsapp",
    "files of line",
    "loose files",
)


@dataclass
class OtherSide:
    """WhatsApp and LINE: to each path the answers that a test put there, one after the other, and the last for ever."""

    url: str = ""
    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append(request)
        answers = self.answers.get(request.url.path, [Response(status_code=404)])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        answer: Response = await found(request) if callable(found) and not isinstance(found, Response) else found
        return answer


@dataclass
class Files(Open):
    """Intake with its channels open, the store that it keeps files in, and the other side."""

    store: Directory
    folder: Path
    other: OtherSide

    def kept(self) -> int:
        """How many files are in the store."""
        return len([file for file in self.folder.rglob("*") if file.is_file()])

    async def attachments(self) -> list[Any]:
        """The rows of all files, as soon as everything that was brought is parsed."""
        await self.is_parsed()
        return await self.rows("SELECT * FROM attachments ORDER BY received_at, contact_id, place")

    async def become(self, state: str) -> list[Any]:
        """The same, once all of them are in this state."""

        async def look() -> list[Any]:
            rows = await self.attachments()
            return rows if rows and all(row.state == state for row in rows) else []

        await eventually(look)
        return await look()

    async def eventually_kept(self, count: int) -> None:
        """Waits until so many of them are kept."""

        async def look() -> bool:
            return len([row for row in await self.attachments() if row.state == "kept"]) == count

        await eventually(look)

    async def tried(self, reason: str) -> Any:
        """The one file, once its reason has this in it."""

        async def look() -> list[Any]:
            return [row for row in await self.attachments() if reason in row.reason]

        await eventually(look)
        [row] = await look()
        return row

    async def do(self, sql: str, **values: object) -> None:
        async with self.service.db.transaction() as session:
            await session.execute(text(sql), values)

    async def time_passes(self) -> None:
        """What waits for a while, by the clock of the database, is due."""
        await self.do("UPDATE media SET next_try_at = now()")
        await self.do("UPDATE loose_files SET due_at = now()")

    async def content(self, attachment_id: UUID, headers: dict[str, str] = AGENT) -> httpx.Response:
        return await self.http.get(f"/v1/attachments/{attachment_id}/content", headers=headers)

    async def listed(self, contact_id: UUID) -> list[Any]:
        answer = await self.http.get(f"/v1/contacts/{contact_id}/attachments", headers=AGENT)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["items"]
        return found


@pytest_asyncio.fixture
async def other_side() -> AsyncIterator[OtherSide]:
    other = OtherSide()
    async with listening(Starlette(routes=[Route("/{path:path}", other.answer)])) as server:
        other.url = f"http://127.0.0.1:{server.config.port}"
        yield other


@pytest_asyncio.fixture
async def files(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path, other_side: OtherSide
) -> AsyncIterator[Files]:
    settings = IntakeSettings(
        whatsapp_app_secret=SecretStr(SECRET),
        whatsapp_verify_token=SecretStr("agreed with Meta"),
        whatsapp_access_token=SecretStr(ACCESS),
        whatsapp_graph_url=HttpUrl(f"{other_side.url}/v25.0"),
        line_channel_secret=SecretStr(SECRET),
        line_access_token=SecretStr(ACCESS),
        line_data_url=HttpUrl(other_side.url),
        attachments_dir=tmp_path / "attachments",
        mail_bytes=6_000_000,
    )
    service = build(common, settings, clock)
    workers = [worker for worker in service.workers if worker.name in WORKERS]
    folder = tmp_path / "attachments"
    async with serving(service, workers=workers) as http:
        yield Files(service, http, Directory(folder), folder, other_side)
