"""The ledger: one notice for each step, told in order, claimed by one courier, and never silently lost."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.notify.domain.delivery import Acceptance, Decision, Deferral, Doubt, NoHandover, Rejection
from services.notify.models import Notice
from services.notify.repository import claims, notices
from services.notify.service.ledger import NothingToDecide, TextRemoved
from shared.errors import NotFound
from shared.events import Trace
from shared.ids import new_id
from tests.services.notify.conftest import LEASE, MOST_AN_HOUR, Running
from tests.services.notify.given import (
    CITIZEN,
    CODE,
    EVERY_EVENT,
    escalated,
    invited,
    notice,
    opened,
    replied,
    resolved,
    status_of,
)


async def claimed(running: Running) -> Notice:
    """One notice that is being attempted."""
    await running.enter(opened())
    [one] = await running.claim()
    return one


async def uncertain(running: Running) -> Notice:
    """One notice of which nobody knows whether it arrived."""
    one = await claimed(running)
    await running.close([one], Doubt("broke off"))
    return one


# -- entering ---------------------------------------------------------------------------------------------------


async def test_event_is_told_once_however_often_it_comes(running: Running) -> None:
    event = opened()
    await running.enter(event, event)
    await running.enter(event)
    assert len(await running.notices()) == 1


async def test_notice_knows_its_case_its_way_and_its_trace(running: Running) -> None:
    event = escalated()
    await running.enter(event)
    [row] = await running.notices()
    assert (row.reason, row.kind, row.address, row.status) == ("escalated", "email", CITIZEN["email"], "queued")
    assert (row.ticket_id, row.tracking_code, row.event_id) == (event.data.ticket_id, CODE, event.id)
    assert row.correlation_id == "c-1"
    assert row.give_up_at - row.created_at == timedelta(hours=24)


async def test_without_an_address_it_is_written_down_that_nobody_could_be_told(running: Running) -> None:
    await running.enter(opened(citizen={"name": "Warga Satu"}))
    [row] = await running.notices()
    assert (row.status, row.kind, row.address) == ("suppressed", None, None)
    assert row.ended_at is not None
    assert await running.claim() == await running.claim(kind="sms") == []


async def test_what_owes_no_word_leaves_no_notice(running: Running) -> None:
    await running.enter(opened(status="escalated"))
    assert await running.notices() == []


# -- claiming ---------------------------------------------------------------------------------------------------


async def test_attempt_begins_when_it_is_handed_over_and_not_when_it_is_claimed(running: Running) -> None:
    one = await claimed(running)
    [claim] = await running.claims()
    assert (await status_of(running.db, one.id), one.attempts, claim.id) == ("sending", 1, one.claim)
    assert (claim.worker, claim.under_way, claim.began_at) == ("test", [], None)
    assert await running.begin(one)
    [claim] = await running.claims()
    assert (claim.under_way, claim.began_at) == ([one.id], running.clock())
    assert await running.attempts() == [], "it is written down when it has ended"


async def test_claim_reads_no_more_when_much_waits(running: Running) -> None:
    """A claim of a day's backlog must not read all of it for each notice that it takes."""
    reads = []
    for more in (100, 1_900):
        await running.enter(*(opened(citizen={"email": f"{new_id()}@surel.example"}) for _ in range(more)))
        async with running.db.transaction() as session:
            explained = await session.scalar(
                text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {claims.CLAIM.text}"),
                claims.claim_values(new_id(), kind="email", worker="test", lease=LEASE, limit=50, now=running.clock()),
            )
            reads.append(explained[0]["Plan"]["Shared Hit Blocks"])
            await session.rollback()
    assert reads[1] < 2 * reads[0]


async def test_citizen_is_told_in_order(running: Running) -> None:
    """The second notice of a case waits until the first has ended, by whatever way either goes."""
    case = new_id()
    first, second = opened(ticket_id=case), replied(ticket_id=case, citizen={"phone": "+6281234567890"})
    await running.enter(first, second, opened())
    one, other = await running.claim()
    assert [one.event_id, other.ticket_id == case] == [first.id, False]
    assert await running.claim(kind="sms") == []
    await running.close([one], Acceptance())
    assert [n.event_id for n in await running.claim(kind="sms")] == [second.id]


async def test_next_waits_also_while_the_first_is_deferred(running: Running) -> None:
    case = new_id()
    await running.enter(opened(ticket_id=case), replied(ticket_id=case))
    [one] = await running.claim()
    await running.close([one], Deferral("SMTP 451"))
    assert await running.claim() == []
    running.clock.forward(seconds=15)
    assert [n.id for n in await running.claim()] == [one.id]


