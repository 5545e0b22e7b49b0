"""What a complete complaint has, and what is missing of one (docs/domain.md, "Topics")."""

from collections.abc import Collection

from services.tickets.domain.topics import Topic


def missing_fields(topic: Topic | None, present: Collection[str]) -> list[str]:
    """The fields that the topic requires and that are not `present`."""
    return [name for name in topic.required if name not in present] if topic else []
