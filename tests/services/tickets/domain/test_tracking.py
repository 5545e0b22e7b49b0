"""What a citizen is told of what happened: steps with words of ours, counted, and nothing else."""

from datetime import timedelta
from typing import get_args
from uuid import UUID

import pytest

from services.tickets.domain import happenings
from services.tickets.domain.happenings import (
    Escalated,
    Happened,
    Happening,
    Joined,
    NoticeFailed,
    Opened,
    Replied,
    Resolved,
    Unrecognised,
)
from services.tickets.domain.status import CATEGORY
from services.tickets.domain.tracking import MOST_STEPS, Step, steps_of
from services.tickets.domain.tracking_words import ASKED, CHANNELS, PAGE, STATUSES, STEPS, Language, status_words
from shared.events import Channel
from tests.factories import NOW

LANGUAGES = get_args(Language)
NOT_TOLD = {"notice_failed", "notice_settled", "claimed", "assigned", "unassigned", "noted", "prioritised"} | {
    "privacy_set",
    "linked",
    "split",
    "info_received",
    "warned",
    "breached",
    "alerted",
    "due_set",
    "policy_changed",
    "recomputed",
    "separated",
    "citizen_changed",
}
"""What is between members of staff, or says nothing to a citizen."""


def trail(*happenings: Happening) -> list[Happened]:
    return [
        Happened(UUID(int=1), version, what, "staff:siti", NOW + timedelta(minutes=version))
        for version, what in enumerate(happenings)
    ]


def test_every_kind_is_told_or_known_not_to_be() -> None:
    assert not STEPS["id"].keys() & NOT_TOLD
    assert set(happenings.KINDS) <= STEPS["id"].keys() | NOT_TOLD, "is it for citizens?"


@pytest.mark.parametrize(
    "words", [STEPS, STATUSES, ASKED, CHANNELS, PAGE], ids=["steps", "statuses", "asked", "channels", "page"]
)
def test_words_are_there_in_every_language(words: dict[str, dict[str, str]]) -> None:
    assert len({frozenset(words[language]) for language in LANGUAGES}) == 1
    assert all(text for language in LANGUAGES for text in words[language].values())


def test_channels_and_statuses_have_their_words() -> None:
    assert set(get_args(Channel)) == CHANNELS["id"].keys()
    assert CATEGORY.keys() <= STATUSES["id"].keys()


def test_steps_are_told_in_order_and_a_row_of_one_kind_once() -> None:
    happened = trail(Opened("chat"), Joined(), Joined(), Replied(), Joined(), Resolved())
    assert [(step.kind, step.times) for step in steps_of(happened)] == [
        ("opened", 1),
        ("joined", 2),
        ("replied", 1),
        ("joined", 1),
        ("resolved", 1),
    ]
    assert steps_of(happened)[1].at == happened[2].at


def test_what_is_not_for_citizens_is_no_step_and_parts_no_row() -> None:
    silent = NoticeFailed("email", "opened", "failed", "SMTP 550"), Unrecognised("noted", {"detail": "rahasia"})
    happened = trail(Opened("form"), Joined(), *silent, Joined())
    assert steps_of(happened) == [Step("opened", NOW), Step("joined", happened[-1].at, 2)]


def test_step_has_nothing_of_what_anybody_wrote() -> None:
    [step] = steps_of(trail(Escalated(2, "perlu data bank")))
    assert step == Step("escalated", NOW)


def test_long_history_is_told_by_its_end() -> None:
    happened = trail(Opened("chat"), *(each for _ in range(MOST_STEPS) for each in (Joined(), Replied())))
    steps = steps_of(happened)
    assert (len(steps), steps[-1].at) == (MOST_STEPS, happened[-1].at)


@pytest.mark.parametrize(
    ("status", "category", "says"), [("diperiksa", "open", "Sedang ditangani"), ("dicabut", "resolved", "Ditutup")]
)
def test_status_of_a_newer_release_is_told_by_its_category(status: str, category: str, says: str) -> None:
    assert status_words(status, category, "id") == says
