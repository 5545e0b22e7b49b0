"""What a query looks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.search import Wanted, exact_words, wanted
from shared.errors import Invalid


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("insentif belum cair", (Wanted("insentif", ("insentif",)), Wanted("cair", ("cair",)))),
        ("7k3q-wm9x-tb40", (Wanted("7k3q-wm9x-tb40", ("7k3q-wm9x-tb40", "7k3qwm9xtb40")),)),
        ("0812 3456 7890", (Wanted("", ("0812 3456 7890", "081234567890", "6281234567890")),)),
        ("+62 812-3456-7890", (Wanted("", ("+62 812-3456-7890", "6281234567890")),)),
        ("Siti@Surel.example", (Wanted("siti@surel.example", ("siti@surel.example", "siti@surelexample")),)),
        ("100%\\", (Wanted("100%\\", ("100%\\",)),)),
    ],
)
def test_search_looks_for_words_and_for_numbers_however_they_are_written(query: str, words: tuple[Wanted, ...]) -> None:
    assert wanted(query) == words


@pytest.mark.parametrize(
    "query", ["", "   ", "yang dan di", "%", "\\", "'", "- -", "x" * 201, "x " * 100, "kata " * 11]
)
def test_search_for_nothing_or_for_too_much_says_so(query: str) -> None:
    with pytest.raises(Invalid) as refused:
        wanted(query)
    assert [error.field for error in refused.value.errors] == ["q"]


@given(st.text(max_size=200))
def test_search_takes_any_text_or_says_what_is_wrong_with_it(query: str) -> None:
    try:
        assert all(each.exact and all(each.exact) for each in wanted(query))
    except Invalid as refused:
        assert refused.errors


def test_exact_words_are_numbers_without_what_separates_them() -> None:
    said = "No. REF-2026/0001, rekening 1234-5678-90 atas nama Budi, telepon +62 812 dan 0812-3456-7890."
    assert exact_words(said) >= {"ref20260001", "1234567890", "081234567890"}
    assert exact_words("Sudah 3 hari, sejak 13/3. Belum ada!") == set()
