"""How a mail says which ticket it is about: by a token, in the names of our mails and behind the `+` of an address.

notify writes tokens and intake reads them. A token names the ticket and nobody makes one up: `Capabilities` for
"mail threads". Mail programs drop one place or another, so it stands in several.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

PURPOSE = "mail threads"
"""For what the `Capabilities` are that issue and read the tokens."""
LONGEST_LOCAL_PART = 13
"""Of an address that answers go to: with `+` and a token behind it, it has the 64 octets that every server takes."""


def root_id(token: str, domain: str) -> str:
    """The id that all mails about a ticket refer to."""
    return f"{token}@{domain}"


def message_id(notice_id: UUID, root: str) -> str:
    """The id of one mail about a ticket: the notice's own name, and the root of the conversation."""
    return f"{notice_id}.{root}"


def plus_address(address: str, token: str) -> str:
    """The address at which an answer about a ticket comes in."""
    local, _, domain = address.partition("@")
    return f"{local}+{token}@{domain}"


def tokens_in(ids: Sequence[str], addresses: Sequence[str]) -> Iterator[str]:
    """What may be a token, in the ids that a mail refers to and in the addresses that it came to."""
    for each in ids:
        local = each.partition("@")[0]
        yield local
        yield local.partition(".")[2]  # behind the notice's own name
    for address in addresses:
        yield address.partition("@")[0].partition("+")[2]
