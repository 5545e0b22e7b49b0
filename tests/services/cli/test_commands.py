"""The command line against a real database: keys, tokens, dead letters, replays, migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url

from shared import outbox
from shared.api_keys import hash_secret
from shared.clock import utcnow
from shared.events import STREAMS, AnyEvent, TicketOpened, TicketResolved
from shared.ids import new_id
from shared.plumbing import Plumbing
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from tests.conftest import SECRET, SECRETS, FrozenClock, owner_url
from tests.factories import contact, ticket_opened, ticket_resolved


async def test_key_is_made_listed_without_its_secret_and_revoked(run: Any) -> None:
    _, key = await run("keys", "create", "widget", "--scope", "contacts:write")
    key_id = key.split("_")[1]
    _, listed = await run("keys", "list")
    assert "widget" in listed
    assert "contacts:write" in listed
    assert key.split("_", 2)[2] not in listed
    assert await run("keys", "revoke", key_id) == (0, f"The key {key_id} is revoked.")
    assert (await run("keys", "revoke", key_id))[0] == 1
    assert (await run("keys", "create", "x", "--scope", "everything"))[0] != 0


async def test_key_is_bound_and_rotated_and_shows_until_when_the_old_secret_works(
    run: Any, common: CommonSettings
) -> None:
    bounds = ("--channel", "booth", "--channel", "call", "--requests-per-minute", "600")
    _, key = await run("keys", "create", "loket", *bounds)
    tomorrow = f"{utcnow() + timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
    code, rotated = await run("keys", "rotate", "loket", "--until", tomorrow)
    assert (code, rotated.split("_")[1], rotated != key) == (0, key.split("_")[1], True)
    _, listed = await run("keys", "list", COLUMNS="400")
    for told in ("for booth, call", "600 requests", "until ", "not used"):
        assert told in listed
    _, narrow = await run("keys", "list", COLUMNS="80")
    assert key.split("_")[1] in narrow
    database = await asyncpg.connect(owner_url(common))
    for holder in ("intake", "survey_index"):
        [kept] = await database.fetch(f"SELECT * FROM {holder}.api_keys")
        assert (kept["secret_hash"], kept["old_secret_hash"]) == tuple(
            hash_secret(each.split("_", 2)[2]) for each in (rotated, key)
        )
    await database.close()
    _, _ = await run("keys", "create", "loket")
    for name, said in (("loket", "There are 2 keys"), ("none", "There is no key")):
        code, printed = await run("keys", "rotate", name, COLUMNS="300")
        assert (code, said in printed) == (2, True), printed
    assert (await run("keys", "create", "x", "--channel", "fax"))[0] == 2
    for wrong in (["--hours", "1", "--until", tomorrow], ["--until", "2099-01-01T00:00:00"]):
        assert (await run("keys", "rotate", key.split("_")[1], *wrong))[0] == 2
    assert (await run("keys", "rotate", key.split("_")[1], "--hours", "0"))[0] == 0


async def test_widgets_key_is_made_with_its_pages_and_its_number_of_chats(run: Any, common: CommonSettings) -> None:
    pages = ("--origin", "https://www.contoh.go.id", "--origin", "http://127.0.0.1:8080")
    code, key = await run("keys", "create", "web", "--widget", *pages, "--per-minute", "7")
    assert (code, key.count("_") >= 2) == (0, True)
    _, listed = await run("keys", "list", COLUMNS="400")
    for told in ("chats:open", "http://127.0.0.1:8080, https://www.contoh.go.id", " 7 "):
        assert told in listed
    database = await asyncpg.connect(owner_url(common))
    for holder in ("intake", "survey_index"):
        kept = await database.fetch(f"SELECT scopes, origins, chats_per_minute FROM {holder}.api_keys")
        assert [tuple(row) for row in kept] == [
            (["chats:open"], ["http://127.0.0.1:8080", "https://www.contoh.go.id"], 7)
        ]
    await database.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--widget"], "bound to its pages"),
        (["--widget", "--origin", "https://www.contoh.go.id/halo"], "no origin as a browser sends it"),
        (["--widget", "--origin", "https://www.contoh.go.id", "--scope", "chats:read"], "leave --scope out"),
        (["--origin", "https://www.contoh.go.id"], "say --widget"),
        (["--per-minute", "5"], "say --widget"),
        (["--scope", "chats:open"], "is not a scope"),
    ],
)
async def test_widgets_key_that_would_bind_nothing_is_refused(run: Any, options: list[str], said: str) -> None:
    code, printed = await run("keys", "create", "web", *options, COLUMNS="300")
    assert (code, said in printed) == (2, True), printed


async def test_token_carries_the_roles_that_exist(run: Any) -> None:
    code, token = await run("token", "--role", "agent", "--role", "officer")
    caller = StaffTokens(SECRETS).authenticate(token)
    assert code == 0
    assert caller is not None
    assert caller.roles == {"agent", "officer"}
    assert (await run("token", "--role", "king"))[0] != 0


async def test_tokens_are_revoked_at_every_service_and_listed_with_who_did_it(run: Any, common: CommonSettings) -> None:
    code, said = await run("tokens", "revoke", "--subject", "7", "--before", "2026-03-13T09:00:00+07:00")
    assert (code, said) == (0, "The tokens of 7 made before 2026-03-13 02:00:00Z are revoked.")
    code, said = await run("tokens", "revoke", "--all")
    assert (code, said.startswith("The tokens of everybody made before 20")) == (0, True)
    _, listed = await run("tokens", "list")
    assert [line.split()[0] for line in listed.splitlines()] == ["whose", "everybody", "7"]
    assert "2026-03-13 02:00:00Z" in listed
    assert "cli:" in listed
    database = await asyncpg.connect(owner_url(common))
    for service in ("intake", "tickets", "notify", "survey_index"):
        kept = await database.fetch(f"SELECT subject FROM {service}.token_revocations ORDER BY subject")
        assert [row["subject"] for row in kept] == ["", "7"], service
    await database.close()


async def test_tokens_to_revoke_must_be_named_and_made_already(run: Any) -> None:
    for wrong in ((), ("--subject", "7", "--all"), ("--all", "--before", "2100-01-01T00:00:00")):
        assert (await run("tokens", "revoke", *wrong))[0] == 2, wrong


PUT_BACK = "put back. Once handled, which takes seconds, `dead list` shows it no more."


async def test_dead_letter_is_shown_without_its_content_and_put_back_by_its_reader(
    run: Any, common: CommonSettings, clock: FrozenClock, redis: Any
) -> None:
    event, letter = ticket_opened(), new_id()
    await bury(common, letter, event.id, event.encode())
    _, listed = await run("dead", "list", COLUMNS="80")
    assert str(letter) in listed
    assert "ticket.opened" in listed
    _, shown = await run("dead", "show", str(letter))
    assert "Warga Satu" not in shown
    _, whole = await run("dead", "show", str(letter), "--payload")
    assert "Warga Satu" in whole
    assert await run("dead", "replay", str(letter)) == (0, f"1 {PUT_BACK}")
    assert "asked back by cli:" in (await run("dead", "list"))[1]
    async with reader(common, clock) as handled:
        assert await handled() == [event.id]
    assert await redis.exists(STREAMS["tickets"].key) == 1  # its group, and nothing on it
    assert await redis.xlen(STREAMS["tickets"].key) == 0
    code, said = await run("dead", "replay", str(letter))
    assert (code, "was handled at" in said) == (2, True)
    assert str(letter) not in (await run("dead", "list"))[1]
    _, all_ = await run("dead", "list", "--all")
    assert str(letter) in all_
    assert "handled at" in all_
    assert (await run("dead", "show", str(new_id())))[0] != 0


async def test_dead_letters_that_wait_are_all_put_back_each_by_its_own_reader(
    run: Any, common: CommonSettings, clock: FrozenClock
) -> None:
    opened, resolved, brought, done = ticket_opened(), ticket_resolved(), contact(), ticket_opened()
    await bury(common, new_id(), done.id, done.encode(), replayed_at=utcnow())
    for event in (opened, resolved):
        await bury(common, new_id(), event.id, event.encode())
    await bury(common, new_id(), brought.id, brought.encode(), service="tickets", stream="contacts")
    assert await run("dead", "replay", "all") == (0, f"3 {PUT_BACK}")
    async with reader(common, clock) as handled:
        assert sorted(await handled()) == sorted([opened.id, resolved.id])
    assert await run("dead", "replay", "all") == (0, f"1 {PUT_BACK}")  # that of tickets, who did not read meanwhile


async def test_dead_letter_can_be_discarded_with_a_reason_and_then_stays_on_record(
    run: Any, common: CommonSettings
) -> None:
    event, letter = ticket_opened(), new_id()
    await bury(common, letter, event.id, event.encode())
    assert (await run("dead", "discard", str(letter)))[0] == 2
    assert (await run("dead", "discard", str(letter), "--reason", " "))[0] == 2
    code, said = await run("dead", "discard", str(letter), "--reason", "a test of the network")
    assert (code, said.startswith("Discarded")) == (0, True)
    assert str(letter) not in (await run("dead", "list"))[1]
    _, all_ = await run("dead", "list", "--all", COLUMNS="400")
    assert "discarded by cli:" in all_
    assert "a test of the network" in all_
    assert (await run("dead", "replay", str(letter)))[0] == 2
    assert (await run("dead", "replay", "all"))[1].startswith("0 put back")


async def test_skip_of_an_event_at_which_no_stream_stands_is_refused(run: Any) -> None:
    code, said = await run("dead", "skip", str(new_id()), "--reason", "we shall never read it")
    assert (code, "no stream stands" in said) == (2, True)


@asynccontextmanager
async def reader(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Any]:
    """A reader of notify; the function that it gives lets it step, and says what it has handled."""
    handled: list[UUID] = []

    async def handle(_session: Any, events: Any, _now: Any) -> None:
        handled.extend(event.id for event in events)

    pipes = Plumbing(common, "notify", clock)
    consumer = pipes.consumer(STREAMS["tickets"], {TicketOpened: handle, TicketResolved: handle})

    async def step() -> list[UUID]:
        for _ in range(4):
            await consumer.step()
        return handled

    yield step
    await consumer.close()
    await pipes.relay.close()
    await pipes.db.close()


async def on_stream(redis: Any, name: str) -> list[str]:
    return [fields[b"event"].decode() for _, fields in await redis.xrange(STREAMS[name].key)]


async def bury(
    common: CommonSettings,
    letter: UUID,
    event_id: UUID,
    payload: str,
    *,
    service: str = "notify",
    stream: str = "tickets",
    replayed_at: datetime | None = None,
) -> None:
    database = await asyncpg.connect(owner_url(common))
    await database.execute(
        f"INSERT INTO {service}.dead_letters (id, stream, entry_id, event_id, event_type, handler, reason, failures, "
        "payload, died_at, replayed_at) "
        "VALUES ($1, $2, $3, $4, 'ticket.opened', 'enter', 'LookupError', 5, $5, $6, $7)",
        letter,
        stream,
        f"{letter.int}-0",
        event_id,
        payload,
        utcnow(),
        replayed_at,
    )
    await database.close()


@pytest.mark.parametrize(
    "since", ["2026-03-13T04:00:00", "2026-03-13T11:00:00+07:00"], ids=["UTC", "a zone that is given"]
)
async def test_what_was_published_since_a_moment_is_published_again_and_nothing_older(
    run: Any, common: CommonSettings, redis: Any, clock: FrozenClock, since: str
) -> None:
    # given: an event published at two, and two at four
    earlier, later = ticket_opened(), [ticket_opened(), ticket_opened()]
    desk = Plumbing(common, "tickets", clock)
    await publish(desk, earlier)
    clock.forward(hours=2)
    await publish(desk, *later)
    # when: all since four is asked for, on a machine whose own zone is another
    code, said = await run("replay", "--since", since, TZ="America/New_York")
    # then: the relay has just the two to publish
    assert (code, said.splitlines()) == (
        0,
        [
            f"{service}: {count} events will be published again"
            for service, count in (("intake", 0), ("tickets", 2), ("notify", 0), ("survey_index", 0))
        ],
    )
    await publish(desk)
    again = [event.encode() for event in later]
    assert await on_stream(redis, "tickets") == [earlier.encode(), *again, *again]
    await desk.relay.close()
    await desk.db.close()


async def publish(pipes: Plumbing, *events: AnyEvent) -> None:
    async with pipes.db.transaction() as session:
        await outbox.add(session, pipes.name, events)
    await pipes.relay.step()


async def test_migrating_again_changes_nothing(run: Any) -> None:
    assert await run("migrate") == (
        0,
        "\n".join(f"{s}: up to date" for s in ("intake", "tickets", "notify", "survey_index")),
    )


async def test_what_is_missing_is_named(run: Any) -> None:
    assert await run("migrate", without="DATABASE_URL") == (
        1,
        "Neither DATABASE_OWNER_URL nor DATABASE_URL is set: they name the database to migrate.",
    )
    code, said = await run("run", "notify", without="SATUATAP_SECRET")
    assert code == 1
    assert "SATUATAP_SECRET" in said
    code, said = await run("run", "notify")
    assert code == 1
    assert "NOTIFY_SMTP_HOST" in said
    assert "Traceback" not in said
    code, said = await run("keys", "list", without="DATABASE_URL")
    assert code == 1
    assert "satuatap up" in said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/x"}, "does not answer (ConnectionRefusedError)"),
        ({"DATABASE_URL": "postgresql://a:b@127.0.0.1:abc/x"}, "is no address of a PostgreSQL database"),
        ({"DATABASE_URL": "mysql://a@127.0.0.1/x"}, "is no address of a PostgreSQL database"),
        ({"DATABASE_URL": "somewhere"}, "is no address of a PostgreSQL database"),
    ],
    ids=["nobody there", "no port", "another kind", "no address"],
)
@pytest.mark.parametrize("command", [("keys", "list"), ("dead", "list"), ("migrate",)], ids=" ".join)
async def test_database_that_cannot_be_used_is_said_in_a_sentence(
    run: Any, command: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    code, printed = await run(*command, **environment)
    assert (code, len(printed.splitlines())) == (1, 1)
    assert said in printed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("?sslmode=require", "does not answer"),
        ("?foo=bar", "parameters that nobody knows: foo"),
        ("_tiada", "is not there"),
    ],
)
async def test_address_with_something_after_it_is_understood_or_named(
    run: Any, common: CommonSettings, change: str, said: str
) -> None:
    code, printed = await run("dead", "list", DATABASE_URL=f"{common.database_url}{change}")
    assert (code, said in printed, "Traceback" in printed) == (1, True, False), printed


async def test_login_without_rights_is_told_so_and_nothing_of_what_was_written_is_shown(
    run: Any, common: CommonSettings
) -> None:
    admin = await asyncpg.connect(owner_url(common))
    await admin.execute("CREATE ROLE tamu LOGIN PASSWORD 'tamu'")
    try:
        guest = make_url(str(common.database_url)).set(username="tamu", password="tamu")
        address = guest.render_as_string(hide_password=False)
        code, printed = await run("keys", "create", "x", "--scope", "answers:write", DATABASE_URL=address)
        assert (code, "too few rights" in printed, "Traceback" in printed) == (1, True, False), printed
    finally:
        await admin.execute("DROP ROLE tamu")
        await admin.close()


async def test_login_that_is_not_let_in_and_a_database_that_is_not_ours_are_said_too(
    run: Any, common: CommonSettings, tmp_path: Path
) -> None:
    given = make_url(str(common.database_url))
    stranger = given.set(password="wrong").render_as_string(hide_password=False)
    for command in (("up", "--data-dir", str(tmp_path / "house")), ("migrate",)):
        code, printed = await run(*command, DATABASE_URL=stranger)
        assert (code, "lets nobody in" in printed and "28P01" in printed) == (1, True), printed
        assert "Traceback" not in printed
    other = given.set(database="postgres").render_as_string(hide_password=False)
    code, printed = await run("keys", "list", DATABASE_URL=other)
    assert (code, "has no tables of ours" in printed, len(printed.splitlines())) == (1, True, 1), printed


async def test_what_would_make_a_bad_key_or_token_is_refused(run: Any) -> None:
    assert (await run("keys", "create", " "))[0] == 2
    code, said = await run("token", "--role", "agent", SATUATAP_SECRET="short")
    assert (code, "fewer than 32 characters" in said) == (1, True)
    guessed = "change-me-" * 4
    code, said = await run("run", "notify", SATUATAP_SECRET=f"{SECRET},{guessed}")
    assert (code, "SATUATAP_SECRET: number 2 of the 2" in said, "openssl rand" in said) == (1, True, True)
    assert guessed not in said
    code, said = await run("run", "notify", SATUATAP_INBOX_WINDOW_DAYS="3")
    assert (code, said) == (
        1,
        "The environment is not as it must be: "
        "SATUATAP_INBOX_WINDOW_DAYS must be longer than SATUATAP_REPLAY_WINDOW_DAYS",
    )


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no house is running"), ("{", "is damaged"), ("{}", "is damaged")]
)
async def test_house_that_is_not_there_or_damaged_is_said_in_a_sentence(
    run: Any, tmp_path: Path, content: str | None, said: str
) -> None:
    folder = tmp_path / "rumah[red]"
    folder.mkdir()
    if content:
        (folder / "credentials.json").write_text(content)
    code, printed = await run("survey", "index", "--survey", "s", "--data-dir", str(folder))
    assert (code, len(printed.splitlines())) == (1, 1)
    assert said in printed
    assert "rumah[red]" in printed
