"""Finds what a mail says, and the files that came with it. Quoted text stays: to fold it is for who shows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

import html_text

from services.intake.channels.mail.charsets import decoded
from services.intake.channels.mail.headers import Headers
from services.intake.channels.mail.parts import is_file, name_of, octets_of, param
from services.intake.domain.files import media_type_of
from services.intake.domain.utterances import Attachment

_MOST_PARTS = 1_000
_MOST_FILES = 200
_LONGEST_TEXT = 200_000
_LONGEST_HTML = 1_000_000
_READ_AS_FILES = frozenset({"calendar", "vcard", "x-vcard", "directory", "csv", "rfc822-headers", "xml", "x-patch"})
_FLOWED = re.compile(r"(>*)( ?)(.*)")
_SIGNATURE = "-- "


@dataclass(frozen=True, slots=True)
class PartContent:
    """What is said in a part and those below it, and the files there. `is_plain` if it was written as plain text."""

    text: str = ""
    files: tuple[Attachment, ...] = ()
    is_plain: bool = False


class Body:
    """What a mail says, and its files, which come in their order. Of one that says nothing itself, what the first mail
    says that it passes on.

    `is_whole` is False when it had more parts, or more text, than are looked at.
    """

    def __init__(self, mail: Message) -> None:
        self._parts = 0
        self._mails: list[Message] = []
        self.is_whole = True
        found = self._look(mail, is_root=True)
        self.text, self.files = found.text.strip(), found.files
        while not self.text and self._mails:
            self.text = self._look(self._mails.pop(0)).text.strip()
        if len(self.files) > _MOST_FILES:
            self.files, self.is_whole = self.files[:_MOST_FILES], False
        if len(self.text) > _LONGEST_TEXT:
            self.files += (Attachment("text.txt", "text/plain; charset=utf-8", self.text.encode()),)
            self.text, self.is_whole = self.text[:_LONGEST_TEXT], False

    def _look(self, part: Message, *, is_root: bool = False) -> PartContent:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            self.is_whole = False
            return PartContent()
        payload = part.get_payload()
        if part.get_content_maintype() == "message" and isinstance(payload, list):
            self._mails += [nested for nested in payload if isinstance(nested, Message)]
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            kind = part.get_content_subtype()
            found = [self._look(nested) for nested in payload if isinstance(nested, Message)]
            return _one_of(found) if kind == "alternative" else _all_of(found)
        if _is_text(part) and (is_root or not is_file(part)):
            return self._said(part)
        return PartContent(files=(_file(part),))

    def _said(self, part: Message) -> PartContent:
        content = octets_of(part)
        text = decoded(content, param(part, "charset")).replace("\r\n", "\n").replace("\r", "\n")
        if part.get_content_subtype() == "html":
            if len(text) <= _LONGEST_HTML:
                return PartContent(text_of_html(text))
            self.is_whole = False
            return PartContent(text_of_html(text[:_LONGEST_HTML]), (Attachment("text.html", "text/html", content),))
        if (param(part, "format") or "").lower() == "flowed":
            text = unflowed(text, is_space_deleted=(param(part, "delsp") or "").lower() == "yes")
        return PartContent(text, is_plain=True)


def _is_text(part: Message) -> bool:
    """Whether a part is read with the text. A group without any parts in it is: its sender forgot them."""
    main, kind = part.get_content_maintype(), part.get_content_subtype()
    return main == "multipart" or (main == "text" and kind not in _READ_AS_FILES)


def _one_of(found: Sequence[PartContent]) -> PartContent:
    """The same thing said in several ways: as plain text, if that says anything."""
    said = [each for each in found if each.text.strip()]
    best = next((each for each in said if each.is_plain), said[-1] if said else PartContent())
    return PartContent(best.text, _files(found), best.is_plain)


def _all_of(found: Sequence[PartContent]) -> PartContent:
    said = [each for each in found if each.text.strip()]
    text = "".join(each.text if each.text.endswith("\n") else f"{each.text}\n" for each in said)
    return PartContent(text, _files(found), bool(said) and all(each.is_plain for each in said))


def _files(found: Sequence[PartContent]) -> tuple[Attachment, ...]:
    return tuple(file for each in found for file in each.files)


def _file(part: Message) -> Attachment:
    """A part as a file. A mail in a mail is called by its subject."""
    name, media_type = name_of(part), part.get_content_type()
    payload = part.get_payload()
    if not name and media_type == "message/rfc822" and isinstance(payload, list) and payload:
        name = f"{Headers(payload[0]).subject[:100].replace('/', '-') or 'mail'}.eml"  # type: ignore[arg-type]
    content = octets_of(part)
    return Attachment(name, media_type_of(content, media_type), content)


def text_of_html(html: str) -> str:
    """What an HTML page says, with its paragraphs. One that cannot be read says nothing."""
    try:
        return str(html_text.extract_text(html.replace("\0", "")))
    except (ValueError, AssertionError, RecursionError):
        return ""


def unflowed(text: str, *, is_space_deleted: bool) -> str:
    """Text in lines that flow (RFC 3676), each paragraph on one line again."""
    lines: list[list[str]] = []
    flowing: str | None = None
    for line in text.split("\n"):
        quotes, _, said = _FLOWED.fullmatch(line).groups()  # type: ignore[union-attr]
        flows = said.endswith(" ") and said != _SIGNATURE
        piece = said[:-1] if flows and is_space_deleted else said
        if flowing == quotes and said != _SIGNATURE:
            lines[-1].append(piece)
        else:
            lines.append([f"{quotes} {piece}" if quotes else piece])
        flowing = quotes if flows else None
    return "\n".join(map("".join, lines))
