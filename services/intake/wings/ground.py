"""What every wing stands on, and what a wing is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from services.intake.service.arrivals import Arrivals
from services.intake.service.contacts import Contacts
from services.intake.service.group_commit import QueueLimits
from services.intake.settings import IntakeSettings
from shared.clock import Clock
from shared.plumbing import Plumbing
from shared.retention import Rule
from shared.seal import Seal
from shared.signing import Capabilities
from shared.worker import Worker


@dataclass(frozen=True, slots=True)
class Wing:
    """A part of the service that stands for itself: its routes and what they need, what works in the background, and
    how long it keeps what.
    """

    routers: Sequence[APIRouter]
    parts: Sequence[object]
    workers: Sequence[Worker] = ()
    keep: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every wing stands on."""

    pipes: Plumbing
    settings: IntakeSettings
    clock: Clock
    seal: Seal
    chat_tokens: Capabilities
    contacts: Contacts
    limits: QueueLimits
    arrivals: Arrivals

    @property
    def texts(self) -> timedelta:
        """How long what people wrote is kept."""
        return timedelta(days=self.settings.keep_texts_days)


def ground_of(pipes: Plumbing, settings: IntakeSettings, clock: Clock) -> Ground:
    """What every wing stands on, from the settings."""
    seal, chat_tokens = Seal(pipes.secrets), Capabilities(pipes.secrets, "chats")
    limits = QueueLimits(
        queue=settings.queue_limit,
        queue_bytes=settings.queue_bytes,
        batch=settings.batch_limit,
        batch_bytes=settings.batch_bytes,
    )
    contacts = Contacts(seal=seal, chat_tokens=chat_tokens)
    return Ground(pipes, settings, clock, seal, chat_tokens, contacts, limits, Arrivals())
