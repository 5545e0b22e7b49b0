"""A trail is sealed, and shows what was changed, left out, cut off or put in."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.domain.happenings import Assigned, Escalated, Happened, Happening, Replied, read
from services.tickets.domain.seals import canonical, digested, seal
from services.tickets.domain.trails import CHANGED, CUT, GONE, NEWER, verify
from services.tickets.repository.happenings import Row, sealed
from tests.factories import NOW

TICKET = UUID(int=1)
WHAT: tuple[Happening, ...] = (
    Assigned("staff:1"),
    Escalated(1, "Warga Satu marah"),
    Replied(UUID(int=8)),
    Escalated(2),
)


def trail() -> list[Row]:
    return sealed([Happened(TICKET, 1 + n, what, "staff:1", NOW, "api r-1") for n, what in enumerate(WHAT)], {})


def looked_through(rows: list[Row], last: str | None) -> tuple[int | None, str] | None:
    broken = verify(TICKET, last, [row.told for row in rows]).broken
    return (broken.version, broken.what) if broken else None


def test_trail_as_it_was_sealed_fits() -> None:
    rows = trail()
    assert looked_through(rows, rows[-1].seal) is None
    assert looked_through([], None) is None
    found = verify(TICKET, rows[-1].seal, [row.told for row in rows])
    assert (found.sealed, found.before_seals, found.without_seal) == (4, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "staff:2"},
        {"kind": "resolved"},
        {"version": 1},
        {"origin": "api r-2"},
        {"at": NOW.replace(hour=5)},
        {"data": {"level": 1, "reason": "lain"}},
        {"data": {"level": 3, "reason": "Warga Satu marah"}},
        {"ticket_id": UUID(int=2)},
        {"id": UUID(int=2)},
    ],
)
def test_trail_of_which_anything_was_changed_is_broken_there(change: dict[str, Any]) -> None:
    rows = trail()
    rows[1] = replace(rows[1], **change)
    assert looked_through(rows, rows[-1].seal) == (change.get("version", 2), CHANGED)


@pytest.mark.parametrize(
    ("without", "found"),
    [
        (lambda rows: rows[:1] + rows[2:], "between version 1"),
        (lambda rows: rows[1:], "between version 0"),
        (lambda rows: rows[:-1], CUT),
        (lambda rows: rows[:0], GONE),
        (lambda rows: [replace(row, seal=None) for row in rows], GONE),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "is not what was sealed"),
        (lambda rows: [rows[0], replace(rows[1], seal="2:00"), *rows[2:]], NEWER),
    ],
)
def test_trail_that_lacks_rows_or_has_them_in_another_order_is_broken(
    without: Callable[[list[Row]], list[Row]], found: str
) -> None:
    rows = trail()
    broken = looked_through(without(rows), rows[-1].seal)
    assert broken is not None
    assert found in broken[1]


def test_row_without_a_seal_is_counted_and_told_apart_by_its_place() -> None:
    rows = trail()
    unsealed = replace(rows[0], id=UUID(int=5), seal=None, salt=None, origin=None)
    found = verify(TICKET, rows[-1].seal, [row.told for row in [unsealed, rows[0], unsealed, *rows[1:]]])
    assert (found.sealed, found.before_seals, found.without_seal, found.broken) == (4, 1, 1, None)


def test_text_that_is_erased_leaves_the_seal_as_it_was_and_cannot_be_guessed_from_it() -> None:
    rows = trail()
    row = rows[1]
    erased = replace(row, data=digested(row.data, row.salt or ""), salt=None)
    assert "Warga" not in canonical(erased.told)
    assert erased.data["reason"] != digested({"reason": row.data["reason"]}, "")["reason"]
    rows[1] = erased
    assert looked_through(rows, rows[-1].seal) is None
    assert read(erased.kind, erased.data) == Escalated(1, "")


def test_canonical_form_is_as_the_document_says() -> None:
    row = {
        "id": UUID(int=1),
        "ticket_id": UUID(int=2),
        "version": 3,
        "kind": "escalated",
        "data": {"level": 2, "reason": "é"},
        "actor": "staff:1",
        "at": NOW,
        "origin": None,
        "salt": "00",
    }
    told = (
        '{"actor":"staff:1","at":"2026-03-13T02:00:00.000000Z","data":{"level":2,"reason":{"sha256":"DIGEST"}},'
        '"id":"00000000-0000-0000-0000-000000000001","kind":"escalated","origin":null,'
        '"ticket_id":"00000000-0000-0000-0000-000000000002","version":3}'
    )
    found = canonical(row)
    assert found == told.replace("DIGEST", hashlib.sha256("00é".encode()).hexdigest())
    assert seal(None, row) != seal("1:00", row)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)


@settings(max_examples=60, deadline=None)
@given(data=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_digests_stand_for_every_text_and_twice_is_once(data: Mapping[str, Any]) -> None:
    once = digested(data, "s")
    assert digested(once, "") == once
