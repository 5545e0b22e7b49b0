"""Tells mail that nobody typed: it is kept as any other, and gets no automatic answer (RFC 3834).

What a header only wishes (no receipts, no notice of absence) says nothing about who wrote.
"""

import re
from collections.abc import Collection

from services.intake.channels.mail.headers import Headers

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_NO_ANSWER = frozenset({"all", "autoreply"})
_PRESENT = ("x-autoreply", "x-autorespond", "list-id", "list-post", "list-unsubscribe-post", "x-failed-recipients")
"""Only machines write these. `List-Unsubscribe` alone is no sign: some gateways add it to everybody's mail."""
_MACHINE = re.compile(
    r"mailer-daemon|postmaster|owner-.*|.*-(?:request|bounces?)|no-?reply|do-?not-?reply", re.IGNORECASE
)


def is_automatic(headers: Headers, sender: str, return_path: str | None, own: Collection[str]) -> bool:
    """Whether a mail must not be answered by a machine. `own` are our addresses; `return_path` None if not known."""
    submitted = _word(headers, "auto-submitted")
    return bool(
        (submitted and submitted != "no")
        or return_path == ""
        or headers.raw("return-path") == "<>"
        or {_word(headers, "precedence"), _word(headers, "x-precedence")} & _PRECEDENCE
        or _NO_ANSWER.intersection(headers.raw("x-auto-response-suppress").lower().replace(",", " ").split())
        or any(name in headers for name in _PRESENT)
        or headers.raw("content-type").lower().startswith("multipart/report")
        or _MACHINE.fullmatch(sender.partition("@")[0])
        or sender.lower() in own
    )


def _word(headers: Headers, name: str) -> str:
    """The first word of a header, without what is said behind it."""
    return re.split(r"[\s;(]", headers.raw(name).lower(), maxsplit=1)[0]
