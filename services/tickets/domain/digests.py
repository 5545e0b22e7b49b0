"""What texts have in common that only a machine writes again and again."""

import hashlib
import re

_QUOTED = re.compile(r"(?m)^\s*>.*$")
_NUMBERED = re.compile(r"\w*\d[\w-]*")
_LONGEST = 20_000


def body_digest(body: str) -> str:
    """The same for two texts that differ in what they quote, in codes, numbers and spaces alone. Empty for no text."""
    own = _NUMBERED.sub("", _QUOTED.sub("", body[:_LONGEST]))
    words = " ".join(own.lower().split())
    return hashlib.sha256(words.encode()).hexdigest()[:32] if words else ""
