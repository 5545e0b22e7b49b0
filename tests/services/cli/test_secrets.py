"""From one secret to the next: nothing that the old one sealed is lost, while everything runs."""

import asyncio
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from services.cli.secrets import PLACES
from shared.db import Database
from shared.events import decode
from shared.reseal import PIECE, column, reseal
from shared.runner import Service
from shared.seal import Seal
from shared.secret import Secrets
from shared.settings import CommonSettings
from tests.conftest import SECRET, eventually, owner_url, staff_header
from tests.services.conftest import built
from tests.serving import serving

NEW = "the next secret of the tests with more than 32 characters"
BOTH = f"{NEW},{SECRET}"
NUMBER = "3201234567891234"
STAFF = staff_header("admin")
OURS, NEXT = Seal(Secrets((SECRET,))), Seal(Secrets((NEW,)))


@pytest.fixture
async def database(common: CommonSettings) -> Any:
    connection = await asyncpg.connect(owner_url(common))
    yield connection
    await connection.close()


async def bring(service: Service, *numbers: str) -> None:
    """A form with a programme number each, and one visit to a booth."""
    async with serving(service, workers=[service.workers[0]]) as http:
        for number in numbers:
            form = {"body": "Insentif.", "email": "warga@surel.example", "programme_number": number, "nik": number}
            assert (await http.post("/v1/contacts", headers=STAFF, json=form)).status_code == 202
        visit = {"body": "Insentif.", "programme_number": numbers[0], "nik": numbers[0]}
        assert (await http.post("/v1/booths/B1/visits", headers=STAFF, json=visit)).status_code == 201
        relay = next(worker for worker in service.workers if worker.name.startswith("relay"))
        await relay.step()


async def handle(service: Service, database: Any, number: int) -> None:
    """Lets tickets read until it has so many."""
    consumer = service.workers[0]

    async def read() -> bool:
        await consumer.step()
        return bool(await database.fetchval("SELECT count(*) FROM tickets.tickets") == number)

    await eventually(read)
    for worker in service.workers:
        await worker.close()
    await service.db.close()


async def sealed(database: Any) -> dict[str, list[str]]:
    """Every sealed number, by where it lies."""
    numbers = {
        table: [row[0] for row in await database.fetch(f"SELECT programme_number_sealed FROM {table}")]
        for table in ("intake.contacts", "intake.visits", "tickets.tickets")
    }
    numbers["tickets.handles"] = [
        row[0] for row in await database.fetch("SELECT sealed FROM tickets.handles WHERE kind = 'programme_number'")
    ]
    for table in ("intake.outbox", "tickets.dead_letters"):
        payloads = [row[0] for row in await database.fetch(f"SELECT payload FROM {table}")]
        numbers[table] = [decode(payload).data.programme_number_sealed for payload in payloads]
    return numbers


async def test_every_place_where_something_is_sealed_is_known(database: Any) -> None:
    found = await database.fetch("""
        SELECT c.table_schema || '.' || c.table_name AS table, c.column_name AS column
        FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema IN ('intake', 'tickets', 'notify', 'survey_index') AND t.table_type = 'BASE TABLE'
          AND (c.column_name LIKE '%sealed%' OR c.column_name = 'payload') AND c.table_name !~ '^outbox_'
        """)
    assert {(row["table"], row["column"]) for row in found} == {
        (f"{place.schema}.{place.table}", place.column) for place in PLACES
    }


