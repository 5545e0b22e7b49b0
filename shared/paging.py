"""A page of rows: bounded in rows, and where texts are long in bytes; it says where the next one begins."""

import base64
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from shared.errors import FieldError, Invalid

Item = TypeVar("Item")

PAGE_BYTES = 262_144
"""So much text is in one page at the most, and one row in any case."""


def page_of(rows: str, *, order: str, body: str) -> str:
    """The first :limit of `rows` (a SELECT without order) in the `order` of a key.

    There are fewer where the texts in the column `body` come to more than `PAGE_BYTES`. `more` of the last row says
    whether there are further ones.
    """
    return f"""
    SELECT * FROM (
        SELECT *, row_number() OVER place AS number, lead(1) OVER place IS NOT NULL AS more,
               sum(octet_length({body})) OVER place - octet_length({body}) AS bytes_before
        FROM ({rows} ORDER BY {order} LIMIT CAST(:limit AS integer) + 1) AS found WINDOW place AS (ORDER BY {order})
    ) AS page WHERE number <= :limit AND bytes_before < {PAGE_BYTES} ORDER BY {order}
    """


def first_of(rows: Sequence[Item], limit: int, place: Callable[[Item], object]) -> tuple[Sequence[Item], str | None]:
    """The first `limit` of rows, of which one more was read, and the `place` after which the next page begins."""
    items = rows[:limit]
    return items, str(place(items[-1])) if len(rows) > limit else None


def cursor_to(place: bytes) -> str:
    """The cursor that leads to what comes after this place. It means nothing to whoever gets it."""
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def place_in(cursor: str, length: int) -> bytes:
    """The place of so many bytes in a cursor that `cursor_to` made. Raises `Invalid` for anything else."""
    with suppress(ValueError):
        place = base64.urlsafe_b64decode(cursor + "==")
        if len(place) == length:
            return place
    raise not_ours()


def not_ours() -> Invalid:
    """The refusal of a cursor that leads nowhere in this list."""
    fault = FieldError("cursor", "was not made by this list", "the `next_cursor` of the page before")
    return Invalid("The cursor is not one of ours.", errors=[fault])
