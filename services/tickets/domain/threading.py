"""Which contacts go on with a case, and which begin one."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID


def going_on(chats: Sequence[UUID | None], chats_with_case: Collection[UUID]) -> Iterator[bool]:
    """For each contact, given by its chat, whether that chat has a case: it is one of `chats_with_case`, or a contact
    before it begins one. A contact of no chat begins a case.
    """
    begun = set(chats_with_case)
    for chat in chats:
        yield chat in begun
        if chat:
            begun.add(chat)
