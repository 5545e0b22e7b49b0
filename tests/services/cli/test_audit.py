"""`satuatap audit verify`: exit code 0 while every seal fits, and 1 with the first link that does not."""

from typing import Any

import asyncpg

from shared.settings import CommonSettings
from tests.conftest import owner_url
from tests.services.tickets.conftest import Running, running

__all__ = ["running"]


async def test_audit_verify_names_the_first_broken_link(run: Any, running: Running, common: CommonSettings) -> None:
    tickets = sorted([await running.bring() for _ in range(3)])
    code, said = await run("audit", "verify")
    assert (code, said.splitlines()) == (0, ["3 rows of 3 trails are sealed", "every seal fits"])
    owner: Any = await asyncpg.connect(owner_url(common))
    await owner.execute("UPDATE tickets.happenings SET origin = '' WHERE ticket_id <> $1", tickets[0])
    await owner.close()
    code, said = await run("audit", "verify")
    assert code == 1
    assert f"BROKEN: ticket {tickets[1]} in version 1: " in said
    assert "2 trails are broken" in said
    assert (await run("audit", "verify", "--ticket", tickets[0]))[0] == 0
