"""Keys made from the one secret of an installation: the seal on numbers that identify a person, and capabilities."""

import base64
from uuid import UUID

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, Signer


def derive_key(secret: str, purpose: str) -> bytes:
    """32 bytes for `purpose` (HKDF-SHA256, RFC 5869), so that a key for one use is worth nothing for another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"satuatap {purpose}".encode()).derive(secret.encode())


class Seal:
    """Encrypts programme numbers at rest and on the stream (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derive_key(secret, "seal")))

    def close(self, number: str) -> str:
        """The sealed form of `number`."""
        return self._fernet.encrypt(number.encode()).decode()

    def open(self, sealed: str) -> str:
        """The number in `sealed`. Raises `cryptography.fernet.InvalidToken` if this installation did not seal it."""
        return self._fernet.decrypt(sealed).decode()


class Capabilities:
    """Signed names of one kind of thing (a chat, an invitation): who holds one may use that thing, and no other.

    Nobody can guess or forge one (HMAC-SHA1 by itsdangerous, compared in constant time), and it is short enough for
    an SMS: 50 characters.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        self._signer = Signer(derive_key(secret, purpose), salt=purpose)

    def issue(self, name: UUID) -> str:
        return self._signer.sign(base64.urlsafe_b64encode(name.bytes).rstrip(b"=")).decode()

    def read(self, token: str) -> UUID | None:
        """What `token` names, or None if it was not issued here for this purpose."""
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self._signer.unsign(token) + b"=="))
        except (BadSignature, ValueError):
            return None
