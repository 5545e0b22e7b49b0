"""A mailbox on a real IMAP server: what is in it becomes a contact, each mail once, and none is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.intake.domain.gaps import Span
from services.intake.jobs.imap import ImapPuller
from services.intake.jobs.mailbox import Mailbox
from services.intake.main import build
from services.intake.repository.mailboxes import forget_fetched
from services.intake.service.gaps import Gaps
from services.intake.settings import IntakeSettings
from shared.consumer.failures import Fault, OurFault, fault_of
from shared.runner import Service
from shared.settings import CommonSettings
from shared.wiring import wiring_in
from tests.conftest import FrozenClock, eventually
from tests.services.intake.given import count, rows
from tests.services.intake.mail.dovecot import PASSWORD, PROGRAM, USER, Dovecot, running_dovecot
from tests.services.intake.mail.given import mail

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Dovecot")
SIX = [mail(f"keluhan {number}", Message_ID=f"<m-{number}@surel.example>") for number in range(6)]
WITHOUT_MOVE = "IMAP4rev1 UIDPLUS"


@dataclass
class Pulling:
    """A mailbox, and a service that fetches from it."""

    server: Dovecot
    service: Service
    puller: ImapPuller

    @property
    def gaps(self) -> Gaps:
        return wiring_in(self.service.app).part(Gaps)

    async def until(self, look: Callable[[], Awaitable[object]]) -> None:
        """Steps the puller until something is so."""

        async def step() -> object:
            await self.puller.step()
            return await look()

        await eventually(step)

    async def kept(self, number: int) -> None:
        """Steps until so many mails are kept, and all of them are settled in the mailbox."""

        async def look() -> bool:
            [found] = await rows(self.service.db, "SELECT count(*) = count(settled_at) AS settled FROM fetched_mails")
            return found.settled and await count(self.service.db, "raw") >= number

        await self.until(look)
        assert await count(self.service.db, "raw") == number


Make = Callable[..., Pulling]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Dovecot]:
    async with running_dovecot() as server:
        yield server


@pytest_asyncio.fixture
async def make(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Make]:
    """Makes a service that fetches from a server."""
    made: list[Service] = []

    def make(server: Dovecot, **settings: object) -> Pulling:
        address = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_tls": False}
        who = {"imap_user": USER, "imap_password": PASSWORD, "imap_done_folder": "Selesai"}
        service = build(common, IntakeSettings.model_validate({**address, **who, **settings}), clock)
        made.append(service)
        [puller] = [worker for worker in service.workers if isinstance(worker, ImapPuller)]
        return Pulling(server, service, puller)

    yield make
    for service in made:
        await service.close()


async def test_mails_are_each_kept_once_and_moved_though_the_server_numbers_the_others_anew(
    server: Dovecot, make: Make
) -> None:
    """E1."""
    pulling = make(server)
    await server.add(*SIX)
    await pulling.kept(6)
    assert {raw.content for raw in await rows(pulling.service.db, "SELECT content FROM raw")} == set(SIX)
    assert (await server.holds(), await server.holds("Selesai")) == (0, 6)
    await server.add(mail("lagi", Message_ID="<m-7@surel.example>"))
    await pulling.kept(7)


async def test_mails_are_marked_as_read_where_there_is_no_folder_to_move_them_to(server: Dovecot, make: Make) -> None:
    pulling = make(server, imap_done_folder="")
    await server.add(*SIX)
    await pulling.kept(6)
    assert await server.holds() == 6
    await server.add(SIX[0].replace(b"keluhan", b"keluhan lain"))
    await pulling.kept(7)


async def test_mails_are_moved_on_a_server_that_can_only_copy(make: Make) -> None:
    async with running_dovecot(WITHOUT_MOVE) as server:
        pulling = make(server)
        await server.add(*SIX)
        await pulling.kept(6)
        assert (await server.holds(), await server.holds("Selesai")) == (0, 6)


async def test_mails_that_somebody_read_before_are_kept_too(server: Dovecot, make: Make) -> None:
    pulling = make(server)
    await server.add(*SIX, flags=(rb"\Seen",))
    await pulling.kept(6)


async def test_mails_are_kept_once_when_the_puller_died_between_the_commit_and_the_move(
    server: Dovecot, make: Make, clock: FrozenClock
) -> None:
    """E1."""
    dying, next_one = make(server), make(server)
    await server.add(*SIX)
    mailbox = await asyncio.to_thread(Mailbox, dying.puller.address)
    fetched = await asyncio.to_thread(mailbox.fetch, 0, 100_000)
    await dying.puller.mails.keep_fetched(mailbox.numbering, fetched, clock())
    mailbox.close()
    await next_one.kept(6)
    assert (await server.holds(), await server.holds("Selesai")) == (0, 6)


async def test_mailbox_that_is_numbered_anew_brings_nothing_twice(server: Dovecot, make: Make) -> None:
    """E4."""
    pulling = make(server, imap_done_folder="")
    await server.add(*SIX)
    await pulling.kept(6)
    await pulling.puller.close()
    server.number_anew()
    await server.start()
    await server.add(mail("baru", Message_ID=None))
    await pulling.kept(7)
    numberings = await rows(pulling.service.db, "SELECT uidvalidity, count(*) FROM fetched_mails GROUP BY 1 ORDER BY 1")
    assert [numbering.count for numbering in numberings] == [6, 7]


async def test_mails_that_somebody_takes_away_meanwhile_hold_up_no_others(server: Dovecot, make: Make) -> None:
    pulling = make(server)
    await server.add(SIX[0])
    await pulling.kept(1)
    await server.add(*SIX[1:4])

    def take_away() -> None:
        with server.client() as client:
            client.select_folder("INBOX")
            client.delete_messages(client.search("ALL")[1:2])
            client.expunge()

    await asyncio.to_thread(take_away)
    await server.add(*SIX[4:])
    await pulling.kept(5)


async def test_mail_that_comes_while_the_server_is_listened_to_is_kept(server: Dovecot, make: Make) -> None:
    pulling = make(server)
    await server.add(SIX[0])
    await pulling.kept(1)
    for _ in range(2):
        await pulling.puller.step()
    await server.add(SIX[1])
    await pulling.kept(2)


async def test_server_that_was_away_loses_nothing(server: Dovecot, make: Make) -> None:
    pulling = make(server)
    await server.add(*SIX[:3])
    await pulling.kept(3)
    server.stop()

    async def fails() -> bool:
        try:
            await pulling.puller.step()
        except Exception as error:
            return fault_of(error) is Fault.OUTAGE
        return False

    await eventually(fails)
    assert await fails()
    await server.start()
    await server.add(*SIX[3:])
    await pulling.kept(6)


async def test_mails_that_were_fetched_long_ago_are_forgotten_but_for_the_last(
    server: Dovecot, make: Make, clock: FrozenClock
) -> None:
    pulling = make(server, imap_done_folder="")
    await server.add(*SIX)
    await pulling.kept(6)
    async with pulling.service.db.transaction() as session:
        assert await forget_fetched(session, clock.forward(days=1), limit=3) == 3
        assert await forget_fetched(session, clock(), limit=100) == 2
    for _ in range(2):
        await pulling.puller.step()
    assert await count(pulling.service.db, "raw") == 6


async def test_puller_is_the_only_one_until_it_lets_go(server: Dovecot, make: Make) -> None:
    first, second = make(server), make(server)
    await first.puller.step()
    await second.puller.step()
    assert (first.puller.is_connected, second.puller.is_connected) == (True, False)
    await first.puller.close()
    await second.puller.step()
    assert second.puller.is_connected


async def test_puller_that_is_not_let_in_says_so(server: Dovecot, make: Make) -> None:
    pulling = make(server, imap_password="another")
    with pytest.raises(OurFault, match="INTAKE_IMAP_PASSWORD"):
        await pulling.puller.step()


async def test_mail_that_is_too_long_is_kept_as_far_as_it_may_go(server: Dovecot, make: Make) -> None:
    pulling = make(server, mail_bytes=2_000)
    await server.add(mail("x" * 5_000), SIX[1])
    await pulling.kept(2)
    lengths = await rows(pulling.service.db, "SELECT length(content) AS bytes FROM raw ORDER BY bytes")
    assert [each.bytes for each in lengths] == [len(SIX[1]), 2_000]


async def test_mail_that_was_passed_over_is_missing_until_it_is_fetched(
    server: Dovecot, make: Make, clock: FrozenClock
) -> None:
    pulling = make(server, imap_done_folder="")
    await server.add(*SIX[:3])
    await pulling.kept(3)
    async with pulling.service.db.transaction() as session:
        await session.execute(text("DELETE FROM fetched_mails WHERE uid = 2"))
    gaps, span = pulling.gaps, Span(clock.now - timedelta(days=1), clock.forward(minutes=6), clock.now)

    async def missing() -> list[str]:
        async with pulling.service.db.autocommit() as session:
            found = (await gaps.accounts(session, span))["email"].missing
        return [name.split(" ")[-1] for gap in found if gap.kind == "mail" for name in gap.names]

    async def none_is_missing() -> bool:
        return await missing() == []

    assert await missing() == ["2"]
    await pulling.until(none_is_missing)


async def test_mail_that_was_taken_away_before_it_was_fetched_is_not_missed(server: Dovecot, make: Make) -> None:
    pulling = make(server)
    await server.add(SIX[0])
    await pulling.kept(1)
    await server.add(*SIX[1:3])

    def take_away() -> None:
        with server.client() as client:
            client.select_folder("INBOX")
            client.delete_messages(client.search("ALL")[:1])
            client.expunge()

    await asyncio.to_thread(take_away)
    await pulling.kept(2)

    async def is_noted() -> object:
        return await rows(pulling.service.db, "SELECT 1 FROM fetched_mails WHERE uid = 2 AND digest = ''")

    await pulling.until(is_noted)
