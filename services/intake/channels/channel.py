"""What a channel is: it says whether something raw is genuine, and what is in it. All else is the same for each."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.utterances import Item
from services.intake.models.raw import Raw
from shared.errors import Refusal


class NotGenuine(Refusal):
    """Nothing of it was kept."""

    status, code, title = 401, "not_genuine", "The signature does not fit"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came over HTTP, as it came: the bytes of the body, the headers (names in lower case), and the query."""

    content: bytes
    headers: Mapping[str, str]
    query: str


class Channel(ABC):
    """One channel in its own dialect. It keeps nothing, asks nobody, and may be called from any thread."""

    name: ClassVar[str]
    """As contacts and figures call it: a word of `shared.events.words.Channel`."""

    @abstractmethod
    def authenticate(self, brought: Brought) -> str:
        """The account of ours that it came to. Raises `NotGenuine` for what whoever calls us did not sign."""

    @abstractmethod
    def parse(self, raw: Raw) -> Sequence[Item]:
        """What is in it, in its order. What is broken is an `Unreadable` beside its good neighbours, not an error."""
