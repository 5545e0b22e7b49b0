"""Takes a mail apart: its parts, what each of them is called, and what is in it."""

import binascii
import email
import re
from copy import copy
from email.message import Message
from email.parser import BytesHeaderParser

from services.intake.channels.mail.charsets import decoded
from services.intake.channels.mail.headers import Headers, base64_bytes, words
from shared.text import tidied

_MOST_NESTS = 100
_MOST_LOOKS = 40_000_000
_LONGEST_HEAD = 1_000_000
_LONGEST_LINE = 65_536
_LONGEST_PARAMETERS = 8_192
"""Bytes of a header with parameters: the library takes a time for them that grows with the square."""
_LONGEST_NAME = 200
_NEST = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"^\r?\n", re.MULTILINE)
_GOOD_HEAD = re.compile(rb"(?:(?:[!-9;-~]++:|[ \t]|From )[^\n]*\n?)*+")
_HEADER = re.compile(rb"\A([!-9;-~]++)[ \t]*:")
_LONG = re.compile(rb"^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_BROKEN = (ValueError, TypeError, LookupError, AttributeError)
_UU = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)


class TooNested(Exception):
    """There are more mails and groups of parts in the mail than anybody sends who means well."""


def parsed(content: bytes) -> Message:
    """The mail with its parts. Raises `TooNested`: the time for a line grows with the parts that it may end."""
    nests = sum(1 for _ in _NEST.finditer(content))
    if nests > _MOST_NESTS or nests * content.count(b"\n") > _MOST_LOOKS:
        raise TooNested
    try:
        return email.message_from_bytes(_LONG.sub(lambda header: header[0][:_LONGEST_PARAMETERS], _mended(content)))
    except RecursionError:
        raise TooNested from None


def parsed_headers(content: bytes) -> Message:
    """The headers alone, of a mail that is not to be taken apart."""
    return BytesHeaderParser().parsebytes(_mended(content), headersonly=True)


def _mended(content: bytes) -> bytes:
    """`content` without what is no header among its headers: to the parser, all behind it would be text."""
    blank = _BLANK_LINE.search(content)
    end = blank.start() if blank else len(content)
    if blank and end > _LONGEST_HEAD:
        return _mended(_shortened(content[:end]) + content[end:])
    if _GOOD_HEAD.fullmatch(content, 0, end):
        return content
    lines = content[:end].splitlines(keepends=True)
    last = max((number for number, line in enumerate(lines) if _HEADER.match(line)), default=-1)
    kept = [
        _HEADER.sub(rb"\1:", line, count=1)
        for number, line in enumerate(lines)
        if number > last or _HEADER.match(line) or line[:1] in (b" ", b"\t")
    ]
    return b"".join(kept) + content[end:]


def _shortened(head: bytes) -> bytes:
    """The first of very many headers, with none of them longer than anybody reads."""
    lines = head.splitlines(keepends=True)
    short = b"".join(line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + b"\n" for line in lines)
    return short[: short.rfind(b"\n", 0, _LONGEST_HEAD) + 1]


def is_file(part: Message) -> bool:
    """Whether the sender meant this part to be kept as a file, and not to be read with the text."""
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or bool(name_of(part))


def name_of(part: Message) -> str:
    """The file name of a part, without folders; empty if it has none."""
    headers = Headers(part)
    for name, header in (("filename", "content-disposition"), ("name", "content-type")):
        readable = Message()
        readable[header] = headers.written(header)
        try:
            value = readable.get_param(name, header=header)
        except _BROKEN:
            continue
        if value:
            return tidied(_written_name(value).replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME]
    return ""


def _written_name(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):  # RFC 2231
        charset, _, text = value
        return decoded(text.encode("latin-1", "replace"), charset)
    return words(value)


def param(part: Message, name: str) -> str | None:
    """A parameter of the content type, or None."""
    try:
        value = part.get_param(name)
    except _BROKEN:
        return None
    return value if isinstance(value, str) else None


def octets_of(part: Message) -> bytes:
    """What is in a part, decoded as far as its encoding goes. One that nobody knows is passed over."""
    if part.is_multipart():
        payload = part.get_payload()
        return b"\n".join(_as_bytes(nested) for nested in payload if isinstance(nested, Message))
    bare = copy(part)  # else the library decodes by itself, or not at all
    del bare["Content-Transfer-Encoding"]
    content = bare.get_payload(decode=True)
    if not isinstance(content, bytes):
        return b""
    how = str(part.get("Content-Transfer-Encoding", "")).partition(";")[0].strip().lower()
    match how:
        case "base64":
            return base64_bytes(content)
        case "quoted-printable":
            return binascii.a2b_qp(content)
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _from_uu(content)
        case _:
            return content


def _from_uu(content: bytes) -> bytes:
    """The file in uuencoded text; the text itself where there is none."""
    begin = _UU.search(content)
    end = content.find(b"\nend", begin.end()) if begin else -1
    if begin is None or end < 0:
        return content
    return b"".join(map(_from_uu_line, content[begin.end() : end].splitlines()))


def _from_uu_line(line: bytes) -> bytes:
    """What is in a line, also where an encoder wrote more behind it; nothing in a broken one."""
    length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
    for piece in (line, line[:length]):
        try:
            return binascii.a2b_uu(piece)
        except binascii.Error:
            continue
    return b""


def _as_bytes(nested: Message) -> bytes:
    try:
        return nested.as_bytes()
    except (*_BROKEN, RecursionError):
        return b""