async def test_what_an_older_secret_sealed_is_sealed_anew_everywhere_and_only_the_new_one_is_needed_then(
    run: Any, common: CommonSettings, database: Any
) -> None:
    # given: two contacts and a visit, sealed with the old secret; the desk has not read the contacts yet
    await bring(built(common)["intake"], NUMBER, "3209999999999999")
    assert await run("secrets", "check") == (0, (await run("secrets", "rotate"))[1]), "one secret: nothing to do"
    # when: a new one is in front
    code, said = await run("secrets", "check", SATUATAP_SECRET=BOTH)
    # then: it is said what still needs the old one, and what has to wait for the desk
    assert (code, said.splitlines()) == (
        1,
        [
            "intake.outbox: 4 sealed, 4 wait until their reader has handled them",
            "intake.contacts: 4 sealed, 4 with an older secret",
            "intake.visits: 2 sealed, 2 with an older secret",
            "An older secret is still needed: `satuatap secrets rotate`.",
        ],
    )
    # when: it is sealed anew, the desk reads (with both), one more is brought to a door that has the new one in front
    code, said = await run("secrets", "rotate", SATUATAP_SECRET=BOTH)
    assert (code, "intake.contacts: 4 sealed, 4 sealed anew" in said, "Run it again" in said) == (0, True, True)
    both = common.model_copy(update={"secret": SecretStr(BOTH)})
    await handle(built(both)["tickets"], database, 2)
    await bury(database)
    await bring(built(both)["intake"], "3208888888888888")
    await handle(built(both)["tickets"], database, 3)
    code, said = await run("secrets", "rotate", SATUATAP_SECRET=BOTH)
    assert (code, said.splitlines()) == (
        0,
        [
            "intake.outbox: 6 sealed, 4 sealed anew",
            "tickets.dead_letters: 2 sealed, 2 sealed anew",
            "intake.contacts: 6 sealed",
            "intake.visits: 4 sealed",
            "tickets.handles: 6 sealed, 4 sealed anew",
            "tickets.tickets: 3 sealed",
            "Run it again until it finds nothing more: what was on its way meanwhile may need it, too.",
        ],
    )
    # then: it finds nothing more, and the new one alone opens everything
    for command in ("rotate", "check"):
        code, said = await run("secrets", command, SATUATAP_SECRET=BOTH)
        assert (code, "Nothing needs an older secret" in said, "staff\ntokens" in said) == (0, True, True)
    opened = {
        table: sorted(NEXT.open(number) for number in numbers) for table, numbers in (await sealed(database)).items()
    }
    every = [NUMBER, "3208888888888888", "3209999999999999"]
    # and who brings an equal number is found by it, whichever secret was the newest when it came
    for kind in ("nik", "programme_number"):
        found = await database.fetch("SELECT blind_index FROM tickets.handles WHERE kind = $1", kind)
        assert {row[0] for row in found} == {NEXT.index(kind, number) for number in every}
        found = await database.fetch(f"SELECT {kind}_index FROM intake.visits")
        assert {row[0] for row in found} == {NEXT.index(kind, number) for number in (NUMBER, "3208888888888888")}
    payload = await database.fetchval("SELECT payload FROM tickets.dead_letters")
    assert NEXT.index("nik", NEXT.open(decode(payload).data.nik_sealed)) in payload
    assert opened == {
        "intake.contacts": every,
        "intake.visits": [NUMBER, "3208888888888888"],
        "tickets.handles": every,
        "tickets.tickets": every,
        "intake.outbox": every,
        "tickets.dead_letters": [opened["tickets.dead_letters"][0]],
    }
    code, said = await run("secrets", "check", SATUATAP_SECRET=NEW)
    assert (code, said.splitlines()[-1]) == (0, "Nothing needs an older secret to be opened.")


async def bury(database: Any) -> None:
    """A dead letter of the desk, with what a contact brought."""
    await database.execute("""
        INSERT INTO tickets.dead_letters (id, stream, entry_id, event_id, handler, reason, failures, payload, died_at)
        SELECT gen_random_uuid(), 'contacts', '1-0', event_id, 'receive', 'x', 5, payload, now()
        FROM intake.outbox ORDER BY seq LIMIT 1
        """)


async def test_login_that_may_only_take_the_roles_of_the_services_is_enough(
    run: Any, common: CommonSettings, database: Any
) -> None:
    await bring(built(common)["intake"], NUMBER)
    roles = ", ".join(f"satuatap_{service}" for service in ("intake", "tickets", "notify", "survey_index"))
    await database.execute("CREATE ROLE only_roles LOGIN NOINHERIT PASSWORD 'only-for-tests'")
    try:
        await database.execute(f"GRANT {roles} TO only_roles WITH INHERIT FALSE, SET TRUE")
        login = make_url(str(common.database_url)).set(username="only_roles", password="only-for-tests")
        given = {"DATABASE_URL": login.render_as_string(hide_password=False), "SATUATAP_SECRET": BOTH}
        for command in (("secrets", "rotate"), ("tokens", "revoke", "--all"), ("tokens", "list")):
            code, said = await run(*command, **given)
            assert code == 0, said
        assert NEXT.open((await sealed(database))["intake.contacts"][0]) == NUMBER
    finally:
        await database.execute(f"REVOKE {roles} FROM only_roles")
        await database.execute("DROP ROLE only_roles")


