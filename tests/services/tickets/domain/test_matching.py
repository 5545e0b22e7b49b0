"""Is it the same case by another channel? Each thing speaks for it or against it; what is empty says nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.matching import rules_of_the_migration
from services.tickets.domain.matching import Candidate, Said, Verdict, best_match, match
from services.tickets.domain.texts import gist_of
from shared.ids import new_id
from tests.factories import NOW

RULES = rules_of_the_migration()
CASE = "Insentif gelombang 12 belum cair ke rekening BNI saya padahal pelatihan sudah selesai"
AGAIN = "Min, intensif gelombang 12 blm cair ke rekening BNI padahal pelatihan sdh selesai"
ANOTHER = "Sertifikat webinar kewirausahaan tidak muncul di dasbor setelah kuis terakhir"


def said(text: str, topic: str | None = None, channel: str = "email", minutes: float = 60) -> Said:
    return Said(gist_of(text), topic, channel, NOW + timedelta(minutes=minutes))


def case(text: str = CASE, topic: str | None = None, *, is_open: bool = True, channel: str = "form") -> Candidate:
    return Candidate(new_id(), (said(text, topic, channel, 0),), topic, NOW, is_open)


@pytest.mark.parametrize(
    ("brought", "candidate", "verdict"),
    [
        (said(AGAIN), case(), "join"),
        (said(AGAIN, "insentif"), case(topic="insentif"), "join"),
        (said(AGAIN, minutes=50_000), case(), "join"),
        (said(AGAIN), case(is_open=False), "suggest"),
        (said(AGAIN.replace("12", "14")), case(), "suggest"),
        (said(AGAIN, "rekening"), case(topic="insentif"), "suggest"),
        (said(ANOTHER), case(), "separate"),
        (said(ANOTHER, "insentif"), case(topic="insentif"), "separate"),
        (said("", channel="form", minutes=3), case(), "join"),
        (said("Tolong ya", channel="form", minutes=3), case(), "join"),
        (said("Tolong ya", channel="form", minutes=30), case(), "suggest"),
        (said("Tolong ya", channel="email", minutes=3), case(), "suggest"),
        (said("Tolong ya", channel="form", minutes=50_000), case(), "separate"),
        (said("THR?", "upah", "form", 3), case(topic="insentif"), "separate"),
        (said(CASE, channel="form", minutes=3), case("Halo min"), "join"),
        (said(CASE, channel="form", minutes=50_000), case(""), "separate"),
    ],
)
def test_contact_joins_what_it_is_like(brought: Said, candidate: Candidate, verdict: Verdict) -> None:
    assert match(brought, candidate, RULES).verdict == verdict


def test_match_says_why() -> None:
    found = match(said(AGAIN, "insentif"), case(topic="insentif"), RULES)
    assert [words.rsplit(" ", 1)[0] for words in found.because] == [
        "likeness of the texts",
        "same topic",
        "said recently",
    ]
    assert found.score == min(1, round(sum(float(words.rsplit(" ", 1)[1]) for words in found.because), 2))


def test_contact_that_may_not_join_is_suggested() -> None:
    assert match(said(AGAIN), case(), RULES, may_join=False).verdict == "suggest"


def test_best_match_is_the_likeliest_and_of_two_alike_the_older() -> None:
    older, newer, other = case(), replace(case(), opened_at=NOW + timedelta(hours=1)), case(ANOTHER)
    for candidates in ([newer, other, older], [older, newer, other]):
        found = best_match(said(CASE), candidates, RULES)
        assert found and (found.candidate, found.verdict) == (older, "join")
    assert best_match(said("Pesangon dari pabrik garmen tidak dibayar"), [older, other], RULES) is None


def test_person_is_asked_again_about_what_she_kept_apart() -> None:
    one, other = case(), case()
    found = best_match(said(CASE), [one, other], RULES, {frozenset((one.thread, other.thread))})
    assert found and found.verdict == "suggest"


@given(
    words=st.lists(st.sampled_from(CASE.split() + ANOTHER.split()), max_size=12),
    topic=st.sampled_from([None, "insentif", "upah"]),
    minutes=st.integers(0, 100_000),
)
@settings(max_examples=60)
def test_match_is_as_its_score_says_and_grows_with_what_is_the_same(
    words: list[str], topic: str | None, minutes: int
) -> None:
    brought, candidate = said(" ".join(words), topic, minutes=minutes), case(topic="insentif")
    found = match(brought, candidate, RULES)
    assert 0 <= found.score <= 1
    assert (found.verdict == "join") == (found.score >= RULES.join)
    assert (found.verdict == "separate") == (found.score < RULES.suggest)
    without = match(replace(brought, topic=None), candidate, RULES)
    assert without.score <= found.score or topic == "upah"
    assert best_match(brought, [], RULES) is None, "nobody's case is joined but one's own"
