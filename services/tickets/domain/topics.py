"""What a complaint is about, and so who handles it (DOMAIN.md section 3). The topics are data; this is the rule."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, its unit, how people write it, and the fields that a complete complaint about it has."""

    slug: str
    name: str
    unit: str
    phrases: tuple[str, ...]
    required: tuple[str, ...]


class Classifier:
    """Finds the topic of a text: the longest phrase that occurs in it as whole words decides."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topic_of = {_fold(phrase): topic for topic in reversed(list(topics)) for phrase in topic.phrases}
        longest_first = sorted(self._topic_of, key=lambda phrase: (-len(phrase), phrase))
        words = "|".join(re.escape(phrase) for phrase in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None
        self.by_slug: Mapping[str, Topic] = {topic.slug: topic for topic in self._topic_of.values()}

    def classify(self, *texts: str) -> Topic | None:
        """The topic of `texts` (subject, body), or None when no phrase of any topic occurs."""
        if self._pattern is None:
            return None
        found = [match.group() for match in self._pattern.finditer(_fold("\n".join(texts)))]
        return self._topic_of[max(found, key=len)] if found else None


def missing_fields(topic: Topic | None, known: Collection[str]) -> list[str]:
    """The fields that the topic requires and that are not `known`."""
    return [name for name in topic.required if name not in known] if topic else []


def _fold(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", text.casefold())
