"""One-time links: the invitation's name, signed, so that nobody can guess or forge one."""

from uuid import UUID

from shared.errors import FieldError, NotFound
from shared.secret import Secrets
from shared.signing import Capabilities


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

    def __init__(self, *, secrets: Secrets, public_url: str) -> None:
        self._invitations = Capabilities(secrets, "survey links")
        self._base = public_url.rstrip("/")

    def link(self, invitation_id: UUID) -> str:
        """The address that the citizen gets."""
        return f"{self._base}/s/{self._invitations.issue(invitation_id)}"

    def read(self, token: str) -> UUID:
        """The invitation that `token` names. Raises `UnknownLink`."""
        invitation_id = self._invitations.read(token)
        if invitation_id is None:
            raise UnknownLink
        return invitation_id