@pytest.mark.parametrize("outcome", [Rejection("SMTP 550"), Doubt("broke off")])
async def test_one_that_failed_does_not_hold_up_the_next(running: Running, outcome: Rejection | Doubt) -> None:
    case = new_id()
    await running.enter(opened(ticket_id=case), resolved(ticket_id=case))
    [one] = await running.claim()
    await running.close([one], outcome)
    assert [n.reason for n in await running.claim()] == ["resolved"]


async def test_invitation_that_overtook_its_case_comes_after_the_resolution(running: Running) -> None:
    case = new_id()
    await running.enter(invited(ticket_id=case))
    assert await running.claim() == []
    await running.enter(replied(ticket_id=case), resolved(ticket_id=case), resolved())
    for reason in ("replied", "resolved", "invited"):
        told = [notice for notice in await running.claim() if notice.ticket_id == case]
        assert [notice.reason for notice in told] == [reason]
        await running.close(told, Acceptance())


async def test_invitation_whose_resolution_never_comes_waits_a_quarter_of_an_hour(running: Running) -> None:
    await running.enter(invited())
    running.clock.forward(seconds=15 * 60 - 1)
    assert await running.claim() == []
    running.clock.forward(seconds=1)
    assert [notice.reason for notice in await running.claim()] == ["invited"]


async def test_two_couriers_never_claim_the_same(running: Running) -> None:
    """Both look at once, and neither has committed."""
    await running.enter(*(opened() for _ in range(20)))
    async with running.db.transaction() as one, running.db.transaction() as other:
        batches = [
            await claims.claim(session, new_id(), kind="email", worker="w", lease=LEASE, limit=12, now=running.clock())
            for session in (one, other)
        ]
    names = [n.id for batch in batches for n in batch]
    assert [len(batch) for batch in batches] == [12, 8]
    assert len(set(names)) == 20


async def test_each_kind_has_its_own_couriers(running: Running) -> None:
    await running.enter(opened(), opened(citizen={"phone": "+6281234567890"}))
    assert [n.kind for n in await running.claim(kind="sms")] == ["sms"]
    assert [n.kind for n in await running.claim(kind="email")] == ["email"]


# -- ending -----------------------------------------------------------------------------------------------------


async def test_what_was_taken_is_accepted_under_the_providers_name(running: Running) -> None:
    one = await claimed(running)
    await running.begin(one)
    await running.close([one], Acceptance("its-name"))
    [row] = await running.notices()
    assert (row.status, row.provider_id, row.attempts, row.claimed_by) == ("accepted", "its-name", 1, None)
    [attempt] = await running.attempts()
    assert (attempt.outcome, attempt.ended_at is not None) == ("accepted", True)
    assert await running.failures() == []


async def test_what_was_refused_has_failed_and_the_desk_hears_of_it(running: Running) -> None:
    one = await claimed(running)
    await running.close([one], Rejection("SMTP 550"))
    assert await status_of(running.db, one.id) == "failed"
    [event] = await running.failures()
    assert (event.data.notice_id, event.data.ticket_id) == (one.id, one.ticket_id)
    assert (event.data.outcome, event.data.error, event.correlationid) == ("failed", "SMTP 550", "c-1")


async def test_what_was_not_handed_over_counts_as_nothing(running: Running) -> None:
    one = await claimed(running)
    await running.begin(one)
    await running.close([one], NoHandover("ConnectError"))
    [row] = await running.notices()
    assert (row.status, row.attempts) == ("queued", 0)
    [again] = await running.claim()
    assert (again.id, again.attempts) == (one.id, 1)
    await running.close([again], Acceptance())
    [attempt] = await running.attempts()
    assert (attempt.number, attempt.outcome) == (1, "accepted")


async def test_what_is_deferred_until_the_end_has_failed(running: Running) -> None:
    one = await claimed(running)
    while await status_of(running.db, one.id) != "failed":
        await running.close([one], Deferral("SMTP 451"))
        running.clock.forward(minutes=15)
        [one] = await running.claim() or [one]
    assert one.attempts > 90
    assert [(event.data.outcome, event.data.error) for event in await running.failures()] == [
        ("failed", "given up: SMTP 451")
    ]


