"""What a channel is: it says whether something raw is genuine, and what is in it. All else is the same for each."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.utterances import Item
from services.intake.models.raw import Raw
from shared.errors import NotFound, Refusal


class NotGenuine(Refusal):
    """Nothing of it was kept."""

    status, code, title = 401, "not_genuine", "The signature does not fit"


class NotOurs(Refusal):
    """Whoever asks does not know what was agreed with us."""

    status, code, title = 403, "not_ours", "The token of the handshake is not ours"


@dataclass(frozen=True, slots=True)
class Handshake:
    """How Meta asks, before it sends anything, whether an address is ours."""

    token: str

    def answer(self, query: Mapping[str, str]) -> str:
        """The challenge, as it came. Raises `NotOurs`."""
        given = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, self.token.encode()):
            raise NotOurs("Its verify token is that of INTAKE_WHATSAPP_VERIFY_TOKEN.")
        return query.get("hub.challenge", "")


@dataclass(frozen=True, slots=True)
class Webhook:
    """What came over HTTP, as it came: the bytes of the body, the headers (names in lower case), and the query."""

    content: bytes
    headers: Mapping[str, str]
    query: str


class Channel(ABC):
    """One channel in its own dialect. It keeps nothing, asks nobody, and may be called from any thread."""

    name: ClassVar[str]
    """As contacts and figures call it: a word of `shared.events.words.Channel`."""

    @abstractmethod
    def authenticate(self, webhook: Webhook) -> str:
        """The account of ours that it came to. Raises `NotGenuine` for what whoever calls us did not sign."""

    def greet(self, query: Mapping[str, str]) -> str:  # noqa: ARG002 - most have none
        """What is answered to the handshake of whoever asks whether an address is ours.

        Raises `NotFound` where there is none, and `NotOurs`.
        """
        raise NotFound("This channel has no handshake.")

    @abstractmethod
    def parse(self, raw: Raw) -> Sequence[Item]:
        """What is in it, in its order. What is broken is an `Unreadable` beside its good neighbours, not an error."""
