"""Where the phrases of topics occur in a text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.tickets.domain.topics.topic import Topic
from services.tickets.domain.topics.words import words_of, written_in

_WORDS_BETWEEN = 2
_SHORTEST_WITH_A_SLIP = 7
_ENOUGH_FOR_A_CITY = 20_000


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a topic, its words as they are compared and as they were written. The one with the most words
    decides, then the longest, then the order of the topics.
    """

    words: Sequence[str]
    written: Sequence[str]
    topic: Topic
    weight: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A phrase that stands in a text, and whether other words stand between one of its words and the one before."""

    phrase: Phrase
    gaps: tuple[bool, ...]

    @property
    def told(self) -> str:
        """How it stands there, without what is between: "intensif … belum cair"."""
        first, *rest = self.phrase.written
        return first + "".join(f" … {word}" if gap else f" {word}" for word, gap in zip(rest, self.gaps, strict=True))


class Phrases:
    """Finds phrases.

    A phrase occurs when its words stand in the text in their order, with at most two other words between two of them:
    "intensif belum cair" occurs in "intensif saya masih belum cair". A long word of a phrase is known again with a slip
    in it, such as a letter too few or another: both are alike once a letter of each is left out, though not the first.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._by_first_word: dict[str, list[Phrase]] = {}
        self._by_slip: dict[str, str] = {}
        self._unknown: set[str] = set()
        for place, topic in enumerate(topics):
            for phrase in topic.phrases:
                words = words_of(phrase)
                if not words:  # somebody's editing left it empty: it occurs nowhere
                    continue
                weight = (len(words), sum(map(len, words)), -place)
                self._by_first_word.setdefault(words[0], []).append(Phrase(words, written_in(phrase), topic, weight))
        self._known = {word for each in self._by_first_word.values() for phrase in each for word in phrase.words}
        for word in sorted(self._known):
            for without in _slips(word):
                self._by_slip.setdefault(without, word)

    def find(self, text: str) -> Iterator[Occurrence]:
        """Every place of `text` in which a phrase occurs."""
        words = [self._meant(word) for word in words_of(text)]
        for start, word in enumerate(words):
            for phrase in self._by_first_word.get(word, ()):
                gaps = _going_on(phrase.words, words, start)
                if gaps is not None:
                    yield Occurrence(phrase, gaps)

    def _meant(self, word: str) -> str:
        """The word of a phrase that a word of a text is, or else the word itself."""
        if word in self._known or word in self._unknown:
            return word
        meant = next((self._by_slip[without] for without in _slips(word) if without in self._by_slip), None)
        if meant is None and len(self._unknown) < _ENOUGH_FOR_A_CITY:
            self._unknown.add(word)
        return meant or word


def _slips(word: str) -> Iterator[str]:
    """A long word, and what is left of it without one of its letters after the first."""
    if len(word) >= _SHORTEST_WITH_A_SLIP and word.isalpha():
        yield word
        for place in range(1, len(word)):
            yield word[:place] + word[place + 1 :]


def _going_on(wanted: Sequence[str], words: Sequence[str], start: int) -> tuple[bool, ...] | None:
    """Where the words of a phrase stand close to each other from `start` on: which of them have others before them."""
    ways: dict[int, tuple[bool, ...]] = {start: ()}
    for word in wanted[1:]:
        ways = {
            place: (*gaps, place > before + 1)
            for before, gaps in reversed(ways.items())
            for place in range(before + 1, min(before + _WORDS_BETWEEN + 2, len(words)))
            if words[place] == word
        }
    return next(iter(ways.values()), None)
