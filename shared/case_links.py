"""The link by which a citizen reads his case and answers: who holds it may, and nobody makes one up.

notify writes it into letters, tickets opens the page behind it, and intake takes what is answered there. Its token
names the ticket. It is not that of `mail_threads`, which lets write and never read: mails are passed on with it.
"""

from uuid import UUID

from shared.secret import Secrets
from shared.signing import Capabilities


class CaseLinks(Capabilities):
    """Capabilities for cases. Their pages are at `pages_url`; without it, at the same address as whoever links."""

    def __init__(self, secrets: Secrets, pages_url: str = "") -> None:
        super().__init__(secrets, "case links")
        self._pages = pages_url.rstrip("/")

    def link(self, ticket_id: UUID) -> str:
        """The page of this case, for its citizen."""
        return self.page(self.issue(ticket_id))

    def page(self, token: str) -> str:
        """The page behind a token."""
        return f"{self._pages}/t/{token}"
