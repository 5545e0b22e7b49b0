"""A topic: what complaints may be about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.tickets.domain.units import Unit


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, its unit, how people write it, and the fields that a complete complaint about it has: `required`, or
    what `required_by_channel` says instead for what comes by that channel.
    """

    slug: str
    name: str
    unit: Unit
    phrases: tuple[str, ...]
    required: tuple[str, ...]
    required_by_channel: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def required_by(self, channel: str) -> tuple[str, ...]:
        """What a complete complaint has that comes by this channel."""
        return self.required_by_channel.get(channel, self.required)


@dataclass(frozen=True, slots=True)
class TopicVersion:
    """A topic as it is or was, who made it so, and when. A retired one is given to no case any more, and stays with
    those that have it.
    """

    topic: Topic
    version: int
    is_retired: bool
    edited_by: str
    edited_at: datetime

    def edited(self, topic: Topic, by: str, now: datetime) -> "TopicVersion":
        """The next version, in which it is `topic`, not retired; the same one where that changes nothing."""
        if topic == self.topic and not self.is_retired:
            return self
        return TopicVersion(topic, self.version + 1, False, by, now)

    def retired(self, by: str, now: datetime) -> "TopicVersion":
        """The next version, in which it is retired; the same one where it is already."""
        if self.is_retired:
            return self
        return replace(self, version=self.version + 1, is_retired=True, edited_by=by, edited_at=now)


def unit_of(topic: Topic | None, default_unit: Unit) -> Unit:
    """Who handles a new case about this: the topic's unit, or the default where it is of no topic."""
    return topic.unit if topic else default_unit
