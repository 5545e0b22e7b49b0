"""The release before `tickets_0006` and this one side by side: what either writes, the other reads whole."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from migrations import _run, upgrade
from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act
from services.tickets.domain.happenings import (
    Escalated,
    Happened,
    Happening,
    Joined,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Replied,
    Resolved,
    Settled,
    Unrecognised,
)
from services.tickets.domain.units import Unit, slug_of
from services.tickets.models import BEGINNING, Place
from services.tickets.repository import cases, happenings, tickets, units
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.write import write
from shared.db import Database, async_url
from shared.events import ContactReceived, Person
from shared.ids import new_id, new_tracking_code
from shared.settings import CommonSettings
from shared.visibility import EVERYTHING
from tests.factories import DUE, NOW, TRACE, contact
from tests.migrations import release_before as before

AUDIT: list[tuple[str, str, str, Happening]] = [
    ("door", "opened", "form", Opened("form")),
    ("booth", "escalated", "", Escalated(1)),
    ("booth", "settled", "", Settled()),
    ("door", "joined", "", Joined()),
    ("door", "reopened", "", Reopened()),
    ("staff:1", "replied", "", Replied()),
    ("staff:1", "escalated", "level 2", Escalated(2)),
    ("staff:1", "escalated", "level 3: bank: perlu\ndata", Escalated(3, "bank: perlu\ndata")),
    ("staff:1", "resolved", "", Resolved()),
    (
        "notify",
        "notice_failed",
        "email about opened: SMTP 550: no",
        NoticeFailed("email", "opened", "failed", "SMTP 550: no"),
    ),
    ("notify", "notice_expired", "sms about resolved: ", NoticeFailed("sms", "resolved", "expired", "")),
    ("staff:1", "notice_arrived", "email about opened", NoticeSettled("email", "opened", "arrived")),
    ("staff:1", "notice_odd", "who knows", Unrecognised("notice_odd", {"detail": "who knows"})),
    ("staff:1", "escalated", "somewhere", Unrecognised("escalated", {"detail": "somewhere"})),
    ("staff:1", "merged", "", Unrecognised("merged", {})),
]


@pytest_asyncio.fixture
async def db(common: CommonSettings) -> AsyncIterator[Database]:
    db = Database(common.database_url, schema="tickets")
    yield db
    await db.close()


def ticket_row(**changes: Any) -> dict[str, Any]:
    """A ticket as the release before keeps it."""
    row: dict[str, Any] = {
        "id": new_id(),
        "tracking_code": new_tracking_code(),
        "contact_id": new_id(),
        "chat_id": None,
        "channel": "form",
        "status": "open",
        "topic": "insentif",
        "unit": "Prakerja / pencairan",
        "subject": "Insentif",
        "name": "Warga Satu",
        "email": "warga@surel.example",
        "phone": "+6281255501234",
        "programme_number_sealed": "sealed",
        "programme_number_last4": "1234",
        "policy_name": "ptsa",
        "policy_version": 1,
        "zone": "Asia/Jakarta",
        "opened_at": NOW,
        "resolution_due_at": DUE,
        "first_replied_at": None,
        "resolved_at": None,
        "escalation_level": 0,
        "version": 1,
        "correlation_id": "c-1",
    }
    return {**row, **changes}


def audit_row(ticket_id: UUID, actor: str, verb: str, detail: str, version: int = 1) -> dict[str, Any]:
    row = {"id": new_id(), "ticket_id": ticket_id, "version": version, "actor": actor, "verb": verb, "detail": detail}
    return {**row, "at": NOW + timedelta(minutes=version)}


async def as_before(step: AsyncConnection) -> None:
    """The schema of `tickets` as the release before knows it, and nothing in it."""
    await step.execute(text("DROP SCHEMA tickets CASCADE"))
    await step.execute(text("CREATE SCHEMA tickets AUTHORIZATION satuatap_tickets"))
    await step.execute(text("SET LOCAL ROLE satuatap_tickets"))
    await step.run_sync(_run, "tickets", "tickets_0005")


async def trail(db: Database, ticket_id: UUID) -> list[Happened]:
    """Every happening, read in short pages."""
    found: list[Happened] = []
    after: Place | None = BEGINNING
    async with db.transaction() as session:
        [ticket] = await tickets.get(session, EVERYTHING, ticket_id)
        while after:
            page = await happenings.of_ticket(session, ticket, after, 2)
            found += page.items
            after = page.next
    return found


async def test_audit_trail_from_before_is_a_trail_of_happenings(database_url: str, db: Database) -> None:
    # given: an audit trail, some of it from before places were counted
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await as_before(step)
    await engine.dispose()
    ticket = ticket_row()
    async with db.transaction() as session:
        await before.insert_ticket(session, ticket)
        for actor, verb, detail, _ in AUDIT:
            await before.insert_audit(session, audit_row(ticket["id"], actor, verb, detail))
        await session.execute(text("UPDATE tickets.audit SET place = NULL WHERE place < 3"))
        told = await before.audit_of(session, ticket["id"])
    # when
    await upgrade(database_url)
    # then
    assert [(each.actor, each.happening) for each in await trail(db, ticket["id"])] == [
        (actor, what) for actor, _, _, what in AUDIT
    ]
    async with db.transaction() as session:
        assert await before.audit_of(session, ticket["id"]) == told
        places = await session.execute(text("SELECT id, number FROM tickets.happenings ORDER BY number, id"))
        assert [(row["id"], row["place"]) for row in told] == [tuple(place) for place in places]


async def test_trail_to_which_both_releases_add_is_the_same_to_both(db: Database) -> None:
    ticket = ticket_row()
    async with db.transaction() as session:
        await before.insert_ticket(session, ticket)
    for version, (actor, verb, detail, what) in enumerate(AUDIT, start=1):
        async with db.transaction() as session:
            row = audit_row(ticket["id"], actor, verb, detail, version)
            if version % 2:
                await before.insert_audit(session, row)
            else:
                await happenings.insert(session, [Happened(ticket["id"], version, what, actor, row["at"])])
    known = await trail(db, ticket["id"])
    assert [(each.version, each.actor, each.happening) for each in known] == [
        (version, actor, what) for version, (actor, _, _, what) in enumerate(AUDIT, start=1)
    ]
    async with db.transaction() as session:
        told = await before.audit_of(session, ticket["id"])
    assert [(row["actor"], row["verb"], row["detail"], row["at"]) for row in told] == [
        (actor, verb, detail, each.at) for (actor, verb, detail, _), each in zip(AUDIT, known, strict=True)
    ]


async def test_trail_is_added_to_and_never_changed(db: Database) -> None:
    async with db.transaction() as session:
        rights = await session.execute(
            text("SELECT p, has_table_privilege('tickets.happenings', p) FROM unnest(ARRAY['INSERT', 'UPDATE']) AS p")
        )
        assert dict(tuple(row) for row in rights) == {"INSERT": True, "UPDATE": False}


# -- who it is --------------------------------------------------------------------------------------------------

WHO = ("name", "email", "phone", "programme_number_sealed", "programme_number_last4")
NOBODY: dict[str, Any] = dict.fromkeys(WHO)
SOMEBODY = dict(zip(WHO, ("Warga Satu", "warga@surel.example", "+6281255501234", "sealed", "1234"), strict=True))
SOME: list[dict[str, Any]] = [SOMEBODY, NOBODY, {**NOBODY, "phone": "+6281255501234"}, {**SOMEBODY, "name": None}]


def who(case: Case) -> dict[str, Any]:
    """What is known of the citizen, under the names of the release before."""
    number = case.citizen.programme_number
    sealed, last4 = (number.sealed, number.last4) if number else (None, None)
    return dict(zip(WHO, (*case.citizen.person.model_dump().values(), sealed, last4), strict=True))


async def case_of(db: Database, ticket_id: UUID) -> Case:
    async with db.transaction() as session:
        [case] = await cases.lock(session, EVERYTHING, [ticket_id])
    return case


async def row_of(db: Database, ticket_id: UUID) -> dict[str, Any]:
    async with db.transaction() as session:
        return await before.get_ticket(session, ticket_id)


async def file(db: Database, row: dict[str, Any]) -> UUID:
    """The id of a ticket that the release before opens."""
    async with db.transaction() as session:
        await before.insert_ticket(session, row)
    ticket_id: UUID = row["id"]
    return ticket_id


async def bring(db: Database, *brought: ContactReceived) -> UUID:
    """The id of the ticket of the last contact, which this release opens or lets join."""
    arrivals = Arrivals(rulebook=Rulebook(policy="ptsa", default_unit="contact centre"))
    async with db.transaction() as session:
        await arrivals.receive(session, brought, NOW)
        found = await session.execute(
            text("SELECT ticket_id FROM tickets.entries WHERE contact_id = :id"), {"id": brought[-1].data.contact_id}
        )
        ticket_id: UUID = found.scalar_one()
    return ticket_id


def said_by(who: dict[str, Any], **changes: Any) -> ContactReceived:
    person = Person(name=who["name"], email=who["email"], phone=who["phone"])
    return contact(
        citizen=person,
        programme_number_sealed=who["programme_number_sealed"],
        programme_number_last4=who["programme_number_last4"],
        **changes,
    )


async def test_ticket_from_before_is_whole_and_whose_it_was(database_url: str, db: Database) -> None:
    engine = create_async_engine(async_url(database_url))
    async with engine.begin() as step:
        await as_before(step)
    await engine.dispose()
    rows = [ticket_row(**known) for known in SOME]
    for row in rows:
        await file(db, row)
    await upgrade(database_url)
    for row in rows:
        assert same(await case_of(db, row["id"]), row)
        assert await row_of(db, row["id"]) == named_by_slug(row)
        async with db.transaction() as session:
            assert (await units.get(session, slug_of(row["unit"]))) == Unit(slug_of(row["unit"]), row["unit"])


@pytest.mark.parametrize("known", SOME)
async def test_ticket_of_the_release_before_is_read_whole(db: Database, known: dict[str, Any]) -> None:
    row = ticket_row(**known, status="escalated", escalation_level=2, version=3)
    assert same(await case_of(db, await file(db, row)), row)


@pytest.mark.parametrize("known", SOME)
async def test_ticket_of_this_release_is_read_whole_by_the_one_before(db: Database, known: dict[str, Any]) -> None:
    for outcome in ("open", "settled", "escalated"):
        ticket_id = await bring(db, said_by(known, channel="booth", outcome=outcome))
        case, row = await case_of(db, ticket_id), await row_of(db, ticket_id)
        assert same(case, row)
        assert who(case) == known


async def test_who_it_is_is_learnt_by_either_release_for_both(db: Database) -> None:
    chat = {"chat_id": new_id(), "channel": "chat"}
    # given: a chat that the release before opened, and of which this one learnt an address
    ticket_id = await file(db, ticket_row(**NOBODY, **chat))
    await bring(db, said_by({**NOBODY, "email": "warga@surel.example"}, **chat))
    row = await row_of(db, ticket_id)
    assert (row["email"], row["version"]) == ("warga@surel.example", 2)
    # when: the one before learns the rest
    async with db.transaction() as session:
        await before.update_ticket(session, {**row, **SOMEBODY, "version": 3})
    # then
    case = await case_of(db, ticket_id)
    assert (who(case), case.ticket.version) == (SOMEBODY, 3)
    # and nothing that is said later takes its place
    await bring(db, said_by({**SOMEBODY, "name": "Nama Lain", "email": "lain@surel.example"}, **chat))
    assert {name: value for name, value in (await row_of(db, ticket_id)).items() if name in WHO} == SOMEBODY


async def test_change_that_says_nothing_of_who_it_is_leaves_the_citizen_alone(db: Database) -> None:
    ticket_id = await file(db, ticket_row())
    citizen = (await case_of(db, ticket_id)).citizen
    async with db.transaction() as session:
        row = await before.get_ticket(session, ticket_id)
        await before.update_ticket(session, {**row, "status": "answered", "first_replied_at": NOW, "version": 2})
    assert (await case_of(db, ticket_id)).citizen == citizen


async def test_clock_is_stopped_and_runs_again_by_what_either_release_does(db: Database) -> None:
    chat = {"chat_id": new_id(), "channel": "chat"}
    ticket_id = await file(db, ticket_row(**chat))
    # the release before resolves, this one opens again
    async with db.transaction() as session:
        row = await before.get_ticket(session, ticket_id)
        await before.update_ticket(session, {**row, "status": "resolved", "resolved_at": NOW, "version": 2})
    assert (await case_of(db, ticket_id)).resolution.stopped_at == NOW
    await bring(db, said_by(NOBODY, **chat))
    case, row = await case_of(db, ticket_id), await row_of(db, ticket_id)
    assert same(case, row)
    assert (row["status"], row["resolved_at"], row["version"]) == ("open", None, 3)
    # this one resolves, the release before opens again
    async with db.transaction() as session:
        await write(session, [verbs.resolve(case, None, Act("staff:1", TRACE, NOW, EVERYTHING))])
    assert (await row_of(db, ticket_id))["resolved_at"] == NOW
    async with db.transaction() as session:
        row = await before.get_ticket(session, ticket_id)
        await before.update_ticket(session, {**row, "status": "open", "resolved_at": None, "version": 5})
    assert same(await case_of(db, ticket_id), await row_of(db, ticket_id))
    assert (await case_of(db, ticket_id)).resolution.stopped_at is None


async def test_number_that_either_release_seals_anew_is_sealed_anew_for_both(db: Database) -> None:
    ticket_id = await file(db, ticket_row())
    async with db.transaction() as session:
        await before.reseal(session, "sealed", "sealed again")
    assert who(await case_of(db, ticket_id))["programme_number_sealed"] == "sealed again"
    async with db.transaction() as session:
        await session.execute(text("UPDATE tickets.handles SET sealed = 'once more' WHERE sealed = 'sealed again'"))
    assert (await row_of(db, ticket_id))["programme_number_sealed"] == "once more"
    assert (await row_of(db, ticket_id))["programme_number_last4"] == "1234"


def same(case: Case, row: dict[str, Any]) -> bool:
    """Whether the case of this release and the row of the one before say the same."""
    due = {
        "policy_name": case.resolution.policy_name,
        "policy_version": case.resolution.policy_version,
        "resolution_due_at": case.resolution.due_at,
        "opened_at": case.resolution.started_at,
        "resolved_at": case.resolution.stopped_at,
    }
    told = {**asdict(case.ticket), **who(case)}
    assert {name: told[name] for name in ("opened_at", "resolved_at")}.items() <= due.items()
    told |= due
    return {name: told[name] for name in row} == named_by_slug(row)


def named_by_slug(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the release before as it is kept: where that one writes a unit's name, its slug stands now."""
    return {**row, "unit": slug_of(row["unit"])}
