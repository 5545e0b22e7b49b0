"""Signatures over the bytes that came, and tokens, compared in constant time: with each secret, whichever fits."""

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
    there are two; and one more for each further account.
    """
    if not is_one_of(given, [way.of(secret, content) for secret in secrets]):
        raise NotGenuine(f"The bytes of the body are signed with the secret of this channel, in {way.header}.")


def is_one_of(given: str, wanted: Iterable[str]) -> bool:
    """Whether `given` is one of these. It takes as long whichever it is."""
    mark = given.encode("utf-8", "replace")
    return any([hmac.compare_digest(each.encode(), mark) for each in wanted])  # noqa: C419 - all of them, always
