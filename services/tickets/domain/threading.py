"""Which contacts go on with a case, and which begin one."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID


def going_on(chats: Sequence[UUID | None], known: Collection[UUID]) -> Iterator[bool]:
    """For each contact, given by its chat, whether there is a case of that chat: among those `known`, or begun by a
    contact before it. What was said in no chat begins a case.
    """
    begun = set(known)
    for chat in chats:
        yield chat in begun
        if chat:
            begun.add(chat)
