"""The seal on numbers that identify a person: they are encrypted with the secrets of an installation."""

import base64
import hashlib
import hmac
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.secret import Secrets

NumberKind = Literal["nik", "programme_number"]


class Seal:
    """Encrypts identity card and programme numbers at rest and on the stream (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secrets: Secrets) -> None:
        fernets = [Fernet(base64.urlsafe_b64encode(key)) for key in secrets.keys("seal")]
        self._newest, self._all = fernets[0], MultiFernet(fernets)
        self._index_key = secrets.key("blind index")

    def close(self, number: str) -> str:
        """The sealed form of `number`."""
        return self._newest.encrypt(number.encode()).decode()

    def index(self, kind: NumberKind, number: str) -> str:
        """The blind index of `number`: equal for equal numbers of a kind, however they were typed, and told by no one
        who lacks the newest secret (HMAC-SHA256, 64 hexadecimal digits).
        """
        return hmac.new(self._index_key, f"{kind}:{number.casefold()}".encode(), hashlib.sha256).hexdigest()

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
