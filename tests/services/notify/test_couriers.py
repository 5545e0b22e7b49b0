"""The courier: that an attempt begins is written down before the network is touched, one message at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.local.engines import free_port
from services.notify.consumers import ticket_handlers
from services.notify.domain.breaker import Breaker
from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.domain.notices import Kind
from services.notify.jobs import courier as couriers
from services.notify.models import Ending, Notice
from services.notify.providers.sms import SmsProvider
from services.notify.providers.smtp import SmtpProvider
from services.notify.repository import claims
from shared.bell import Bell
from shared.events import TicketOpened, TicketReplied
from shared.ids import new_id
from shared.telemetry import PROVIDER_AWAY
from tests.conftest import eventually
from tests.services.notify.conftest import MOST_AN_HOUR, Running
from tests.services.notify.given import THREADS, opened, replied, rows, settings

LEDGER = """
    SELECT n.id, n.status, coalesce(n.id = ANY(c.under_way), false) AS under_way,
           coalesce(n.id = ANY(c.accepted), false) AS taken
    FROM notify.notices n LEFT JOIN notify.claims c ON c.id = n.claim ORDER BY n.id
"""


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A courier hands a whole batch over, however slow the machine is that looks into the ledger at each of it."""
    monkeypatch.setattr(couriers, "_HOLD_SECONDS", 600)


@dataclass
class Obeying:
    """A provider that answers as it is told, and looks into the ledger, as somebody else, when it takes something."""

    running: Running
    answers: list[Outcome]
    kind: Kind = "email"
    meanwhile: Callable[[], object] = lambda: None
    took: list[Notice] = field(default_factory=list)
    saw: list[list[Any]] = field(default_factory=list)

    async def send(self, notice: Notice, _: float) -> Outcome:
        self.took.append(notice)
        self.saw.append(await rows(self.running.db, LEDGER))
        self.meanwhile()
        return self.answers.pop(0)

    async def close(self) -> None: ...


def obeying(running: Running, *answers: Outcome) -> Obeying:
    return Obeying(running, list(answers))


class Killed(BaseException):
    """The process dies here: nothing more is written down."""


# -- one message at a time ----------------------------------------------------------------------------------------


async def test_message_is_noted_before_the_network_and_as_taken_before_the_next(running: Running) -> None:
    await running.enter(opened(), opened(), opened())
    provider = obeying(running, Acceptance("one"), Doubt("broke off"), Acceptance("three"))
    await running.courier(provider).step()
    waits, goes, taken = ("sending", False, False), ("sending", True, False), ("sending", False, True)
    seen = [[(row.status, row.under_way, row.taken) for row in saw] for saw in provider.saw]
    assert seen == [[goes, waits, waits], [taken, goes, waits], [taken, ("uncertain", False, False), goes]]
    assert [event.data.outcome for event in await running.failures()] == ["uncertain"]


async def test_claim_ends_with_its_batch_and_each_attempt_is_written_down(running: Running) -> None:
    await running.enter(opened(), opened(), opened())
    await running.courier(obeying(running, Acceptance("one"), Rejection("SMTP 550"), Acceptance("three"))).step()
    notices = await running.notices()
    assert [(row.status, row.provider_id) for row in notices] == [
        ("accepted", "one"),
        ("failed", None),
        ("accepted", "three"),
    ]
    attempts = [(row.notice_id, row.number, row.worker, row.outcome, row.detail) for row in await running.attempts()]
    outcomes = [("accepted", None), ("refused", "SMTP 550"), ("accepted", None)]
    assert attempts == [(row.id, 1, "test", *outcome) for row, outcome in zip(notices, outcomes, strict=True)]
    assert await running.claims() == []


async def test_claim_stays_small_however_large_its_batch(running: Running) -> None:
    """What was taken is settled from time to time: a note that grew with the batch would be written anew each time."""
    await running.enter(*(opened() for _ in range(100)))
    provider = obeying(running, *[Acceptance("its name")] * 100)
    await running.courier(provider, batch=100).step()
    assert max(sum(row.taken for row in saw) for saw in provider.saw) < couriers._MOST_NOTED
    assert {(row.status, row.provider_id) for row in await running.notices()} == {("accepted", "its name")}
    assert len(await running.attempts()) == 100


