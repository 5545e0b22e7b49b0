"""Makes text of bytes in whatever charset: mails name charsets that are not theirs, that nobody has, or none."""

import codecs

from services.intake.domain.texts import storable

_UNSAFE = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
"""Codecs of Python that are no charsets of mail; some take a time that grows with the square of the length."""
_WIDER = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Charsets that are named where a wider one is meant, which has the same bytes for what both have (as browsers do)."""


def decoded(content: bytes, declared: str | None) -> str:
    """The text of `content`: as declared, else as UTF-8, as Windows-1252, or byte for byte. It never fails."""
    for charset in (_codec(declared), "utf-8", "cp1252"):
        if charset:
            try:
                return storable(content.decode(charset))
            except ValueError:
                continue
    return storable(content.decode("latin-1"))


def _codec(declared: str | None) -> str | None:
    """The codec for a declared charset, or None if there is none that is safe to use."""
    try:
        codec = codecs.lookup((declared or "").strip("\"' \t"))
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    return _WIDER.get(codec.name, codec.name) if is_text and codec.name not in _UNSAFE else None


def is_utf8(content: bytes) -> bool:
    """Whether it can be read as UTF-8: what is meant otherwise hardly ever can."""
    try:
        content.decode()
    except ValueError:
        return False
    return True


def octets(text: str) -> bytes:
    """The bytes of what the parser of mails gives as text: it keeps bytes beyond ASCII as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")
