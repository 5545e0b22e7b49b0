"""What is signed with the secrets of an installation: capabilities, which open one thing to who holds one."""

import base64
from functools import lru_cache
from uuid import UUID

from itsdangerous import BadSignature, Signer

from shared.secret import Secrets

_MOST_REMEMBERED = 4_096


class Capabilities:
    """Signed names of one kind of thing (a chat, an invitation): who holds one may use that thing, and no other.

    Nobody can guess or forge one (HMAC-SHA1 by itsdangerous, compared in constant time), and it is short enough for
    an SMS: 50 characters.
    """

    def __init__(self, secrets: Secrets, purpose: str) -> None:
        self._signer = Signer(secrets.keys(purpose)[::-1], salt=purpose)  # it signs with the last of them
        # a chat shows the same one with each of its lines; what was not issued here leaves no trace
        self._opened = lru_cache(_MOST_REMEMBERED)(self._open)

    def issue(self, name: UUID) -> str:
        """The capability for the thing of this name."""
        return self._signer.sign(base64.urlsafe_b64encode(name.bytes).rstrip(b"=")).decode()

    def read(self, token: str) -> UUID | None:
        """What `token` names, or None if it was not issued here for this purpose."""
        try:
            return self._opened(token)
        except (BadSignature, ValueError):
            return None

    def _open(self, token: str) -> UUID:
        return UUID(bytes=base64.urlsafe_b64decode(self._signer.unsign(token) + b"=="))
