"""The seal on each happening, by which a trail shows that nothing of it was changed or is missing.

The seal of a happening is the SHA-256 of the seal before it in the trail of its ticket, a line feed, and the row in its
canonical form (docs/domain.md, "The trail"): a JSON object with sorted names and without spaces, in UTF-8. Every text
in its data enters by its digest, SHA-256 of a salt of the row and the text: whoever erases a text, and the salt, puts
the digest in its place, and the seal is as it was. A seal begins with the number of this definition.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import orjson

DEFINITION = "1"
DIGEST = "sha256"
"""The one name in the object that stands where a text was."""


def seal(previous: str | None, row: Mapping[str, Any]) -> str:
    """The seal of a row (`id`, `ticket_id`, `version`, `kind`, `data`, `actor`, `at`, `origin`, `salt`) that follows
    the one that has the seal `previous`, or begins a trail.
    """
    told = f"{previous or ''}\n{canonical(row)}"
    return f"{DEFINITION}:{hashlib.sha256(told.encode()).hexdigest()}"


def canonical(row: Mapping[str, Any]) -> str:
    """The row as it is sealed."""
    told = {name: row[name] for name in ("version", "kind", "actor", "origin")}
    told["id"], told["ticket_id"] = str(row["id"]), str(row["ticket_id"])
    told["at"] = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told["data"] = digested(row["data"], row["salt"] or "")
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def digested(value: Any, salt: str) -> Any:
    """What JSON holds, with the digest of each text in the place of the text."""
    match value:
        case str():
            return {DIGEST: hashlib.sha256(f"{salt}{value}".encode()).hexdigest()}
        case Mapping():
            return dict(value) if is_digest(value) else {name: digested(part, salt) for name, part in value.items()}
        case list() | tuple():
            return [digested(part, salt) for part in value]
        case _:
            return value


def is_digest(value: Any) -> bool:
    """Whether a text was erased here, and its digest stands in its place."""
    return isinstance(value, Mapping) and value.keys() == {DIGEST}
