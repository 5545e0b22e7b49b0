"""What is made with the secrets of an installation: the seal on numbers that identify a person, and capabilities."""

import base64
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, Signer

from shared.secret import Secrets


class Seal:
    """Encrypts programme numbers at rest and on the stream (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secrets: Secrets) -> None:
        fernets = [Fernet(base64.urlsafe_b64encode(key)) for key in secrets.keys("seal")]
        self._newest, self._all = fernets[0], MultiFernet(fernets)

    def close(self, number: str) -> str:
        """The sealed form of `number`."""
        return self._newest.encrypt(number.encode()).decode()

    def open(self, sealed: str) -> str:
        """The number in `sealed`. Raises `cryptography.fernet.InvalidToken` if this installation did not seal it."""
        return self._all.decrypt(sealed).decode()

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest secret opens `sealed`, so that it needs no older one."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def renew(self, sealed: str) -> str:
        """The same number, sealed with the newest secret. When it was sealed first stays in it. Raises as `open`."""
        return self._all.rotate(sealed).decode()


class Capabilities:
    """Signed names of one kind of thing (a chat, an invitation): who holds one may use that thing, and no other.

    Nobody can guess or forge one (HMAC-SHA1 by itsdangerous, compared in constant time), and it is short enough for
    an SMS: 50 characters.
    """

    def __init__(self, secrets: Secrets, purpose: str) -> None:
        self._signer = Signer(secrets.keys(purpose)[::-1], salt=purpose)  # it signs with the last of them

    def issue(self, name: UUID) -> str:
        return self._signer.sign(base64.urlsafe_b64encode(name.bytes).rstrip(b"=")).decode()

    def read(self, token: str) -> UUID | None:
        """What `token` names, or None if it was not issued here for this purpose."""
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self._signer.unsign(token) + b"=="))
        except (BadSignature, ValueError):
            return None
