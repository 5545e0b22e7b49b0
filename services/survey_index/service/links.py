"""One-time links: the invitation's name, signed, so that nobody can guess or forge one."""

import base64
from uuid import UUID

from itsdangerous import BadSignature, Signer

from shared.errors import FieldError, NotFound
from shared.seal import derive_key


class UnknownLink(NotFound):
    """The link was forged, cut off, or made by another installation."""

    code, title = "unknown_link", "This link is not known"

    def __init__(self) -> None:
        super().__init__(
            "The link is not complete, or not one of ours.",
            errors=[FieldError("token", "is not known", "the last part of the link in your invitation")],
        )


class Links:
    """Makes and reads the links of invitations."""

    def __init__(self, *, secret: str, public_url: str) -> None:
        self._signer = Signer(derive_key(secret, "survey links"), salt="survey")
        self._base = public_url.rstrip("/")

    def link(self, invitation_id: UUID) -> str:
        """The address that the citizen gets."""
        return f"{self._base}/s/{self.token(invitation_id)}"

    def token(self, invitation_id: UUID) -> str:
        name = base64.urlsafe_b64encode(invitation_id.bytes).rstrip(b"=")
        return self._signer.sign(name).decode()

    def read(self, token: str) -> UUID:
        """The invitation that `token` names. Raises `UnknownLink`."""
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self._signer.unsign(token) + b"=="))
        except (BadSignature, ValueError):
            raise UnknownLink from None
