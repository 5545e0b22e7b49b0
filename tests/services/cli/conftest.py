"""The command line, as a process of its own."""

import asyncio
import os
import sys
from typing import Any

import pytest

from shared.settings import CommonSettings
from tests.conftest import SECRET


@pytest.fixture
def run(common: CommonSettings) -> Any:
    """Runs a command as its own process; answers exit code and everything it printed."""
    environment = {
        **os.environ,
        "DATABASE_URL": str(common.database_url),
        "REDIS_URL": str(common.redis_url),
        "SATUATAP_SECRET": SECRET,
        "COLUMNS": "200",
    }

    async def run(*arguments: str, without: str | None = None, **more: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services",
            *arguments,
            env={name: value for name, value in (environment | more).items() if name != without},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, out.decode().strip()

    return run
