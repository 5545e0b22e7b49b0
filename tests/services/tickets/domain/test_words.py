"""Words: everyday spellings of one word are one word, and no denial is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.topics.spellings import SPELLINGS
from services.tickets.domain.topics.words import word_of, words_of

DENIALS = {"tidak", "belum", "bukan", "jangan"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Blmmm CAIIIR kk", "belum cair kk"),
        ("intensif sy gak masuk2", "intensif saya tidak masuk"),
        ("udah tlg dicairkan dgn segera", "sudah tolong cair dengan segera"),
        ("rekeningnya, rekeningku & rekeningmu", "rekening rekening rekening"),
        ("ga ada tlp yg diangkat krn libur", "tidak ada telepon yang angkat karena libur"),
        ("AK.1 K3 20 juta", "ak 1 k3 20 juta"),
        ("di sini dia hanya bukan dinas", "di sini dia hanya bukan nas"),
    ],
)
def test_words_that_are_written_in_many_ways_are_compared_in_one(written: str, words: str) -> None:
    assert words_of(written) == words.split()


@pytest.mark.parametrize("denial", sorted(DENIALS))
def test_words_of_denial_stay_themselves_and_no_spelling_of_another_word_becomes_one(denial: str) -> None:
    assert word_of(denial) == denial
    assert {word for word in SPELLINGS if SPELLINGS[word] == denial}.isdisjoint({"sudah", "sdh", "udah", "bisa", "ada"})
    assert word_of("sudah") not in DENIALS


def test_spellings_lead_to_words_that_lead_nowhere_further() -> None:
    assert not SPELLINGS.keys() & set(SPELLINGS.values())


@given(st.text(alphabet="abdeiknu2 ", max_size=30))
def test_words_that_were_compared_once_are_compared_the_same_again(text: str) -> None:
    once = words_of(text)
    assert len(once) == len(text.split())
    assert all(word == word.casefold() for word in once)
