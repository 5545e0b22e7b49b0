"""Retention: what is older than its time goes, what is not stays, and nobody is held up meanwhile."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.intake.repository import retention as intake
from services.intake.repository.chats import chat_lines
from services.notify.repository import attempts, loops, notices, readings
from shared import retention
from shared.db import Database
from shared.leader import leads
from shared.retention import Retention, Rule, common_rules
from shared.settings import CommonSettings
from tests.conftest import FrozenClock

SCHEMAS = ("intake", "tickets", "notify", "survey_index")
OLD, YOUNG = 100, 10


class Keeper:
    """One service's schema, and its retention, which steps when told to."""

    def __init__(self, db: Database, clock: FrozenClock) -> None:
        self.db = db
        self.clock = clock

    async def passes(self, rules: Sequence[Rule], steps: int = 8) -> None:
        worker = Retention(db=self.db, rules=rules, clock=self.clock)
        for _ in range(min(steps, len(rules))):
            await worker.step()

    async def do(self, sql: str, **values: Any) -> None:
        async with self.db.transaction() as session:
            await session.execute(text(sql), values)

    async def column(self, sql: str) -> list[Any]:
        async with self.db.autocommit() as session:
            return list((await session.scalars(text(sql))).all())

    def ago(self, days: int) -> Any:
        return self.clock() - timedelta(days=days)


@pytest_asyncio.fixture
async def keepers(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[dict[str, Keeper]]:
    databases = {schema: Database(common.database_url, schema=schema) for schema in SCHEMAS}
    yield {schema: Keeper(db, clock) for schema, db in databases.items()}
    for db in databases.values():
        await db.close()


# -- what every service has -------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_retention_of_inbox_and_keys_is_their_window(
    keepers: dict[str, Keeper], common: CommonSettings, schema: str
) -> None:
    keeper = keepers[schema]
    for days in (OLD, YOUNG):
        at = keeper.ago(days)
        await keeper.do("INSERT INTO inbox VALUES (gen_random_uuid(), :at)", at=at)
        await keeper.do(
            "INSERT INTO inbox_failures (event_id, failures, reason, failed_at) "
            "VALUES (gen_random_uuid(), 1, 'KeyError', :at)",
            at=at,
        )
        await keeper.do(
            "INSERT INTO idempotency_keys (client, key, fingerprint, answer, status, created_at) "
            "VALUES ('c', :key, '', '', 200, :at)",
            key=f"k-{days}",
            at=at,
        )
    await keeper.passes(common_rules(schema, common))
    young = keeper.ago(YOUNG)
    assert await keeper.column("SELECT handled_at FROM inbox") == [young]
    assert await keeper.column("SELECT failed_at FROM inbox_failures") == [young]
    assert await keeper.column("SELECT created_at FROM idempotency_keys") == [young]


async def test_retention_keeps_a_dead_letter_that_waits_for_a_person_for_ever(
    keepers: dict[str, Keeper], common: CommonSettings
) -> None:
    keeper = keepers["notify"]
    for name, replayed, discarded in (
        ("waits", None, None),
        ("replayed lately", YOUNG, None),
        ("replayed long ago", OLD, None),
        ("discarded lately", None, YOUNG),
        ("discarded long ago", None, OLD),
    ):
        await keeper.do(
            "INSERT INTO dead_letters (id, stream, entry_id, handler, reason, failures, payload, died_at, replayed_at, "
            "discarded_at) VALUES (gen_random_uuid(), 'tickets', :name, '', '', 5, '', :died, :replayed, :discarded)",
            name=name,
            died=keeper.ago(10 * OLD),
            replayed=keeper.ago(replayed) if replayed else None,
            discarded=keeper.ago(discarded) if discarded else None,
        )
        await keeper.do(
            "INSERT INTO stops VALUES ('tickets', gen_random_uuid(), '1-0', '', '', :name, :died, :skipped)",
            name=name,
            died=keeper.ago(10 * OLD),
            skipped=keeper.ago(replayed) if replayed else None,
        )
    await keeper.passes(common_rules("notify", common))
    kept = await keeper.column("SELECT entry_id FROM dead_letters ORDER BY 1")
    assert kept == ["discarded lately", "replayed lately", "waits"]
    kept = await keeper.column("SELECT reason FROM stops ORDER BY 1")
    assert kept == ["discarded lately", "discarded long ago", "replayed lately", "waits"]


# -- the worker -------------------------------------------------------------------------------------------------


