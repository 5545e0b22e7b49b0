"""The secret of an installation, or several while it is being changed; and the keys that are made from it.

The first signs and seals; every one of them verifies and opens. So a new one is put in front, what was sealed with the
old one is sealed anew (`satuatap secrets rotate`), and the old one is taken out: docs/operations.md, "A new secret".
"""

import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST = 32
_FEWEST_CHARACTERS = 8
_PLACEHOLDERS = ("changeme", "replaceme", "placeholder", "yoursecret", "secrethere", "example", "password")
_HOW = "make one with `openssl rand -base64 48`"


class WeakSecret(ValueError):
    """A secret that somebody could guess; the text says what is wrong, what to do, and nothing of the secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """The secrets of an installation, the newest first."""

    values: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Secrets":
        """The secrets in `text`, separated by commas. Raises `WeakSecret`."""
        values = tuple(value.strip() for value in text.split(","))
        for place, value in enumerate(values, start=1):
            fault = _weakness(value)
            if fault:
                which = f"number {place} of the {len(values)} secrets between commas" if len(values) > 1 else "it"
                raise WeakSecret(f"{which} {fault}: {_HOW}")
        return cls(values)

    @classmethod
    def read_to_renew(cls, text: str) -> "Secrets":
        """The same for sealing anew, which is how one gets away from a weak secret: the newest alone must be strong."""
        newest, *older = (value.strip() for value in text.split(","))
        return cls((*cls.read(newest).values, *filter(None, older)))

    def key(self, purpose: str) -> bytes:
        """32 bytes for `purpose`, made from the newest secret."""
        return self.keys(purpose)[0]

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes for `purpose` from each secret, the newest first: a key for one use is worth nothing for another."""
        return tuple(_derived(value, purpose) for value in self.values)

    def __repr__(self) -> str:
        return f"Secrets({len(self.values)})"


def _derived(secret: str, purpose: str) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"satuatap {purpose}".encode()).derive(secret.encode())


def _weakness(secret: str) -> str | None:
    """What makes `secret` easy to guess, if anything does."""
    if len(secret) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    if any(word in re.sub("[^a-z]", "", secret.casefold()) for word in _PLACEHOLDERS):
        return "is the placeholder of an example, or made from a word that everybody tries"
    if len(set(secret)) < _FEWEST_CHARACTERS:
        return f"has fewer than {_FEWEST_CHARACTERS} different characters"
    if _period(secret) <= len(secret) // 2:
        return "repeats itself"
    return None


def _period(text: str) -> int:
    """After how many characters `text` repeats itself; its length if it never does."""
    return next(shift for shift in range(1, len(text) + 1) if text.startswith(text[shift:]))
