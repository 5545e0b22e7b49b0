"""Which topic a text has: by the phrases that people gave the topics, and by what was learned from examples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.tickets.domain.topics.linear import Learned, Opinion
from services.tickets.domain.topics.phrases import Occurrence, Phrases
from services.tickets.domain.topics.topic import Topic

SURE = 0.5
"""From which confidence on a topic is given; below it a person decides."""
_OF_PHRASES = {1: 0.7, 2: 0.9}
_OF_LONGER_PHRASES = 0.95
_DISPUTED = 0.15
"""What a phrase loses where another topic has one of as many words in the same text."""
NOTHING_FOUND = "nothing in it is known"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a text is about, how sure that is (0 to 1), and because of what. No topic: a person decides (triage)."""

    topic: Topic | None
    confidence: float
    because: tuple[str, ...]


class Classifier:
    """Chooses topics.

    A phrase of two words or more decides: a person wrote it for this. One of a single word, or one that another topic
    disputes, gives way to a model that is surer of another topic. Where phrase and model say the same, both would have
    to be wrong. Without a phrase the model decides, if it is sure; otherwise nobody does.
    """

    def __init__(self, topics: Iterable[Topic], learned: Learned | None = None) -> None:
        self.by_slug = {topic.slug: topic for topic in topics}
        self._phrases = Phrases(self.by_slug.values())
        self._learned = learned

    def classify(self, *texts: str) -> Choice:
        """The choice for `texts` (subject, body), which are read apart by their phrases and as one by the model."""
        found = [occurrence for text in texts for occurrence in self._phrases.find(text)]
        opinion = self._learned.opinion("\n".join(texts)) if self._learned else None
        if opinion and opinion.label not in self.by_slug:  # of a topic that was retired since
            opinion = None
        return self._choice(_by_phrases(found), opinion)

    def _choice(self, said: Choice | None, opinion: Opinion | None) -> Choice:
        learned = Choice(self.by_slug[opinion.label], opinion.confidence, opinion.because) if opinion else None
        if said is None or learned is None:
            return _sure(said or learned or Choice(None, 0.0, (NOTHING_FOUND,)))
        if said.topic == learned.topic:
            doubt = (1 - said.confidence) * (1 - learned.confidence)
            return Choice(said.topic, 1 - doubt, _each_once(said.because, learned.because))
        return learned if _gives_way(said) and learned.confidence > said.confidence else said


def _by_phrases(found: Sequence[Occurrence]) -> Choice | None:
    if not found:
        return None
    decides = max(found, key=lambda occurrence: occurrence.phrase.weight)
    topic, words = decides.phrase.topic, len(decides.phrase.words)
    disputed = any(each.phrase.topic != topic and len(each.phrase.words) >= words for each in found)
    confidence = _OF_PHRASES.get(words, _OF_LONGER_PHRASES) - (_DISPUTED if disputed else 0)
    return Choice(topic, confidence, (decides.told,))


def _gives_way(said: Choice) -> bool:
    return said.confidence <= _OF_PHRASES[1]


def _sure(choice: Choice) -> Choice:
    return choice if choice.confidence >= SURE else Choice(None, choice.confidence, choice.because)


def _each_once(*reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for each in reasons for reason in each))