async def test_weak_secret_of_before_can_be_left_behind(run: Any, common: CommonSettings, database: Any) -> None:
    weak = "abcdefgh" * 4
    await database.execute(
        "INSERT INTO intake.contacts (id, tracking_code, channel, programme_number_sealed, subject, body, client, "
        "received_at) VALUES (gen_random_uuid(), 'c', 'form', $1, '', '', 'x', now())",
        Seal(Secrets((weak,))).close(NUMBER),
    )
    code, said = await run("secrets", "rotate", SATUATAP_SECRET=f"{NEW},{weak}")
    assert (code, "1 sealed anew" in said) == (0, True)
    assert NEXT.open((await sealed(database))["intake.contacts"][0]) == NUMBER
    code, said = await run("secrets", "rotate", SATUATAP_SECRET=f"{weak},{NEW}")
    assert (code, "repeats itself" in said, weak in said) == (1, True, False)


async def test_secret_that_was_taken_out_too_early_is_missed(run: Any, common: CommonSettings) -> None:
    await bring(built(common)["intake"], NUMBER)
    code, said = await run("secrets", "check", SATUATAP_SECRET=NEW)
    assert (code, "intake.contacts: 2 sealed, 2 that none of the secrets opens" in said) == (1, True)
    assert "at the end of SATUATAP_SECRET" in said
    assert (NEW in said, NUMBER in said) == (False, False)


async def test_sealing_anew_may_be_stopped_and_goes_on(run: Any, common: CommonSettings, database: Any) -> None:
    many = PIECE + 300
    await database.execute(
        "INSERT INTO intake.contacts (id, tracking_code, channel, programme_number_sealed, subject, body, client, "
        "received_at) SELECT gen_random_uuid(), 'c' || n, 'form', $2, '', '', 'x', now() FROM generate_series(1, $1) n",
        many,
        OURS.close(NUMBER),
    )
    db, both = Database(common.database_url, schema="intake"), Seal(Secrets.read(BOTH))
    async with db.transaction() as session:  # one piece, and then it is stopped
        piece = await reseal(
            session, column("intake", "contacts", "programme_number_sealed"), both, None, look_only=False
        )
    assert (piece.counts.renewed, piece.last is None) == (PIECE, False)
    await db.close()
    code, said = await run("secrets", "rotate", SATUATAP_SECRET=BOTH)
    assert (code, f"intake.contacts: {many} sealed, 300 sealed anew" in said) == (0, True)
    assert {NEXT.open(number) for number in (await sealed(database))["intake.contacts"]} == {NUMBER}


async def test_value_that_changes_meanwhile_is_not_overwritten(common: CommonSettings, database: Any) -> None:
    await database.execute(
        "INSERT INTO intake.contacts (id, tracking_code, channel, programme_number_sealed, subject, body, client, "
        "received_at) VALUES (gen_random_uuid(), 'c', 'form', $1, '', '', 'x', now())",
        OURS.close(NUMBER),
    )
    db, both = Database(common.database_url, schema="intake"), Seal(Secrets.read(BOTH))
    other = await asyncpg.connect(owner_url(common))
    changing = other.transaction()
    await changing.start()
    await other.execute("UPDATE intake.contacts SET programme_number_sealed = 'another'")

    async def renew() -> None:
        async with db.transaction() as session:
            place = column("intake", "contacts", "programme_number_sealed")
            await reseal(session, place, both, None, look_only=False)

    async def waits() -> bool:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(await database.fetchval(waiting))

    renewing = asyncio.create_task(renew())
    await eventually(waits)
    await changing.commit()
    await renewing
    assert await database.fetchval("SELECT programme_number_sealed FROM intake.contacts") == "another"
    await other.close()
    await db.close()
