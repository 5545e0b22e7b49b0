"""Something as it was brought, before anybody has understood it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Raw:
    """What a channel was handed, byte for byte: a mail, or the body of a webhook.

    `account` is which of ours it came to.
    `headers` are those that the bytes cannot be understood without, such as a content type.
    """

    id: UUID
    channel: str
    account: str
    content: bytes
    headers: dict[str, str]
    received_at: datetime
    correlation_id: str
    traceparent: str | None = None
    tries: int = 0

    @property
    def size(self) -> int:
        """How many bytes it takes while it waits."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Faulty:
    """Something raw that could not be understood, wholly or in parts: without its content, which names people."""

    id: UUID
    channel: str
    account: str
    received_at: datetime
    status: str
    tries: int
    size: int
    faults: Sequence[Mapping[str, str]]
