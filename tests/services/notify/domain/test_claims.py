"""What a dead courier's notes say of each notice: accepted, perhaps accepted, or certainly not."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.claims import DIED_BEFORE_ITS_TURN, DIED_WHILE_SENDING, Claim, Handover
from services.notify.domain.delivery import Acceptance
from shared.ids import new_id

NOW = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)


def claim(*, under_way: Iterable[UUID] = (), accepted: Iterable[UUID] = (), is_complete: bool = True) -> Claim:
    """A claim with such notes."""
    notes = {name: Handover(f"its name for {name}", NOW, NOW) for name in accepted}
    return Claim(new_id(), "courier", frozenset(under_way), NOW, notes, is_complete)


@given(st.uuids(), st.booleans())
def test_what_was_noted_as_taken_is_accepted_under_the_providers_name(notice: UUID, is_complete: bool) -> None:
    left = claim(accepted=[notice], is_complete=is_complete)
    assert left.became_of(notice) == Acceptance(f"its name for {notice}")


@given(st.uuids(), st.booleans())
def test_what_was_under_way_is_uncertain(notice: UUID, is_complete: bool) -> None:
    assert claim(under_way=[notice], is_complete=is_complete).became_of(notice) == DIED_WHILE_SENDING


@given(st.uuids(), st.sets(st.uuids()))
def test_what_had_not_begun_is_sent_later_unless_a_note_may_be_missing(notice: UUID, others: set[UUID]) -> None:
    others.discard(notice)
    assert claim(under_way=others, accepted=others).became_of(notice) == DIED_BEFORE_ITS_TURN
    assert claim(under_way=others, accepted=others, is_complete=False).became_of(notice) == DIED_WHILE_SENDING


@given(st.lists(st.uuids(), unique=True, min_size=1, max_size=100), st.data())
def test_one_message_is_in_doubt_however_large_the_claim(notices: list[UUID], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(notices) - 1))
    left = claim(accepted=notices[:place], under_way=[notices[place]])
    assert [left.became_of(notice) for notice in notices].count(DIED_WHILE_SENDING) == 1
