"""A mailbox of ours on somebody's IMAP server, and what is in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbering:
    """A mailbox while its server numbers it in one way: UIDs mean nothing under another `uidvalidity` (RFC 3501)."""

    mailbox: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail that was fetched: its UID, its bytes, and their SHA-256."""

    uid: int
    content: bytes
    digest: bytes
