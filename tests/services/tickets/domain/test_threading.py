"""Which contacts go on with a case: those of a chat that has one, or of which an earlier contact began one."""

from uuid import UUID

import pytest

from services.tickets.domain.citizens import introduced
from services.tickets.domain.threading import going_on, mentioned_code, takes_part
from shared.events import Person
from tests.factories import contact

HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("chats", "known", "on"),
    [
        ([], [HERE], []),
        ([HERE, HERE, THERE, HERE], [], [False, True, False, True]),
        ([HERE, THERE], [THERE], [False, True]),
    ],
)
def test_contacts_go_on_with_what_their_chat_began(chats: list[UUID], known: list[UUID], on: list[bool]) -> None:
    assert list(going_on(chats, known)) == on


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("Re: Pengaduan Anda kami terima [7K3Q-WM9X-TB40]", "7K3Q-WM9X-TB40"),
        ("7k3q-wm9x-tb40 lampu", "7K3Q-WM9X-TB40"),
        ("Re: [SA#1042] lampu", None),
        ("nomor 0812-3456-7890-11", None),
        ("Re: abcd-ufgh-ijkl", None),
        ("[U7K3-WM9X-TB40] [7K3Q-WM9X-TB40]", "7K3Q-WM9X-TB40"),
        ("", None),
    ],
)
def test_code_in_a_subject_is_found_as_it_was_typed(subject: str, code: str | None) -> None:
    assert mentioned_code(subject) == code


@pytest.mark.parametrize(
    ("own", "writer", "is_his"),
    [
        ("warga@surel.example", "Warga@Surel.example", True),
        ("warga@surel.example", "lain@surel.example", False),
        ("warga@surel.example", None, False),
        (None, "warga@surel.example", False),
        (None, None, False),
    ],
)
def test_case_is_his_whose_address_it_knows(own: str | None, writer: str | None, is_his: bool) -> None:
    """Two unknown addresses are not the same one."""
    citizen = introduced(contact(citizen=Person(email=own)).data)
    assert takes_part(citizen, contact(citizen=Person(email=writer)).data) is is_his
