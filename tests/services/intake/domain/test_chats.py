"""A chat refuses what goes beyond its allowance, and says for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.chats import Allowance, ChatFull, ChatTooFast, ChatUsage

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
ALLOWANCE = Allowance(lines_per_minute=3, lines=10, characters=100)


@pytest.mark.parametrize(
    ("lines", "characters", "minute_lines", "refused"),
    [
        (9, 99, 2, None),
        (10, 10, 1, ChatFull),
        (2, 100, 2, ChatFull),
        (10, 10, 3, ChatFull),  # to wait would not help
        (9, 99, 3, ChatTooFast),
    ],
)
def test_chat_refuses_what_goes_beyond_its_allowance(
    lines: int, characters: int, minute_lines: int, refused: type[Exception] | None
) -> None:
    refusal = ALLOWANCE.refusal(ChatUsage(lines, characters, NOW, minute_lines), NOW)
    assert (type(refusal) if refusal else None) is refused


@pytest.mark.parametrize(("ago", "wait"), [(0, "60"), (0.5, "60"), (12, "48"), (59.2, "1"), (60, "1"), (61, "1")])
def test_chat_says_how_long_its_minute_lasts_and_never_too_short_a_time(ago: float, wait: str) -> None:
    refusal = ALLOWANCE.refusal(ChatUsage(3, 3, NOW - timedelta(seconds=ago), 3), NOW)
    assert isinstance(refusal, ChatTooFast)
    assert refusal.headers == {"Retry-After": wait}
    assert refusal.errors[0].expected == "at most 3 lines a minute"
