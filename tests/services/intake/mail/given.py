"""Mails as tests write them, and what is found in them."""

from collections.abc import Mapping

from services.intake.channels.email import Email
from services.intake.domain.utterances import Item, Utterance
from services.intake.models.raw import Raw
from shared.ids import new_id
from shared.signing import Capabilities
from tests.conftest import SECRETS
from tests.services.intake.given import NOW

TOKENS = Capabilities(SECRETS, "mail threads")
EMAIL = Email(own=("lapor@satuatap.example",), tokens=TOKENS)
HEAD = {
    "From": "Warga Satu <warga@surel.example>",
    "To": "lapor@satuatap.example",
    "Subject": "Insentif",
    "Message-ID": "<m-1@surel.example>",
    "Date": "Fri, 13 Mar 2026 08:59:00 +0700",
}


def mail(body: str | bytes = "Insentif belum cair.", **headers: str | bytes | None) -> bytes:
    """A mail with these headers besides the usual ones, or instead; `In_Reply_To` is written `In-Reply-To`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    head: dict[str, str | bytes | None] = {**HEAD, **given}
    lines = [name.encode() + b": " + _bytes(value) for name, value in head.items() if value is not None]
    return b"\r\n".join([*lines, b"", _bytes(body)])


def multipart(*parts: str | bytes, kind: str = "mixed", boundary: str = "b", **headers: str) -> bytes:
    """A mail of several parts, each with its own headers before an empty line."""
    between = b"\r\n--" + boundary.encode() + b"\r\n"
    body = between + between.join(_bytes(part) for part in parts) + f"\r\n--{boundary}--\r\n".encode()
    return mail(body, Content_Type=f'multipart/{kind}; boundary="{boundary}"', **headers)


def part(body: str | bytes, content_type: str = "text/plain", **headers: str) -> bytes:
    """One part of a mail."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}".encode() for name, value in {"Content-Type": content_type, **given}.items()]
    return b"\r\n".join([*lines, b"", _bytes(body)])


def items(content: bytes, headers: Mapping[str, str] | None = None) -> list[Item]:
    """What is in a mail that came with this envelope."""
    raw = Raw(new_id(), "email", "mail", content, dict(headers or {}), NOW, "c-1")
    return list(EMAIL.parse(raw))


def utterance(content: bytes, headers: Mapping[str, str] | None = None) -> Utterance:
    """The one thing that a mail says; whatever is wrong with it is looked at by `items`."""
    [found] = [item for item in items(content, headers) if isinstance(item, Utterance)]
    found.subject.encode(), found.body.encode(), found.sender.encode()  # whatever it holds can be kept and sent
    return found


def _bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
