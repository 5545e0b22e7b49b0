"""What a stream was brought and what is taken of it: each line one time and in order, and never more than a page."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.models.chats import ChatLine, ChatNews, ChatState
from services.intake.service.streams import ChatStream
from shared.ids import new_id
from tests.services.intake.given import NOW

PAGE = 5
STATE = ChatState(last_position=0)


def found(last: int, after: int, state: ChatState = STATE) -> ChatNews:
    """What there is in a chat of so many lines after a place: the first page of it."""
    lines = [ChatLine(place, "agent", f"baris {place}", NOW) for place in range(after + 1, last + 1)]
    return ChatNews(state, lines[:PAGE], more=len(lines) > PAGE)


def places(lines: Sequence[ChatLine]) -> list[int]:
    return [line.position for line in lines]


STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12), st.booleans()), max_size=30)
"""How many lines come, how far behind the place is from which somebody looks (for another stream of the same chat), and
whether something is taken then.
"""


@given(steps=STEPS, seen=st.integers(0, 8))
def test_stream_gives_each_line_one_time_and_in_order(steps: list[tuple[int, int, bool]], seen: int) -> None:
    stream, last, given_lines = ChatStream(new_id(), "citizen", seen, is_only=True), seen, list[int]()
    for come, behind, is_taken in [*steps, *[(0, 0, True)] * (5 * len(steps) + 1)]:
        last += come
        if not stream.is_full:
            stream.bring(found(last, max(0, stream.after - behind)))
        if not stream.is_full:
            stream.bring(found(last, stream.after))
        if is_taken:
            given_lines += places(stream.take().lines)
            assert len(given_lines) <= last - seen
    assert given_lines == list(range(seen + 1, last + 1))


def test_stream_that_is_not_read_holds_a_page() -> None:
    stream = ChatStream(new_id(), "citizen", 0, is_only=True)
    stream.bring(found(100, 0))
    assert (stream.is_full, stream.missed) == (True, True)
    assert places(stream.take().lines) == [1, 2, 3, 4, 5]
    assert not stream.is_full


def test_stream_says_how_its_chat_stands_at_first_and_when_that_has_changed() -> None:
    stream = ChatStream(new_id(), "citizen", 0, is_only=True)
    stream.bring(found(0, 0))
    assert stream.take().state == STATE
    stream.bring(found(3, 0, ChatState(last_position=3)))
    assert stream.take().state is None, "a line more is no other standing"
    ended = ChatState(last_position=3, ended_at=NOW + timedelta(minutes=1))
    stream.bring(found(3, 3, ended))
    state = stream.take().state
    assert state is not None
    assert state.ended_at == ended.ended_at


def test_ending_of_a_stream_is_not_taken_away_with_what_came_before_it() -> None:
    stream = ChatStream(new_id(), "citizen", 0, is_only=True)
    stream.bring(found(1, 0))
    stream.end("replaced")
    news = stream.take()
    assert (places(news.lines), news.ending) == ([1], "replaced")
