"""A provider in trouble is left alone: by all its connections, for growing times, and then one of them tries."""

import pytest

from services.notify.domain.breaker import MOST_UNCLEAR, Breaker
from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection

HOUR = 3_600.0


def test_provider_that_is_away_is_left_alone_until_a_pause_is_over() -> None:
    breaker = Breaker("email")
    assert breaker.may_try(0)
    breaker.learn(NoHandover("ConnectError"), began=0, now=0)
    assert not breaker.may_try(0.7)
    assert breaker.may_try(1)
    assert "nothing can be handed over by email: ConnectError; tried again every" in (breaker.trouble or "")


def test_provider_that_may_be_back_is_tried_by_one_connection() -> None:
    breaker = Breaker("email")
    breaker.learn(NoHandover("ConnectError"), began=0, now=0)
    with breaker.trying():
        assert not breaker.may_try(HOUR), "another is trying"
    assert breaker.may_try(HOUR), "it had nothing to try with"


def test_healthy_provider_is_used_by_all_connections() -> None:
    breaker = Breaker("email")
    with breaker.trying():
        assert breaker.may_try(0)


@pytest.mark.parametrize("answer", [Acceptance(), Rejection("SMTP 550"), Deferral("SMTP 451")])
def test_provider_that_answers_is_left_alone_no_longer(answer: Outcome) -> None:
    breaker = Breaker("email")
    for now in range(0, 10_000, 1_000):
        breaker.learn(NoHandover("ConnectError"), began=now, now=now)
    breaker.learn(answer, began=10_000, now=10_000)
    assert (breaker.trouble, breaker.is_open) == (None, False)
    breaker.learn(NoHandover("ConnectError"), began=10_000, now=10_000)
    assert breaker.may_try(10_001), "the pauses begin anew"


def test_pauses_grow_only_when_one_is_over() -> None:
    """Ten connections that meet the same at once are one trouble, not ten."""
    breaker = Breaker("email")
    for _ in range(10):
        breaker.learn(NoHandover("ConnectError"), began=0, now=0)
    assert breaker.may_try(1)
    breaker.learn(NoHandover("ConnectError"), began=1, now=1)
    assert not breaker.may_try(2.4)


def test_refused_login_is_tried_again_after_minutes() -> None:
    breaker = Breaker("email")
    breaker.learn(NoHandover("SMTP 535, to our login", ProviderTrouble.REFUSES_US), began=0, now=0)
    assert not breaker.may_try(44)
    assert breaker.may_try(60)


def test_provider_that_nobody_understands_makes_few_uncertain() -> None:
    """Whatever the number of notices and of days: each pause costs one more, and an hour is the longest."""
    breaker, now, uncertain = Breaker("sms"), 0.0, 0
    while now < 24 * HOUR:
        if breaker.may_try(now):
            breaker.learn(Doubt("HTTP 502"), began=now, now=now)
            uncertain += 1
        now += 1
    assert MOST_UNCLEAR < uncertain < 50


def test_one_uncertain_among_others_is_no_trouble() -> None:
    breaker = Breaker("sms")
    for now in range(100):
        breaker.learn(Doubt("broke off"), began=now, now=now)
        breaker.learn(Acceptance(), began=now, now=now)
    assert not breaker.is_open


@pytest.mark.parametrize("outages", [1, 3, 5])
def test_server_that_is_killed_and_comes_back_is_used_within_seconds(outages: int) -> None:
    """At each kill all connections break off at once, in the middle of the first message that the server had."""
    breaker, now = Breaker("email"), 0.0
    for _ in range(outages):
        for _ in range(10):
            breaker.learn(Doubt("broke off"), began=now, now=now + 1)
        for _ in range(4):
            now = next_try(breaker, now + 1)
            breaker.learn(NoHandover("ConnectError"), began=now, now=now)
        back_at, now = now, next_try(breaker, now)
        assert now - back_at <= 16


def test_server_that_was_away_for_a_day_is_used_within_seconds() -> None:
    breaker, now = Breaker("email"), 0.0
    while now < 24 * HOUR:
        breaker.learn(NoHandover("ConnectError"), began=now, now=now)
        back_at, now = now, next_try(breaker, now)
        assert now - back_at <= 10
    breaker.learn(Doubt("broke off"), began=now, now=now)
    assert next_try(breaker, now) - now <= 1


def test_connections_that_break_off_at_once_are_one_event() -> None:
    breaker = Breaker("email")
    for _ in range(MOST_UNCLEAR):
        breaker.learn(Doubt("broke off"), began=0, now=1)
    assert breaker.may_try(1)


def test_refused_login_after_a_long_outage_is_tried_again_after_a_minute() -> None:
    breaker, now = Breaker("email"), 0.0
    for _ in range(100):
        breaker.learn(NoHandover("ConnectError"), began=now, now=now)
        now = next_try(breaker, now)
    breaker.learn(NoHandover("SMTP 535, to our login", ProviderTrouble.REFUSES_US), began=now, now=now)
    assert next_try(breaker, now) - now <= 60


def next_try(breaker: Breaker, now: float) -> float:
    """When the provider may be tried, looking every half second."""
    while not breaker.may_try(now):
        now += 0.5
    return now