async def test_retention_goes_in_batches_until_nothing_is_left(
    keepers: dict[str, Keeper], common: CommonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    keeper = keepers["tickets"]
    await keeper.do("INSERT INTO inbox SELECT gen_random_uuid(), :at FROM generate_series(1, 25)", at=keeper.ago(OLD))
    worker = Retention(db=keeper.db, rules=common_rules("tickets", common)[:1], clock=keeper.clock)
    for left in (15, 5, 0):
        await worker.step()
        assert await keeper.column("SELECT count(*) FROM inbox") == [left]


async def test_retention_is_one_instances_business_at_a_time(
    keepers: dict[str, Keeper], common: CommonSettings
) -> None:
    keeper = keepers["tickets"]
    await keeper.do("INSERT INTO inbox VALUES (gen_random_uuid(), :at)", at=keeper.ago(OLD))
    async with keeper.db.transaction() as another:
        assert await leads(another, "retention tickets")
        await keeper.passes(common_rules("tickets", common))
        assert await keeper.column("SELECT count(*) FROM inbox") == [1]
    await keeper.passes(common_rules("tickets", common))
    assert await keeper.column("SELECT count(*) FROM inbox") == [0]


# -- texts go first, the facts stay -----------------------------------------------------------------------------

WHO = "name, email, phone, programme_number_sealed, programme_number_last4, subject, body"
SOMEBODY = "'Warga', 'warga@surel.example', '+6281255501234', 'sealed', '1234', 'Insentif', 'Belum cair'"
NOBODY = "(name, email, phone, programme_number_sealed) IS NULL AND body = '' AND subject = ''"


async def test_retention_blanks_who_made_a_contact_and_what_he_said_and_keeps_that_he_came(
    keepers: dict[str, Keeper],
) -> None:
    keeper = keepers["intake"]
    for days in (OLD, YOUNG):
        await keeper.do(
            f"INSERT INTO contacts (id, tracking_code, channel, {WHO}, client, received_at) "
            f"VALUES (gen_random_uuid(), :code, 'form', {SOMEBODY}, 'key:one', :at)",
            code=f"code {days}",
            at=keeper.ago(days),
        )
        await keeper.do(
            f"INSERT INTO visits (id, booth, day, number, tracking_code, status, {WHO}, taken_at, call_due_at) "
            f"VALUES (gen_random_uuid(), 'B1', DATE '2026-01-01', {days}, :code, 'settled', {SOMEBODY}, :at, :at)",
            code=f"visit {days}",
            at=keeper.ago(days),
        )
    after = timedelta(days=50)
    rules = [Rule("contacts", after, intake.blank_contacts), Rule("visits", after, intake.blank_visits)]
    for table in ("contacts", "visits"):
        for _ in range(2):
            await keeper.passes(rules)
            blanked = await keeper.column(f"SELECT tracking_code FROM {table} WHERE {NOBODY}")
            assert blanked == [f"{'code' if table == 'contacts' else 'visit'} {OLD}"]
            assert await keeper.column(f"SELECT count(*) FROM {table}") == [2]


async def test_retention_blanks_what_was_answered_in_a_chat(keepers: dict[str, Keeper]) -> None:
    keeper = keepers["intake"]
    await keeper.do("INSERT INTO chats VALUES (gen_random_uuid(), 'code', now(), 2)")
    for place, days in ((1, OLD), (2, YOUNG)):
        await keeper.do(
            "INSERT INTO chat_replies (id, chat_id, position, body, sent_at) "
            "SELECT gen_random_uuid(), id, :place, 'Sudah cair.', :at FROM chats",
            place=place,
            at=keeper.ago(days),
        )
    await keeper.passes([Rule("chat replies", timedelta(days=50), intake.blank_replies)])
    assert await keeper.column("SELECT body FROM chat_replies ORDER BY position") == ["", "Sudah cair."]
    [chat_id] = await keeper.column("SELECT id FROM chats")
    async with keeper.db.autocommit() as session:
        shown, _ = await chat_lines(session, chat_id, 0, 100)
    assert [(line.position, line.body) for line in shown] == [(2, "Sudah cair.")], "no empty line is shown"


async def test_retention_forgets_what_was_read_in_chats(keepers: dict[str, Keeper]) -> None:
    keeper = keepers["notify"]
    for days in (OLD, YOUNG):
        await keeper.do(
            "INSERT INTO chat_readings VALUES (gen_random_uuid(), :old, :at)", old=days == OLD, at=keeper.ago(days)
        )
    await keeper.passes([Rule("readings in chats", timedelta(days=50), readings.forget_readings)])
    assert await keeper.column("SELECT is_read FROM chat_readings") == [False]


async def test_retention_forgets_how_many_mails_were_answered(keepers: dict[str, Keeper]) -> None:
    keeper = keepers["notify"]
    for days in (OLD, YOUNG):
        await keeper.do("INSERT INTO answer_counts VALUES (:key, :at, 1)", key=f"{days}", at=keeper.ago(days))
    await keeper.passes([Rule("counts of answers", timedelta(days=50), loops.forget_counts)])
    assert await keeper.column("SELECT key FROM answer_counts") == [f"{YOUNG}"]


async def test_retention_blanks_notices_that_have_ended_and_forgets_their_attempts(keepers: dict[str, Keeper]) -> None:
    keeper = keepers["notify"]
    for status, days in (("accepted", OLD), ("failed", OLD), ("accepted", YOUNG), ("queued", None)):
        name = f"{status} {days}"
        await keeper.do(
            """
            WITH told AS (
                INSERT INTO notices (id, event_id, reason, ticket_id, tracking_code, kind, address, subject, body,
                    status, next_attempt_at, give_up_at, correlation_id, created_at, ended_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'opened', gen_random_uuid(), :name, 'email',
                        'warga@surel.example', 'Insentif', 'Terima kasih.', :status, :old, :old, 'c-1', :old, :ended)
                RETURNING id)
            INSERT INTO delivery_attempts (notice_id, number, worker, started_at, ended_at)
            SELECT id, 1, 'test', :old, :ended FROM told
            """,
            name=name,
            status=status,
            old=keeper.ago(10 * OLD),
            ended=keeper.ago(days) if days else None,
        )
    after = timedelta(days=50)
    rules = [Rule("notices", after, notices.blank_notices), Rule("attempts", after, attempts.forget_attempts)]
    await keeper.passes(rules)
    blank = "SELECT tracking_code FROM notices WHERE body = '' AND subject = '' AND address IS NULL ORDER BY 1"
    assert await keeper.column(blank) == [f"accepted {OLD}", f"failed {OLD}"]
    kept = "SELECT tracking_code FROM notices n JOIN delivery_attempts a ON a.notice_id = n.id ORDER BY 1"
    assert await keeper.column(kept) == [f"accepted {YOUNG}", "queued None"]
    assert await keeper.column("SELECT count(*) FROM notices") == [4]
