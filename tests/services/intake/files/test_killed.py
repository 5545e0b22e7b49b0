"""A process that is killed between the bytes of a file and a commit leaves nothing in the store for ever."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from services.local.engines import free_port
from shared.settings import CommonSettings
from tests.conftest import SECRET, eventually, owner_url
from tests.services.intake.files.test_forms import PDF, PICTURE, key_of, send
from tests.serving import NO_TLS


@dataclass
class Killable:
    """Intake in a process of its own, with its database and its store."""

    http: httpx.AsyncClient
    process: asyncio.subprocess.Process
    admin: Any
    folder: Path

    async def count(self, table: str) -> int:
        return int(await self.admin.fetchval(f"SELECT count(*) FROM intake.{table}"))

    def kept(self) -> int:
        return len([file for file in self.folder.rglob("*") if file.is_file()])

    async def nothing_is_kept(self) -> bool:
        await self.admin.execute("UPDATE intake.loose_files SET due_at = now()")
        return not self.kept() and not await self.count("loose_files")


@asynccontextmanager
async def running(common: CommonSettings, folder: Path, *, crash_at: str = "") -> AsyncIterator[Killable]:
    """Intake, which dies at `crash_at`, until the block ends."""
    port = free_port()
    environment = {
        "DATABASE_URL": str(common.database_url),
        "REDIS_URL": str(common.redis_url),
        "SATUATAP_SECRET": SECRET,
        "SATUATAP_CRASH_AT": crash_at,
        "INTAKE_ATTACHMENTS_DIR": str(folder),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "run", "intake", "--port", str(port)),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    admin = await asyncpg.connect(owner_url(common))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=NO_TLS, timeout=30) as http:

            async def is_up() -> bool:
                with suppress(httpx.TransportError):
                    return (await http.get("/livez")).is_success
                return False

            await eventually(is_up, seconds=120)
            yield Killable(http, process, admin, folder)
    finally:
        await admin.close()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_bytes_of_a_form_that_was_never_accepted_are_removed_by_the_next_process(
    common: CommonSettings, tmp_path: Path
) -> None:
    async with running(common, tmp_path, crash_at="intake.files.put") as intake:
        key = await key_of(intake.http)
        with suppress(httpx.TransportError):
            await send(intake.http, key, PICTURE, PDF)
        assert await intake.process.wait() == -signal.SIGKILL
        assert (intake.kept(), await intake.count("contacts"), await intake.count("loose_files")) == (2, 0, 2)
    async with running(common, tmp_path) as intake:
        await eventually(intake.nothing_is_kept)
        assert (await send(intake.http, key, PICTURE, PDF)).status_code == 303
        assert (intake.kept(), await intake.count("attachments")) == (2, 2)


async def test_removal_that_was_cut_off_is_made_up_for_by_the_next_process(
    common: CommonSettings, tmp_path: Path
) -> None:
    async with running(common, tmp_path, crash_at="intake.files.removed") as intake:
        assert (await send(intake.http, await key_of(intake.http), PICTURE, PDF)).status_code == 303
        await intake.admin.execute(
            "WITH gone AS (DELETE FROM intake.attachments RETURNING id) "
            "INSERT INTO intake.loose_files SELECT id, now() FROM gone"
        )
        assert await intake.process.wait() == -signal.SIGKILL
        assert (intake.kept(), await intake.count("loose_files")) == (0, 2)
    async with running(common, tmp_path) as intake:
        await eventually(intake.nothing_is_kept)