async def test_each_of_a_batch_ends_in_its_own_way(running: Running) -> None:
    await running.enter(*(opened() for _ in range(4)))
    batch = await running.claim()
    await running.close(batch, Acceptance(), Rejection("no"), Deferral("later"), Doubt("who knows"))
    assert [await status_of(running.db, n.id) for n in batch] == ["accepted", "failed", "queued", "uncertain"]
    assert {event.data.notice_id for event in await running.failures()} == {batch[1].id, batch[3].id}


# -- couriers that die ------------------------------------------------------------------------------------------


async def test_what_a_dead_courier_had_begun_is_uncertain_after_its_lease(running: Running) -> None:
    one = await claimed(running)
    await running.begin(one)
    assert await running.give_up_abandoned() == 0
    running.clock.forward(seconds=61)
    assert await running.give_up_abandoned() == 1
    assert await status_of(running.db, one.id) == "uncertain"
    [event] = await running.failures()
    assert (event.data.outcome, event.data.notice_id) == ("uncertain", one.id)
    assert await running.give_up_abandoned() == 0


async def test_what_a_dead_courier_had_not_begun_is_sent_by_another(running: Running) -> None:
    one = await claimed(running)
    running.clock.forward(seconds=61)
    assert await running.give_up_abandoned() == 0
    assert [(n.id, n.attempts) for n in await running.claim()] == [(one.id, 1)]
    assert await running.failures() == []


async def test_what_ended_before_the_courier_died_has_ended(running: Running) -> None:
    """Deferred, and claimed once more: an attempt that has ended says nothing of the next."""
    one = await claimed(running)
    await running.begin(one)
    await running.close([one], NoHandover("ConnectError"))
    [one] = await running.claim()
    assert await running.give_up_abandoned(own="test") == 0
    assert await status_of(running.db, one.id) == "queued"


async def test_new_process_knows_at_once_what_its_predecessor_left(running: Running) -> None:
    one = await claimed(running)
    await running.begin(one)
    assert await running.give_up_abandoned(own="another") == 0
    assert await running.give_up_abandoned(own="test") == 1
    assert await status_of(running.db, one.id) == "uncertain"


async def test_what_the_previous_release_had_claimed_is_uncertain(running: Running) -> None:
    """It wrote the attempt down with the claim, and nothing of PostgreSQL: each of its batch may be under way."""
    one = await claimed(running)
    async with running.db.transaction() as session:
        await session.execute(text("UPDATE notify.notices SET claimed_under = NULL, claim = NULL"))
    assert await running.give_up_abandoned(own="test") == 1
    assert await status_of(running.db, one.id) == "uncertain"


async def test_what_is_uncertain_is_not_sent_again_by_itself(running: Running) -> None:
    await uncertain(running)
    running.clock.forward(hours=23)
    assert await running.claim() == []


@pytest.mark.parametrize(
    ("evidence", "status"),
    [(Acceptance("x"), "accepted"), (Rejection("SMTP 550"), "failed"), (Deferral("4"), "queued")],
)
async def test_evidence_that_comes_late_corrects_an_uncertain(
    running: Running, evidence: Acceptance | Rejection | Deferral, status: str
) -> None:
    """The courier was only slow: it knows better than the sweeper."""
    one = await claimed(running)
    await running.begin(one)
    running.clock.forward(seconds=61)
    await running.give_up_abandoned()
    await running.close([one], evidence)
    assert await status_of(running.db, one.id) == status
    said = {"accepted": "arrived", "queued": "sent_again"}
    assert await running.settlements() == ([(one.id, said[status], "notify")] if status in said else [])
    assert [event.data.outcome for event in await running.failures()] == [
        "uncertain",
        *["failed"] * (status == "failed"),
    ]


# -- a person's word --------------------------------------------------------------------------------------------


async def test_person_says_that_it_arrived(running: Running) -> None:
    one = await uncertain(running)
    assert [notice.status for notice in (await running.decide("arrived", one)).notices] == ["accepted"]
    assert await running.claim() == []
    assert await running.settlements() == [(one.id, "arrived", "staff:4711")]


async def test_person_lets_it_be_sent_again_with_a_day_of_its_own(running: Running) -> None:
    one = await uncertain(running)
    running.clock.forward(days=3)
    [decided] = (await running.decide("send_again", one)).notices
    assert (decided.status, decided.ended_at) == ("queued", None)
    assert decided.give_up_at == running.clock() + timedelta(hours=24)
    assert await running.settlements() == [(one.id, "sent_again", "staff:4711")]
    assert [(n.id, n.attempts) for n in await running.claim()] == [(one.id, 2)]


