"""Signatures over the bytes that came, compared in constant time."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.intake.channels.channel import NotGenuine


@dataclass(frozen=True, slots=True)
class SignedWith:
    """How a channel signs: by which hash, how the digest is written, and in which header."""

    header: str
    algorithm: str
    write: Callable[[bytes], str]

    def of(self, secret: str, content: bytes) -> str:
        """The signature of these bytes."""
        return self.write(hmac.digest(secret.encode(), content, self.algorithm))


def check_signature(given: str, content: bytes, secrets: Iterable[str], way: SignedWith) -> None:
    """Raises `NotGenuine` unless one of the secrets made `given` of these bytes. While one secret replaces another,
    there are two.
    """
    marks = [way.of(secret, content) for secret in secrets]
    if not any(hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")) for wanted in marks):
        raise NotGenuine(f"The bytes of the body are signed with the secret of this channel, in {way.header}.")
