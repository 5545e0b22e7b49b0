"""One line of text: what the API refuses, what it folds, and what a form that somebody typed is tidied to."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from shared.problems import field_error
from shared.text import OneLine, tidied

NAME = TypeAdapter(Annotated[str, StringConstraints(min_length=1, max_length=12), OneLine()])
ANY = TypeAdapter(Annotated[str, OneLine()])
AMISS = [
    *map(chr, (0x00, 0x07, 0x1B, 0x7F, 0x85, 0x9B)),  # controls
    *"\n\r\v\f\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # directions
    *"\u200b\u2060\u2064\ufeff\xad\u034f\u115f\u1160\u3164\uffa0\u180e\ufffb",  # not seen
    *"\ue000\uf8ff\U000e0041\U000f0000\U0010ffff\ufdd0\uffff",  # nobody's, tags, and no characters
]


@pytest.mark.parametrize("letter", AMISS, ids=lambda letter: f"U+{ord(letter):04X}")
def test_line_with_a_character_that_is_not_seen_is_refused_and_the_character_named(letter: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NAME.validate_python(f"Bu{letter}di")
    [error] = refused.value.errors()
    fault = field_error({**error, "loc": ("body", "name")})
    assert fault.field == "name"
    assert fault.message == f"has the character U+{ord(letter):04X}"
    assert fault.expected == "one line of text, without characters that are not seen"
    assert tidied(f"Bu{letter}di") in ("Budi", "Bu di")


@pytest.mark.parametrize(
    "name",
    [
        "Budi Santoso, S.Kom.",
        "Nguyễn Văn A",
        "D’Arcy O'Neil-Łukasz",
        "ꦧꦸꦢꦶ",
        "بودي",
        "佐々木 葛\U000e0100",  # a variant of an ideograph
        "می\u200cخواهم",  # Persian parts its letters by ZWNJ
        "क्\u200dष",
        "👨\u200d👩\u200d👧 👍🏽",
        "❤\ufe0f\u200d🔥",
    ],
)
def test_line_of_any_script_is_kept_as_it_is(name: str) -> None:
    assert ANY.validate_python(name) == tidied(name) == name


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_that_join_nothing_are_amiss(joiner: str) -> None:
    for text in (f"Bu{joiner}di", f"{joiner}می", f"می{joiner}", f"می{joiner} خواهم", f"م{joiner}{joiner}ی"):
        with pytest.raises(ValidationError):
            ANY.validate_python(text)
        assert joiner * 2 not in tidied(text)


@pytest.mark.parametrize(
    "text", ["  Budi   Satu ", "Budi\tSatu", "Budi \t Satu\t", "Budi\xa0\u2003Satu", "Budi Satu\n"]
)
def test_spaces_and_tabs_are_one_space_and_none_at_the_ends(text: str) -> None:
    assert NAME.validate_python(text) == tidied(text) == "Budi Satu"


def test_length_is_that_of_the_line_without_its_spaces() -> None:
    assert NAME.validate_python(f"Budi{' ' * 50}Satu") == "Budi Satu"
    for text, kind in ((" \t ", "string_too_short"), ("Budi Budi Budi", "string_too_long"), (7, "string_type")):
        with pytest.raises(ValidationError) as refused:
            NAME.validate_python(text)
        assert [error["type"] for error in refused.value.errors()] == [kind]


def test_breaks_that_somebody_typed_are_spaces() -> None:
    assert tidied("Loket 1\r\nLantai 2\u2028\u200bBarat \u202e ") == "Loket 1 Lantai 2 Barat"


@given(st.text())
def test_what_is_tidied_is_one_line_and_tidied_for_good(text: str) -> None:
    line = tidied(text)
    assert ANY.validate_python(line) == tidied(line) == line
    assert "  " not in line
    assert len(line.splitlines()) <= 1


@given(st.text(max_size=30))
def test_what_is_taken_as_one_line_is_what_it_would_be_tidied_to(text: str) -> None:
    try:
        taken = ANY.validate_python(text)
    except ValidationError:
        return
    assert taken == tidied(text)
