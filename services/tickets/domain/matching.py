"""Is it the same case by another channel? The rule (docs/domain.md, "The same case").

Only among the cases of one person is anything compared: without a handle that is his alone nothing joins. Each thing
that speaks for it or against it adds to a score; what is empty adds nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.tickets.domain.texts import Gist, likeness_of, numbers_differ

Verdict = Literal["join", "suggest", "separate"]


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """From which score on a contact joins a case or is suggested for it, and what adds to the score. They are data.

    A contact that says fewer than `little_said_words` words says nothing of what it is about; it joins what its writer
    said `burst_minutes` before by the same channel. Cases that are older than `open_days`, or were resolved more than
    `resolved_days` ago, are not looked at.
    """

    version: int
    join: float
    suggest: float
    same_text: float
    same_topic: float
    other_topic: float
    other_numbers: float
    recent: float
    little_said_words: int
    burst_minutes: int
    recent_days: int
    open_days: int
    resolved_days: int


@dataclass(frozen=True, slots=True)
class Said:
    """What is compared of a contact, or of one of those that a case consists of."""

    gist: Gist
    topic: str | None
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that a contact may belong to: its thread, what its citizen said in it, and whether it is open."""

    thread: UUID
    said: Sequence[Said]
    topic: str | None
    opened_at: datetime
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """What a contact has to do with a case, and why. `because` are words for people, and quote nothing."""

    verdict: Verdict
    candidate: Candidate
    score: float
    because: tuple[str, ...]


def best_match(
    said: Said,
    candidates: Iterable[Candidate],
    rules: MatchingRules,
    apart: Collection[frozenset[UUID]] = frozenset(),
    *,
    may_join: bool = True,
) -> Match | None:
    """The case that a contact most likely belongs to, of the cases of its own citizen; of two alike the older one. None
    where it is not even to be suggested for one.

    Where a person has kept two cases `apart` that it is both like, a person is asked again.
    """
    matches = [match(said, candidate, rules, may_join=may_join) for candidate in candidates]
    likely = sorted((found for found in matches if found.verdict != "separate"), key=_likeliest)
    if not likely:
        return None
    best, *others = likely
    if any(frozenset((best.candidate.thread, other.candidate.thread)) in apart for other in others):
        return replace(best, verdict="suggest")
    return best


def _likeliest(found: Match) -> tuple[bool, float, datetime]:
    return found.verdict != "join", -found.score, found.candidate.opened_at


def match(said: Said, candidate: Candidate, rules: MatchingRules, *, may_join: bool = True) -> Match:
    """What a contact has to do with a case of its citizen. Unless it `may_join`, it is suggested at most."""
    reasons = list(_reasons(said, candidate, rules))
    score = round(min(1.0, max(0.0, sum(points for points, _ in reasons))), 2)
    because = tuple(f"{words} {points:+.2f}" for points, words in reasons)
    if score >= rules.join and may_join and candidate.is_open:
        return Match("join", candidate, score, because)
    return Match("suggest" if score >= rules.suggest else "separate", candidate, score, because)


def _reasons(said: Said, candidate: Candidate, rules: MatchingRules) -> Iterator[tuple[float, str]]:
    if _says_little(said, rules) or all(_says_little(other, rules) for other in candidate.said):
        yield from _little(said, candidate, rules)
        return
    nearest = max(candidate.said, key=lambda other: likeness_of(said.gist, other.gist), default=None)
    if nearest is None:
        return
    yield round(rules.same_text * likeness_of(said.gist, nearest.gist), 2), "likeness of the texts"
    if numbers_differ(said.gist, nearest.gist):
        yield rules.other_numbers, "other numbers"
    if said.topic and candidate.topic:
        is_same = said.topic == candidate.topic
        yield (rules.same_topic, "same topic") if is_same else (rules.other_topic, "other topic")
    if _within(said, candidate, timedelta(days=rules.recent_days)):
        yield rules.recent, "said recently"


def _says_little(said: Said, rules: MatchingRules) -> bool:
    return said.gist.telling_words < rules.little_said_words


def _little(said: Said, candidate: Candidate, rules: MatchingRules) -> Iterator[tuple[float, str]]:
    """Of one who says little it counts what he said just before: ten lines in a row are one case."""
    by_same_channel = any(other.channel == said.channel for other in candidate.said)
    if said.topic and candidate.topic and said.topic != candidate.topic:
        return
    if by_same_channel and _within(said, candidate, timedelta(minutes=rules.burst_minutes)):
        yield rules.join, "says little, just after by the same channel"
    elif _within(said, candidate, timedelta(days=rules.recent_days)):
        yield rules.suggest, "says little, said recently"


def _within(said: Said, candidate: Candidate, span: timedelta) -> bool:
    return any(abs(said.at - other.at) <= span for other in candidate.said)
