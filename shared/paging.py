"""A page of rows that is bounded in rows and in bytes, and says whether there are more."""

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
