"""Learns from examples what complaints are about: the one place that needs scikit-learn (the extra `train`).

What comes of it is the data of a `LinearModel`; nothing that could be run is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services.tickets.domain.topics import Learned, LinearModel
from services.tickets.domain.topics.linear import WORDS_READ, parts_of, terms_of
from services.tickets.domain.topics.words import words_of

_TEXTS_WITH_A_TERM, _TEXTS_WITH_A_PART = 3, 3
"""What stands in fewer texts teaches little, and may be a name."""
_STRENGTH = 0.2
_JUDGED = 5
"""One of so many examples, the newest, judges how likely a model of the others is right."""


def train(texts: Sequence[str], labels: Sequence[str]) -> LinearModel:
    """A model of these examples, the oldest first. Raises `ValueError` for fewer than two labels."""
    judged = max(len(texts) // _JUDGED, 1)
    slope, offset = _likelihood(_fitted(texts[:-judged], labels[:-judged], 1, 0), texts[-judged:], labels[-judged:])
    return _fitted(texts, labels, slope, offset)


def _fitted(texts: Sequence[str], labels: Sequence[str], slope: float, offset: float) -> LinearModel:
    terms, parts = _vectorizer(_terms, _TEXTS_WITH_A_TERM), _vectorizer(_parts, _TEXTS_WITH_A_PART)
    rows = hstack([terms.fit_transform(texts), parts.fit_transform(texts)])
    machine = LinearSVC(C=_STRENGTH, multi_class="crammer_singer", random_state=0).fit(rows, labels)
    rarity = np.concatenate([terms.idf_, parts.idf_])
    return LinearModel(
        labels=tuple(map(str, machine.classes_)),
        terms=tuple(terms.get_feature_names_out()),
        parts=tuple(parts.get_feature_names_out()),
        weights=(_each_label(machine.coef_).T * rarity[:, None]).astype(np.float16),
        rarity=rarity.astype(np.float32),
        bias=_each_label(machine.intercept_).astype(np.float32),
        slope=slope,
        offset=offset,
    )


def _likelihood(model: LinearModel, texts: Sequence[str], labels: Sequence[str]) -> tuple[float, float]:
    """How a lead becomes a likelihood, by the leads with which a model was right and wrong of texts that it never saw.

    Two cases are added, for few examples: of no lead at all, one right and one wrong.
    """
    opinions = [(Learned(model).opinion(text), label) for text, label in zip(texts, labels, strict=True)]
    leads = [0.0, 0.0, *(opinion.lead for opinion, _ in opinions if opinion)]
    right = [True, False, *(opinion.label == label for opinion, label in opinions if opinion)]
    curve = LogisticRegression(C=1e3).fit(np.array(leads)[:, None], right)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def _vectorizer(pieces: Callable[[str], Iterator[str]], in_texts: int) -> Any:
    return TfidfVectorizer(analyzer=pieces, binary=True, min_df=in_texts)


def _terms(text: str) -> Iterator[str]:
    return terms_of(words_of(text)[:WORDS_READ])


def _parts(text: str) -> Iterator[str]:
    for word in words_of(text)[:WORDS_READ]:
        yield from parts_of(word)


def _each_label(of_machine: Any) -> Any:
    """A row for each label. For two labels a machine has but one: that of the second."""
    return np.concatenate([-of_machine, of_machine]) if len(of_machine) == 1 else of_machine
