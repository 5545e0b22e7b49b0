"""The words of a text, each in the one way in which words are compared: everyday Indonesian is written in many.

"BLMMM", "blom" and "belum" are one word, and so are "rekeningnya" and "rekening", "dicairkan" and "cair". No two words
of which one denies become one: "belum", "tidak" and "bukan" stay, and "sudah" is none of them.
"""

import re
from functools import lru_cache

from services.tickets.domain.topics.spellings import SPELLINGS

_WORD = re.compile(r"\w+")
_THREE_ALIKE = re.compile(r"([^\W\d_])\1{2,}")
_TWO_ALIKE_AT_THE_END = re.compile(r"([^\W\d_])\1$")
_SAID_TWICE = re.compile(r"^([^\W\d_]{3,})2(?:an|nya)?$")
_ENDINGS = ("nya", "kan", "ku", "mu")
_SHORTEST_STEM, _SHORTEST_PASSIVE = 4, 3
_ENOUGH_FOR_A_CITY = 20_000


def words_of(text: str) -> list[str]:
    """The words of a text, in their order, as they are compared."""
    return [word_of(word) for word in _WORD.findall(text)]


def written_in(text: str) -> list[str]:
    """The words of a text as they are written there, in small letters."""
    return _WORD.findall(text.casefold())


@lru_cache(maxsize=_ENOUGH_FOR_A_CITY)
def word_of(written: str) -> str:
    """How a word that was written so is compared: "Blmmm" as "belum", "rekeningnya" as "rekening"."""
    word = written.casefold()
    if word in SPELLINGS:
        return SPELLINGS[word]
    word = _SAID_TWICE.sub(r"\1", _THREE_ALIKE.sub(r"\1", word))
    if len(word) > _SHORTEST_STEM:
        word = _TWO_ALIKE_AT_THE_END.sub(r"\1", word)
    word = SPELLINGS.get(word, word)
    return _stem(word) if word.isalpha() else word


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if word.startswith("di") and len(word) - 2 >= _SHORTEST_PASSIVE:
        word = word[2:]
    return SPELLINGS.get(word, word)
