"""What follows from an attempt: who was certainly told, who certainly was not, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.delivery import (
    FIRST_WAIT,
    LONGEST_WAIT,
    Acceptance,
    Deferral,
    Doubt,
    NoHandover,
    Outcome,
    ProviderTrouble,
    Rejection,
    Status,
    judge,
    pause_after,
    wait_before,
)

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
outcomes = st.one_of(
    st.builds(Acceptance, st.none() | st.text(max_size=20)),
    *(st.builds(kind, st.text(max_size=20)) for kind in (Rejection, Deferral, NoHandover, Doubt)),
)
numbers = st.integers(1, 10_000)
remaining = st.timedeltas(timedelta(0), timedelta(hours=48))


@pytest.mark.parametrize(
    ("outcome", "status", "counts"),
    [
        (Acceptance("250 ok"), "accepted", True),
        (Rejection("SMTP 550"), "failed", True),
        (Doubt("broke off"), "uncertain", True),
        (NoHandover("ConnectError"), "queued", False),
        (Deferral("SMTP 451"), "queued", True),
    ],
)
def test_each_outcome_has_its_verdict(outcome: Outcome, status: Status, counts: bool) -> None:
    verdict = judge(outcome, attempts=1, give_up_at=NOW + DAY, now=NOW)
    assert (verdict.status, verdict.counts) == (status, counts)


def test_what_the_provider_called_it_is_kept() -> None:
    assert judge(Acceptance("its name"), attempts=1, give_up_at=NOW + DAY, now=NOW).provider_id == "its name"


@pytest.mark.parametrize("outcome", [Rejection("why"), Doubt("why"), NoHandover("why"), Deferral("why")])
def test_why_it_did_not_go_is_kept(outcome: Outcome) -> None:
    verdict = judge(outcome, attempts=1, give_up_at=NOW + DAY, now=NOW)
    assert (verdict.error, verdict.provider_id) == ("why", None)


def test_after_the_last_moment_a_deferred_notice_has_failed() -> None:
    verdict = judge(Deferral("SMTP 451"), attempts=9, give_up_at=NOW + FIRST_WAIT, now=NOW)
    assert (verdict.status, verdict.error) == ("failed", "given up: SMTP 451")


@given(outcomes, numbers, remaining)
def test_it_counts_unless_nothing_was_handed_over(outcome: Outcome, attempts: int, left: timedelta) -> None:
    verdict = judge(outcome, attempts=attempts, give_up_at=NOW + left, now=NOW)
    assert verdict.counts is not isinstance(outcome, NoHandover)


@given(outcomes, numbers, remaining)
def test_it_is_tried_again_neither_in_the_past_nor_after_giving_up(
    outcome: Outcome, attempts: int, left: timedelta
) -> None:
    verdict = judge(outcome, attempts=attempts, give_up_at=NOW + left, now=NOW)
    assert verdict.next_attempt_at >= NOW
    if verdict.status == "queued":
        assert verdict.next_attempt_at <= NOW + left


@given(outcomes, numbers, remaining)
def test_only_what_was_certainly_not_taken_is_sent_again(outcome: Outcome, attempts: int, left: timedelta) -> None:
    """Sending again what may have been taken would tell a citizen twice."""
    verdict = judge(outcome, attempts=attempts, give_up_at=NOW + left, now=NOW)
    if verdict.status == "queued":
        assert isinstance(outcome, Deferral | NoHandover)


@given(numbers)
def test_wait_is_between_half_and_all_of_what_its_number_allows(attempt: int) -> None:
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(max(attempt - 2, -1), 20))
    assert longest / 2 <= wait_before(attempt) <= longest


@given(st.integers(2, 10_000))
def test_waits_grow_until_they_are_long_enough(attempt: int) -> None:
    """The ranges double, and a wait is at least half of its range: so no wait is shorter than the one before."""
    wait, later = wait_before(attempt), wait_before(attempt + 1)
    assert wait <= LONGEST_WAIT
    assert later >= min(wait, LONGEST_WAIT / 2)


@given(st.integers(0, 10_000), st.sampled_from(ProviderTrouble))
def test_pauses_of_a_provider_grow_as_its_trouble_deserves(pauses: int, why: ProviderTrouble) -> None:
    first, most = (moment.total_seconds() for moment in why.value)
    longest = min(first * 2 ** min(pauses, 12), most)
    assert 0.75 * longest <= pause_after(pauses, why).total_seconds() <= longest


def test_pauses_for_a_refused_login_are_minutes() -> None:
    assert pause_after(0, ProviderTrouble.REFUSES_US) >= timedelta(seconds=45)
    assert pause_after(100, ProviderTrouble.REFUSES_US) >= timedelta(minutes=11)
