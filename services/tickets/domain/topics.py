"""What a complaint is about, and so who handles it (docs/domain.md, "Topics"). They are data; this is the rule."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from services.tickets.domain.units import Unit

_WORD = re.compile(r"\w+")
_WORDS_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, its unit, how people write it, and the fields that a complete complaint about it has."""

    slug: str
    name: str
    unit: Unit
    phrases: tuple[str, ...]
    required: tuple[str, ...]


class Classifier:
    """Finds the topic of a text.

    A phrase occurs when its words stand in the text in their order, with at most two other words between two of
    them: "intensif belum cair" occurs in "intensif saya masih belum cair". The phrase with the most words decides,
    then the longest, then the order of the topics.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self.by_slug: dict[str, Topic] = {}
        self._by_first_word: dict[str, list[_Phrase]] = {}
        for place, topic in enumerate(topics):
            self.by_slug[topic.slug] = topic
            for phrase in topic.phrases:
                words = _words(phrase)
                if not words:  # somebody's editing left it empty: it occurs nowhere
                    continue
                weight = (len(words), sum(map(len, words)), -place)
                self._by_first_word.setdefault(words[0], []).append(_Phrase(words, topic, weight))

    def classify(self, *texts: str) -> Topic | None:
        """The topic of `texts` (subject, body), or None when no phrase of any topic occurs."""
        found = [
            phrase
            for words in map(_words, texts)
            for start, word in enumerate(words)
            for phrase in self._by_first_word.get(word, ())
            if phrase.goes_on(words, start)
        ]
        return max(found, key=lambda phrase: phrase.weight).topic if found else None


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: Sequence[str]
    topic: Topic
    weight: tuple[int, int, int]

    def goes_on(self, words: Sequence[str], start: int) -> bool:
        """Whether the rest of the phrase follows the first word, which stands at `start`."""
        places = {start}
        for wanted in self.words[1:]:
            near = {place + step for place in places for step in range(1, _WORDS_BETWEEN + 2)}
            places = {place for place in near if place < len(words) and words[place] == wanted}
        return bool(places)


def unit_of(topic: Topic | None, default_unit: Unit) -> Unit:
    """Who handles a new case about this: the topic's unit, or the default where it is of no topic."""
    return topic.unit if topic else default_unit


def missing_fields(topic: Topic | None, present: Collection[str]) -> list[str]:
    """The fields that the topic requires and that are not `present`."""
    return [name for name in topic.required if name not in present] if topic else []


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
