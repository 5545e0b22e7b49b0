"""The streams between the services: who writes each, and who reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stream:
    """A Redis stream: who writes it, and which groups must have read an entry before it may be trimmed."""

    name: str
    writer: str
    readers: tuple[str, ...]

    @property
    def key(self) -> str:
        """The Redis key. The braces keep all keys of a partition on one node of a cluster."""
        return f"{{{self.name}:0}}"

    @property
    def generation_key(self) -> str:
        """Holds a value that only this filling of Redis has: when it is gone, Redis was wiped."""
        return f"{self.key}:generation"


STREAMS = {
    stream.name: stream
    for stream in (
        Stream("contacts", writer="intake", readers=("tickets", "notify")),
        Stream("tickets", writer="tickets", readers=("intake", "notify", "survey_index")),
        Stream("notices", writer="notify", readers=("tickets",)),
        Stream("surveys", writer="survey_index", readers=("notify",)),
    )
}
