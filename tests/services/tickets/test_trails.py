"""The trail in the database: all of it is sealed, the service cannot change it, and what somebody else did is found."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.tickets.domain.trails import CHANGED, CUT, Broken
from services.tickets.service.trails import verify_trails
from shared.settings import CommonSettings
from tests.conftest import owner_url
from tests.factories import contact, notice_failed
from tests.services.tickets.conftest import Running
from tests.services.tickets.test_lifecycle import done


async def found(running: Running) -> tuple[int, int, list[Broken]]:
    """How many rows are sealed, how many have no seal, and what is broken."""
    async with running.service.db.transaction() as session:
        trails = [trail async for trail in verify_trails(session)]
    return (
        sum(trail.sealed for trail in trails),
        sum(trail.before_seals + trail.without_seal for trail in trails),
        [trail.broken for trail in trails if trail.broken],
    )


async def test_all_that_is_written_is_sealed_in_one_chain_a_ticket(running: Running, http: httpx.AsyncClient) -> None:
    ticket, other = await running.bring(), await running.bring(channel="booth", outcome="settled")
    await running.receive(*(contact(ticket_id=UUID(ticket)) for _ in range(3)))
    await running.notice(notice_failed(ticket_id=UUID(ticket)), notice_failed(ticket_id=UUID(other)))
    await done(http, ticket, "escalate", reason="Perlu data bank")
    await done(http, ticket, "merge", into=await running.bring())
    await running.notice(notice_failed(ticket_id=UUID(ticket)))
    assert await found(running) == (13, 0, [])


@pytest.mark.parametrize(
    ("change", "version", "what"),
    [
        ("UPDATE tickets.happenings SET actor = 'staff:2' WHERE version = 2", 2, CHANGED),
        ("DELETE FROM tickets.happenings WHERE version = 3", 2, CUT),
    ],
)
async def test_change_by_whoever_may_is_found(
    running: Running, http: httpx.AsyncClient, common: CommonSettings, change: str, version: int, what: str
) -> None:
    ticket = await running.bring()
    for priority in ("high", "low"):
        await done(http, ticket, "priority", priority=priority)
    await running.bring()
    owner: Any = await asyncpg.connect(owner_url(common))
    await owner.execute(change)
    await owner.close()
    _, _, broken = await found(running)
    assert broken == [Broken(UUID(ticket), version, what)]


async def test_row_of_a_process_of_the_release_before_has_no_seal_and_breaks_none(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring()
    await running.change(
        "INSERT INTO happenings (id, ticket_id, version, kind, data, actor, at) VALUES (gen_random_uuid(),"
        " CAST(:id AS uuid), 1, 'notice_failed', '{}', 'notify', now())",
        id=ticket,
    )
    await done(http, ticket, "claim")
    assert await found(running) == (2, 1, [])


async def test_row_of_the_trail_is_neither_changed_nor_removed_by_the_service(running: Running) -> None:
    await running.bring()
    for change in ("UPDATE happenings SET actor = 'x'", "DELETE FROM happenings", "TRUNCATE happenings"):
        with pytest.raises(Exception, match="permission denied"):
            await running.change(change)
