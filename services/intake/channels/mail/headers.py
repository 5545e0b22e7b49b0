"""Reads the headers of a mail. A header that is broken costs itself, never the mail."""

import binascii
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property

from email_validator import EmailNotValidError, validate_email

from services.intake.channels.mail.charsets import decoded, is_utf8, octets
from services.intake.domain.texts import storable
from shared.text import tidied

_MOST_HEADERS = 1_000
_LONGEST_HEADER = 65_536
_LONGEST_LIST = 16_384
_MOST_ADDRESSES = 100
_LONGEST_SUBJECT = 300
_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]")
_ENCODED = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:+-]{1,60})", re.IGNORECASE)
_ID = re.compile(r"<([^<>]*)>")


class Headers:
    """The headers of one mail or part, by their names in any case. What is beyond the limits is passed over."""

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        self._charset = _charset_of(message)
        for number, (name, value) in enumerate(message.raw_items()):
            if number == _MOST_HEADERS:
                break
            self._values.setdefault(name.lower(), []).append(_FOLD.sub("", str(value)[:_LONGEST_HEADER]))

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> str:
        """The first header of this name as it was written, on one line; empty if there is none."""
        return self._values.get(name, [""])[0].strip()

    def written(self, name: str) -> str:
        """The same, without decoding encoded words: for headers with parameters, which have them one by one."""
        return _written(self.raw(name), self._charset)

    def text(self, name: str) -> str:
        """The same, decoded."""
        return words(self.raw(name), self._charset)

    @cached_property
    def subject(self) -> str:
        return tidied(self.text("subject"))[:_LONGEST_SUBJECT]

    def addresses(self, *names: str) -> Sequence[tuple[str, str]]:
        """Who the headers of these names name: display name and address, in their order."""
        values = [value for name in names for value in self._values.get(name, ())]
        return [(tidied(words(name, self._charset)), address) for name, address in _addresses(values)]

    def ids(self, name: str) -> Sequence[str]:
        """The message ids in the headers of this name, without brackets. Those that are empty are none."""
        found = _ID.findall(" ".join(self._values.get(name, ()))) or self.raw(name).split()
        return [bare for each in found if (bare := storable("".join(each.split())).strip("<>"))]

    def moment(self, name: str, otherwise: datetime) -> datetime:
        """The moment that the header of this name tells, or another where it tells none."""
        try:
            told = parsedate_to_datetime(self.raw(name))
            return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return otherwise


def _charset_of(message: Message) -> str | None:
    """The charset that the mail names for its text, which is often that of headers with bytes beyond ASCII, too."""
    for name, value in message.raw_items():
        if name.lower() == "content-type":
            found = _CHARSET.search(str(value))
            return found[1] if found else None
    return None


def words(value: str, charset: str | None = None) -> str:
    """A header's value with its encoded words (RFC 2047) decoded. What cannot be decoded stays as it was written, in
    UTF-8 or else in `charset`.
    """
    pieces: list[str] = []
    open_charset, gathered, end = "", b"", 0
    joined = _BETWEEN.sub(r"\1", value)
    for word in _ENCODED.finditer(joined):
        between = joined[end : word.start()]
        if between or word[1].lower() != open_charset:  # a character may be split between words of one charset
            pieces.append(decoded(gathered, open_charset))
            gathered = b""
        pieces.append(_written(between, charset))
        open_charset, end = word[1].lower(), word.end()
        gathered += _content(word[2], word[3])
    pieces += (decoded(gathered, open_charset), _written(joined[end:], charset))
    return "".join(pieces)


def _content(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(octets(text), header=True)
    return base64_bytes(octets(text))


def _written(text: str, charset: str | None) -> str:
    """What is not encoded: ASCII by the rules, UTF-8 or some older charset in the wild."""
    if text.isascii():
        return text
    content = octets(text)
    return decoded(content, "utf-8" if is_utf8(content) else charset)


def base64_bytes(content: bytes) -> bytes:
    """What is written as base64, as far as it goes: padding may be missing, and the end may be cut off."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _addresses(values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each address with its name; what the standard library cannot read is searched for what looks like one."""
    for value in values:
        pairs = [(name, _written(address, None)) for name, address in _read_addresses(value[:_LONGEST_LIST])]
        good = [(name, address) for name, address in pairs if _ADDRESS.fullmatch(address)]
        found = good or [("", address) for address in _ADDRESS.findall(words(value[:_LONGEST_LIST]))]
        yield from found[:_MOST_ADDRESSES]


def _read_addresses(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])
    except (ValueError, IndexError, RecursionError):
        return []


def deliverable(address: str) -> str | None:
    """`address` as mail can be sent to it, or None if none can."""
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return checked.ascii_email or checked.normalized