@pytest.mark.parametrize("dies_at", [1, 2, 50, 100])
async def test_courier_that_is_killed_leaves_one_in_doubt_and_its_successor_sends_the_others(
    running: Running, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.enter(*(opened() for _ in range(100)))
    victim = obeying(running, *[Acceptance()] * 100)

    def dies() -> None:
        if len(victim.took) == dies_at:
            raise Killed

    victim.meanwhile = dies
    courier = running.courier(victim, batch=100)

    async def nothing(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(courier, "_record", nothing)
    with pytest.raises(Killed):
        await courier.step()
    assert await running.give_up_abandoned(own="test") == 1
    assert [event.data.outcome for event in await running.failures()] == ["uncertain"]
    successor = obeying(running, *[Acceptance()] * 100)
    while len(successor.took) < 100 - dies_at:
        await running.courier(successor, batch=100).step()
    statuses = [row.status for row in await running.notices()]
    assert statuses == ["accepted"] * (dies_at - 1) + ["uncertain"] + ["accepted"] * (100 - dies_at)
    assert {one.id for one in successor.took}.isdisjoint({one.id for one in victim.took})
    assert len(await running.attempts()) == 100
    assert await running.claims() == []


async def test_courier_that_is_stopped_while_sending_leaves_one_in_doubt_at_once(running: Running) -> None:
    await running.enter(*(opened() for _ in range(3)))

    @dataclass
    class Slow(Obeying):
        async def send(self, notice: Notice, until: float) -> Outcome:
            if self.took:
                stepping.cancel()
                await asyncio.Event().wait()
            return await super().send(notice, until)

    courier = running.courier(Slow(running, [Acceptance("one")]))
    stepping = asyncio.create_task(courier.step())
    with pytest.raises(asyncio.CancelledError):
        await stepping
    assert [(row.status, row.provider_id) for row in await running.notices()] == [
        ("accepted", "one"),
        ("uncertain", None),
        ("queued", None),
    ]
    assert await running.claims() == []


async def test_after_postgresql_fell_each_that_was_claimed_is_in_doubt_but_for_those_noted_as_taken(
    running: Running,
) -> None:
    """The notes do not wait for the disk: what is not there after a fall may have been there before it."""
    await running.enter(*(opened() for _ in range(3)))
    first, second, _ = await running.claim()
    await running.begin(first)
    await running.begin(second, accepted=[first])
    async with running.db.transaction() as session:
        await (await session.connection()).exec_driver_sql(
            "UPDATE notify.claims SET claimed_under = claimed_under - interval '1 hour'"
        )
    assert await running.give_up_abandoned(own="test") == 2
    assert [(row.status, row.provider_id) for row in await running.notices()] == [
        ("accepted", "its name"),
        ("uncertain", None),
        ("uncertain", None),
    ]
    assert [row.notice_id for row in await running.attempts()] == [first.id, second.id], "of the third nobody knows"


async def test_when_a_claim_is_not_there_each_of_its_notices_is_in_doubt(running: Running) -> None:
    await running.enter(*(opened() for _ in range(3)))
    await running.claim()
    async with running.db.transaction() as session:
        await (await session.connection()).exec_driver_sql("DELETE FROM notify.claims")
    assert await running.give_up_abandoned(own="test") == 3


async def test_courier_that_was_stopped_for_minutes_hands_nothing_over_that_others_have(running: Running) -> None:
    await running.enter(opened(), opened())

    @dataclass
    class Stopped(Obeying):
        async def send(self, notice: Notice, until: float) -> Outcome:
            running.clock.forward(minutes=3)
            assert await running.give_up_abandoned() == 1, "this one"
            assert len(await running.claim(worker="other")) == 1
            return await super().send(notice, until)

    provider = Stopped(running, [Acceptance(), Acceptance()])
    await running.courier(provider).step()
    assert len(provider.took) == 1, "the second is another's"
    assert [(row.status, row.claimed_by) for row in await running.notices()] == [
        ("accepted", None),
        ("sending", "other"),
    ]


async def test_what_an_earlier_courier_learns_late_is_not_about_the_claim_of_another(running: Running) -> None:
    """The same notice, claimed anew: its first attempt counted as none, so both have the same number."""
    await running.enter(opened())
    [earlier] = await running.claim()
    running.clock.forward(seconds=61)
    await running.give_up_abandoned()
    [later] = await running.claim(worker="other")
    assert (earlier.id, earlier.attempts) == (later.id, later.attempts)
    assert not await running.begin(earlier)
    await running.close([earlier], NoHandover("late"))
    assert [row.status for row in await running.notices()] == ["sending"]
    assert await running.begin(later)


# -- waking, batches, the end ---------------------------------------------------------------------------------------


async def test_courier_is_woken_by_the_commit_that_enters_a_notice_and_waits_for_no_poll(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "_POLL_SECONDS", 3_600)
    bell, provider = Bell(), obeying(running, Acceptance())
    courier = running.courier(provider, bell=bell)

    async def until_handed() -> None:
        while not provider.took:
            await courier.step()

    delivering = asyncio.create_task(until_handed())
    enter = ticket_handlers(running.ledger, bell.ring)[TicketOpened]
    ring = bell.next
    async with running.db.transaction() as session:
        await enter(session, [opened()], running.clock())
        assert not ring.is_set()
    assert ring.is_set()
    await asyncio.wait_for(delivering, 30)


async def test_courier_takes_no_more_than_it_is_told(running: Running) -> None:
    await running.enter(*(opened() for _ in range(3)))
    await running.courier(obeying(running, Acceptance(), Acceptance()), batch=2).step()
    assert [row.status for row in await running.notices()] == ["accepted", "accepted", "queued"]


async def test_courier_puts_back_what_it_has_no_time_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a slow server it would hold a hundred notices for minutes, from other connections and from its own end."""
    monkeypatch.setattr(couriers, "_HOLD_SECONDS", 0.01)
    await running.enter(*(opened() for _ in range(5)))
    provider = obeying(running, *[Acceptance()] * 5)
    while len(provider.took) < 5:
        await running.courier(provider).step()
    assert [row.attempts for row in await running.notices()] == [1] * 5


async def test_notices_whose_claim_was_committed_unheard_go_back_at_once_and_wait_for_no_person(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that froze in the middle of the commit: it was made, but nobody was told, and nothing was sent."""
    await running.enter(opened(), opened())
    transaction = running.db.transaction

    @asynccontextmanager
    async def unheard() -> AsyncIterator[AsyncSession]:
        async with transaction() as session:
            yield session
        monkeypatch.undo()
        raise TimeoutError

    monkeypatch.setattr(running.db, "transaction", unheard)
    with pytest.raises(TimeoutError):
        await running.courier(obeying(running)).step()
    assert [(row.status, row.attempts) for row in await running.notices()] == [("queued", 0)] * 2


async def test_database_that_goes_away_before_a_message_leaves_it_to_be_sent_later(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.enter(opened(), opened())
    provider = obeying(running, Acceptance(), Acceptance())

    async def away(*_: object, **__: object) -> bool:
        raise TimeoutError

    provider.meanwhile = lambda: monkeypatch.setattr(claims, "note", away)
    courier = running.courier(provider)
    with pytest.raises(TimeoutError):
        await courier.step()
    assert [(row.status, row.attempts) for row in await running.notices()] == [("accepted", 1), ("queued", 0)]


async def test_batch_is_written_down_also_when_the_database_goes_away_after_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.enter(opened(), opened())

    async def away(*_: object, **__: object) -> list[Ending]:
        raise TimeoutError

    monkeypatch.setattr(running.ledger, "record_briefly", away)
    with pytest.raises(TimeoutError):
        await running.courier(obeying(running, Acceptance("one"), Acceptance("two"))).step()
    assert [(row.status, row.provider_id) for row in await running.notices()] == [
        ("accepted", "one"),
        ("accepted", "two"),
    ]


async def test_batch_that_was_taken_costs_no_transaction_after_its_claim(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.enter(opened(), opened())
    courier = running.courier(obeying(running, Acceptance("one"), Acceptance("two")))
    closed: list[object] = []

    async def close(ended: Sequence[Ending], **_: object) -> None:
        closed.extend(ended)

    monkeypatch.setattr(courier, "_record", close)
    await courier.step()
    assert closed == []
    assert [row.status for row in await running.notices()] == ["accepted", "accepted"]
    assert [row.outcome for row in await running.attempts()] == ["accepted", "accepted"]


@pytest.mark.parametrize("kind", ["email", "sms"])
async def test_without_a_provider_nothing_is_lost_and_nothing_counted(running: Running, kind: Kind) -> None:
    citizen = {"phone": "+6281234567890"} if kind == "sms" else {"email": "warga@surel.example"}
    await running.enter(*(opened(citizen=citizen) for _ in range(3)))
    told = settings(smtp_port=free_port(), sms_url=f"http://127.0.0.1:{free_port()}")
    courier = running.courier(SmsProvider(told) if kind == "sms" else SmtpProvider(told, THREADS))
    await courier.step()
    await courier.close()
    assert f"nothing can be handed over by {kind}" in (courier.trouble or "")
    assert [(row.status, row.attempts) for row in await running.notices()] == [("queued", 0)] * 3
    assert await running.failures() == []


# -- a provider that is away, or cannot be understood -----------------------------------------------------------


async def test_provider_that_refuses_us_is_left_alone_by_all_its_connections_and_told_of(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "_POLL_SECONDS", 0)
    await running.enter(opened(), opened())
    breaker, provider = (
        Breaker("email"),
        obeying(running, NoHandover("SMTP 535, to our login", ProviderTrouble.REFUSES_US)),
    )
    one, other = (running.courier(provider, breaker=breaker) for _ in range(2))
    for _ in range(5):
        await one.step()
        await other.step()
    assert len(provider.took) == 1, "it is left alone"
    for courier in (one, other):
        assert "nothing can be handed over by email: SMTP 535, to our login" in (courier.trouble or "")
    assert PROVIDER_AWAY.labels("email")._value.get() == 1
    assert [(row.status, row.attempts) for row in await running.notices()] == [("queued", 0)] * 2


async def test_provider_that_is_back_is_used_again_by_all_its_connections(running: Running) -> None:
    await running.enter(*(opened() for _ in range(3)))
    breaker, provider = Breaker("email"), obeying(running, NoHandover("ConnectError"), *[Acceptance()] * 3)
    one, other = (running.courier(provider, breaker=breaker) for _ in range(2))
    await one.step()
    breaker._closed_until = 0
    await one.step()
    assert len(provider.took) == 2, "it tried with one"
    await other.step()
    assert [row.status for row in await running.notices()] == ["accepted"] * 3
    assert (one.trouble, other.trouble) == (None, None)
    assert PROVIDER_AWAY.labels("email")._value.get() == 0


async def test_provider_whose_answers_nobody_understands_makes_few_uncertain(running: Running) -> None:
    provider = obeying(running, *[Doubt("<html>")] * 10)
    await running.enter(*(opened() for _ in range(10)))
    courier = running.courier(provider)
    for _ in range(3):
        await courier.step()
    assert sorted(row.status for row in await running.notices()) == ["queued"] * 7 + ["uncertain"] * 3
    assert "nobody knows what becomes of them" in (courier.trouble or "")


async def test_one_bad_recipient_among_a_hundred_delays_no_other(running: Running) -> None:
    await running.enter(*(opened() for _ in range(100)))
    answers: list[Outcome] = [Acceptance()] * 100
    answers[41] = Deferral("SMTP 421")
    await running.courier(obeying(running, *answers), batch=100).step()
    statuses = [(row.status, row.attempts) for row in await running.notices()]
    assert statuses == [("accepted", 1)] * 41 + [("queued", 1)] + [("accepted", 1)] * 58


async def test_claim_is_prolonged_while_a_notice_is_being_handed_over(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "LEASE", timedelta(seconds=0.3))
    await running.enter(opened())

    @dataclass
    class Slow(Obeying):
        async def send(self, notice: Notice, until: float) -> Outcome:
            running.clock.forward(minutes=3)

            async def still_claimed() -> bool:
                [row] = await rows(running.db, "SELECT claimed_until FROM notify.claims")
                return bool(row.claimed_until > running.clock())

            await eventually(still_claimed)
            return await super().send(notice, until)

    await running.courier(Slow(running, [Acceptance("one")])).step()
    assert await running.give_up_abandoned() == 0
    assert [row.status for row in await running.notices()] == ["accepted"]


# -- much for one address -------------------------------------------------------------------------------------------


async def test_address_that_is_told_much_is_told_the_rest_together_after_an_hour(running: Running) -> None:
    """Anybody can have us write to anybody: so many complaints in his name are so many letters to him."""
    await running.enter(*(opened() for _ in range(MOST_AN_HOUR + 30)), opened(citizen={"email": "lain@surel.example"}))
    provider = obeying(running, *[Acceptance()] * 300)
    courier = running.courier(provider, batch=500)
    await courier.step()
    assert len(provider.took) == MOST_AN_HOUR + 1
    running.clock.forward(minutes=59)
    await courier.step()
    assert len(provider.took) == MOST_AN_HOUR + 1
    running.clock.forward(minutes=1)
    await courier.step()
    await courier.step()
    assert len(provider.took) == MOST_AN_HOUR + 2, "one message for thirty notices"
    together = provider.took[-1]
    assert (together.address, together.subject) == ("warga@surel.example", "30 kabar tentang pengaduan Anda")
    assert together.body.count("Terima kasih. Pengaduan Anda sudah kami terima") == 20
    assert {row.status for row in await running.notices()} == {"accepted"}
    assert len(await running.attempts()) == MOST_AN_HOUR + 31


@pytest.mark.parametrize("outcome", [Rejection("SMTP 550"), Doubt("broke off")])
async def test_message_for_several_that_fails_is_told_to_the_desk_for_each(running: Running, outcome: Outcome) -> None:
    await running.enter(*(opened() for _ in range(MOST_AN_HOUR)))
    held: list[TicketOpened | TicketReplied] = [replied(), opened(), opened()]
    await running.enter(*held)
    provider = obeying(running, *[Acceptance()] * MOST_AN_HOUR, outcome)
    courier = running.courier(provider, batch=500)
    await courier.step()
    running.clock.forward(hours=1)
    await courier.step()
    assert {event.data.ticket_id for event in await running.failures()} == {one.data.ticket_id for one in held}


async def test_notices_of_one_case_that_are_held_are_told_together_in_their_order(running: Running) -> None:
    await running.enter(*(opened() for _ in range(MOST_AN_HOUR)))
    case = new_id()
    await running.enter(
        opened(ticket_id=case), replied(ticket_id=case, body="Kesatu."), replied(ticket_id=case, body="Kedua.")
    )
    provider = obeying(running, *[Acceptance()] * (MOST_AN_HOUR + 1))
    courier = running.courier(provider, batch=500)
    await courier.step()
    running.clock.forward(hours=1)
    await courier.step()
    body = provider.took[-1].body
    assert len(provider.took) == MOST_AN_HOUR + 1
    assert -1 < body.find("kami terima") < body.find("Kesatu.") < body.find("Kedua.")


async def test_flood_at_one_address_is_one_message_an_hour(running: Running) -> None:
    provider = obeying(running, *[Acceptance()] * 1_000)
    courier = running.courier(provider, batch=500)
    for _ in range(3 * 6):
        await running.enter(*(opened() for _ in range(100)))
        for _ in range(3):
            await courier.step()
        running.clock.forward(minutes=10)
    assert len(provider.took) <= MOST_AN_HOUR + 2 * 3
