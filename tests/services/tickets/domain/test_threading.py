"""Which contacts go on with a case: those of a chat that has one, or of which an earlier contact began one."""

from uuid import UUID

import pytest

from services.tickets.domain.threading import going_on

HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("chats", "known", "on"),
    [
        ([], [HERE], []),
        ([None, None], [HERE], [False, False]),
        ([HERE, HERE, THERE, HERE], [], [False, True, False, True]),
        ([HERE, THERE], [THERE], [False, True]),
    ],
)
def test_contacts_go_on_with_what_their_chat_began(chats: list[UUID | None], known: list[UUID], on: list[bool]) -> None:
    assert list(going_on(chats, known)) == on