async def test_person_decides_about_many_and_hears_of_each_about_which_he_cannot(running: Running) -> None:
    some = [await uncertain(running) for _ in range(3)]
    nowhere, under_way = notice(), await claimed(running)
    decided = await running.decide("arrived", nowhere, *some, under_way)
    assert [one.id for one in decided.notices] == [one.id for one in some]
    assert {name: type(refusal) for name, refusal in decided.refused.items()} == {
        nowhere.id: NotFound,
        under_way.id: NothingToDecide,
    }
    assert len(await running.settlements()) == 3


@pytest.mark.parametrize("decision", ["arrived", "send_again"])
async def test_late_evidence_does_not_touch_what_a_person_decided(running: Running, decision: Decision) -> None:
    one = await uncertain(running)
    await running.decide(decision, one)
    await running.close([one], Rejection("SMTP 550"))
    assert await status_of(running.db, one.id) == ("accepted" if decision == "arrived" else "queued")
    if decision == "send_again":
        await running.claim()
        await running.close([one], Rejection("SMTP 550"))
        assert await status_of(running.db, one.id) == "sending"


@pytest.mark.parametrize("late", [Doubt("broke off"), Rejection("SMTP 550")])
async def test_desk_hears_nothing_of_evidence_that_changes_nothing(running: Running, late: Doubt | Rejection) -> None:
    one = await uncertain(running)
    await running.decide("arrived", one)
    await running.close([one], late)
    assert [event.data.outcome for event in await running.failures()] == ["uncertain"]


@pytest.mark.parametrize("decision", ["arrived", "send_again"])
async def test_there_is_nothing_to_decide_about_what_is_under_way(running: Running, decision: Decision) -> None:
    one = await claimed(running)
    assert isinstance((await running.decide(decision, one)).refused[one.id], NothingToDecide)
    await running.close([one], Acceptance())
    assert isinstance((await running.decide(decision, one)).refused[one.id], NothingToDecide)


async def test_every_reason_can_be_entered_and_claimed(running: Running) -> None:
    await running.enter(*EVERY_EVENT.values())
    running.clock.forward(seconds=15 * 60)  # the invitation is of another case than the resolution
    assert {n.reason for n in await running.claim()} == set(EVERY_EVENT)


async def test_text_that_is_no_longer_kept_is_not_sent_again(running: Running) -> None:
    one = await uncertain(running)
    running.clock.forward(days=100)
    async with running.db.transaction() as session:
        assert await notices.blank_notices(session, running.clock(), 10) == 1
    assert isinstance((await running.decide("send_again", one)).refused[one.id], TextRemoved)
    assert [notice.status for notice in (await running.decide("arrived", one)).notices] == ["accepted"]


async def test_trace_of_a_failed_notice_is_that_of_what_it_told(running: Running) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await running.enter(opened().model_copy(update={"correlationid": "c-9", "traceparent": parent}))
    [one] = await running.claim()
    await running.close([one], Rejection("SMTP 550"))
    [failed] = await running.failures()
    assert failed.trace == Trace("c-9", parent)


@pytest.mark.parametrize("status", ["forwarded", "open"])
async def test_word_of_tomorrow_leaves_nobody_without_a_notice(running: Running, status: str) -> None:
    event = opened()
    await running.enter(event.model_copy(update={"data": event.data.model_copy(update={"status": status})}))
    assert [row.reason for row in await running.notices()] == ["opened"]


# -- much for one address ---------------------------------------------------------------------------------------


async def test_what_is_too_much_for_an_address_is_held_and_others_are_not(running: Running) -> None:
    await running.enter(*(opened() for _ in range(MOST_AN_HOUR - 1)))
    await running.enter(opened(), opened(), opened(citizen={"email": "lain@surel.example"}))
    held = [(row.held, row.address) for row in await running.notices()][-3:]
    assert held == [(False, CITIZEN["email"]), (True, CITIZEN["email"]), (False, "lain@surel.example")]


async def test_what_is_held_waits_for_the_same_moment(running: Running) -> None:
    await running.enter(*(opened() for _ in range(MOST_AN_HOUR)))
    for _ in range(3):
        await running.enter(opened())
        running.clock.forward(minutes=20)
    moments = {row.next_attempt_at for row in await running.notices() if row.held}
    assert moments == {running.clock()}


async def test_address_of_an_ordinary_day_is_told_at_once(running: Running) -> None:
    for _ in range(5):
        await running.enter(*(opened() for _ in range(MOST_AN_HOUR)))
        running.clock.forward(hours=1)
    assert not any(row.held for row in await running.notices())
