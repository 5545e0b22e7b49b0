"""What was learned from examples: a linear model over the words of a text and the letters of its words.

It is data: a vocabulary, and for each label a weight of each part of it. `satuatap topics train` makes one; here it is
only asked. A text is scored by the same rule in both places, or it would not have learned what it is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

import numpy as np
from numpy.typing import NDArray

from services.tickets.domain.topics.words import words_of

WORDS_READ = 300
"""What it is about stands at the beginning; the end of a mail is what other mails said."""
_SHORTEST_PART, _LONGEST_PART = 2, 5
_REASONS = 3
_ENOUGH_FOR_A_CITY = 20_000


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model takes a text for: the label, by how much it leads, how likely it is right, and the words that speak
    for it most.
    """

    label: str
    lead: float
    confidence: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A model as it is kept.

    `terms` are words and pairs of words, `parts` pieces of words. `rarity` is how much each counts (its inverse
    document frequency). `weights` has a row for each term, then for each part, multiplied by its rarity already, and a
    column for each label; `bias` is what each label has before a word is read. How far the best label leads, `lead`,
    becomes a likelihood by 1 ÷ (1 + e^−(slope × lead + offset)).
    """

    labels: tuple[str, ...]
    terms: tuple[str, ...]
    parts: tuple[str, ...]
    weights: NDArray[np.float16]
    rarity: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: float
    offset: float


class Learned:
    """A model that is ready to be asked. Of what it was kept as it holds nothing twice: it may be large."""

    def __init__(self, model: LinearModel) -> None:
        self._labels, self._names, self._bias = model.labels, model.terms, model.bias
        self._slope, self._offset = model.slope, model.offset
        self._terms = {term: row for row, term in enumerate(model.terms)}
        self._parts = {part: row for row, part in enumerate(model.parts, start=len(model.terms))}
        self._weights = model.weights.astype(np.float32)
        self._squares = model.rarity**2
        self._parts_of: dict[str, tuple[int, ...]] = {}

    def opinion(self, text: str) -> Opinion | None:
        """What it takes `text` for; None where it has never seen a piece of it."""
        words = words_of(text)[:WORDS_READ]
        terms = list(dict.fromkeys(row for term in terms_of(words) if (row := self._terms.get(term)) is not None))
        none: set[int] = set()
        parts = list(none.union(*map(self._rows_of_parts, words)))
        if not terms and not parts:
            return None
        scores = self._scores(terms, parts)
        best, second = (int(place) for place in np.argsort(scores)[-1:-3:-1])
        lead = float(scores[best] - scores[second])
        confidence = 1 / (1 + exp(-(self._slope * lead + self._offset)))
        return Opinion(self._labels[best], lead, confidence, self._because(terms, best, second))

    def _scores(self, terms: Sequence[int], parts: Sequence[int]) -> NDArray[np.float32]:
        """The score of each label for a text of these rows."""
        scores = self._bias.copy()
        for rows in (terms, parts):
            if rows:
                length = np.sqrt(self._squares.take(rows).sum())
                scores += self._weights.take(rows, axis=0).sum(axis=0) / length
        return scores

    def _because(self, terms: Sequence[int], best: int, second: int) -> tuple[str, ...]:
        if not terms:
            return ()
        leads = self._weights[terms, best] - self._weights[terms, second]
        strongest = np.argsort(-leads, kind="stable")[:_REASONS]
        return tuple(self._names[terms[place]] for place in strongest if leads[place] > 0)

    def _rows_of_parts(self, word: str) -> tuple[int, ...]:
        found = self._parts_of.get(word)
        if found is None:
            if len(self._parts_of) >= _ENOUGH_FOR_A_CITY:
                self._parts_of.clear()
            found = tuple(row for part in parts_of(word) if (row := self._parts.get(part)) is not None)
            self._parts_of[word] = found
        return found


def terms_of(words: Sequence[str]) -> Iterator[str]:
    """The words of a text, and its pairs of neighbours."""
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def parts_of(word: str) -> Iterator[str]:
    """The pieces of a word of two to five letters; its beginning and its end are letters too."""
    framed = f"<{word}>"
    for length in range(_SHORTEST_PART, _LONGEST_PART + 1):
        for start in range(len(framed) - length + 1):
            yield framed[start : start + length]
