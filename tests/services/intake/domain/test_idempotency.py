"""Two requests are the same when they say the same on the same route."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.domain.idempotency import fingerprint

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(words, values, min_size=1, max_size=6)


@given(bodies, st.randoms())
def test_the_order_of_fields_does_not_matter(body: dict[str, Any], random: Any) -> None:
    names = list(body)
    random.shuffle(names)
    assert fingerprint("form", {name: body[name] for name in names}) == fingerprint("form", body)


@given(bodies, words, words)
def test_another_route_is_another_request(body: dict[str, Any], route: str, other: str) -> None:
    assume(route != other)
    assert fingerprint(route, body) != fingerprint(other, body)


@given(bodies, st.data())
def test_another_word_is_another_request(body: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(body)))
    assert fingerprint("form", {**body, name: [body[name]]}) != fingerprint("form", body)


@given(bodies, words)
def test_a_field_more_is_another_request(body: dict[str, Any], name: str) -> None:
    assume(name not in body)
    assert fingerprint("form", {**body, name: None}) != fingerprint("form", body)


def test_it_is_64_hex_digits_and_shows_nothing_of_the_body() -> None:
    mark = fingerprint("form", {"name": "Warga Satu"})
    assert len(mark) == 64
    assert int(mark, 16)
