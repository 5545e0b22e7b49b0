"""The rules that an installation begins with find the same case again, as docs/matching.md says."""

import random
from pathlib import Path
from typing import Any

from bench.matching import figures_of, pairs, read, rules_of_the_migration, split
from bench.paraphrases import paraphrase


def test_matching_is_as_good_as_promised_on_what_was_held_out(shared_data: Path) -> None:
    _, held_out = split(read(shared_data / "complaints_surabaya.csv"))
    figures: dict[str, Any] = figures_of(list(pairs(held_out[:600], held_out=True)), rules_of_the_migration(), 0)
    assert figures["precision_of_join"] >= 0.98
    assert figures["recall_of_join"] >= 0.6
    assert figures["recall_of_join_and_suggest"] >= 0.9


def test_paraphrase_says_it_in_other_words_and_the_same_way_each_time() -> None:
    text = "Mohon perbaikan lampu jalan yang mati di Jl. Kenanga, sudah dua minggu."
    once, again = ([paraphrase(text, random.Random(seed), held_out=True) for seed in range(20)] for _ in range(2))
    assert once == again
    assert text not in once
    assert len(set(once)) > 15
