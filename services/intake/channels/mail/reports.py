"""Reads delivery reports: what another mail server, or the citizen's mail program, tells of a mail of ours.

They are looked for before anything else, for many of them look like a mail that nobody typed (RFC 3464, 8098; and what
is in use besides). The action decides; the status only explains it: `failed` with 4.x.x was given up on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from uuid import UUID

from services.intake.channels.mail.headers import Headers
from services.intake.channels.mail.parts import octets_of, parsed_headers
from services.intake.domain.utterances import Receipt
from shared.events import DeliveryStatus

_MOST_PARTS = 100
_MOST_RECIPIENTS = 1_000
_STATUS: Mapping[str, DeliveryStatus] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "sent",  # to where nobody reports any more: no proof
    "expanded": "sent",
}
_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")
_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_REPORTER = re.compile(r"mailer-daemon|postmaster|mail-?daemon", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|delay|has failed)|deliverable|returned (?:mail|to sender)|failure notice"
    r"|mail delivery|could not (?:send|be delivered)|tidak terkirim|gagal (?:ter)?kirim|pengiriman",
    re.IGNORECASE,
)
_DELAYED = re.compile(r"delayed|still (?:trying|undelivered)|will (?:keep|retry|be retried)|tertunda", re.IGNORECASE)
_OURS = re.compile(
    rb"^[> \t]*(?:x-satu-atap-notice:[ \t]*|message-id:[ \t]*<)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that a report is about: its message id, and the notice of ours that it carried, if it says so."""

    message_id: str
    notice_id: UUID | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported of a mail: each outcome once, with the code that explains it, and which mail it is about."""

    outcomes: Sequence[tuple[DeliveryStatus, str]]
    original: Original | None

    def receipts(self, account: str, at: datetime) -> list[Receipt]:
        """As it goes on to whoever sent that mail: nothing, where nobody can tell which mail it was."""
        mail = self.original
        if mail is None:
            return []
        return [
            Receipt(account, mail.message_id, status, at, reason=code, notice_id=mail.notice_id)
            for status, code in self.outcomes
        ]


def report_in(mail: Message, content: bytes, sender: str) -> Report | None:
    """The delivery report that a mail is, or None if it is none."""
    parts = list(_parts(mail))
    told = [part for part in parts if part.get_content_type() in _REPORTS]
    if told:
        outcomes = [outcome for part in told for outcome in _outcomes(part)]
        return Report(list(dict.fromkeys(outcomes)), _original(mail, parts, told))
    return _plain_report(mail, content, sender)


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of the outermost group, which is where reports have theirs."""
    payload = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(payload, list):
        yield from (part for part in payload[:_MOST_PARTS] if isinstance(part, Message))
    else:
        yield mail


def _outcomes(part: Message) -> Iterator[tuple[DeliveryStatus, str]]:
    """What each recipient's group of fields says. A receipt of the citizen's mail program proves that it arrived."""
    for fields in _groups(part):
        disposition = fields.raw("disposition").lower()
        if disposition:
            yield ("read" if "displayed" in disposition else "delivered"), ""
        status = _STATUS.get(fields.raw("action").lower())
        if status:
            yield status, _code(fields.raw("status")) or _code(fields.raw("diagnostic-code"))


def _groups(part: Message) -> list[Headers]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [Headers(group) for group in payload[:_MOST_RECIPIENTS] if isinstance(group, Message)]
    groups = re.split(rb"\r?\n\r?\n", octets_of(part))
    return [Headers(parsed_headers(group.strip() + b"\n\n")) for group in groups[:_MOST_RECIPIENTS]]


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found[0] if found else ""


def _original(mail: Message, parts: Sequence[Message], told: Sequence[Message]) -> Original | None:
    """Which mail it is about: by its headers if they came back, else by what the report refers to."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() in ("message/rfc822", "message/global") and isinstance(payload, list) and payload:
            returned = Headers(payload[0])  # type: ignore[arg-type]
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers", "message/rfc822"):
            returned = Headers(parsed_headers(octets_of(part).lstrip()))
        else:
            continue
        ids = returned.ids("message-id")
        if ids or "x-satu-atap-notice" in returned:
            notice = _uuid(returned.raw("x-satu-atap-notice")) or _notice_of(ids[0] if ids else "")
            return Original(ids[0] if ids else str(notice), notice)
    referred = [each for part in told for fields in _groups(part) for each in fields.ids("original-message-id")]
    for each in (*referred, *Headers(mail).ids("in-reply-to"), *Headers(mail).ids("references")):
        return Original(each, _notice_of(each))
    return None


def _plain_report(mail: Message, content: bytes, sender: str) -> Report | None:
    """A report in words, as some servers write it. It is one only if it holds a mail of ours."""
    headers = Headers(mail)
    is_from_server = _REPORTER.fullmatch(sender.partition("@")[0]) or headers.raw("return-path") == "<>"
    if not (is_from_server and ("x-failed-recipients" in headers or _SUBJECT.search(headers.subject))):
        return None
    ours = _OURS.search(content)
    if ours is None:
        return None
    text = content[: ours.start()].decode("latin-1")
    notice = _uuid(ours[1].decode())
    status: DeliveryStatus = "delayed" if _DELAYED.search(headers.subject + text) else "failed"
    return Report([(status, _code(text))], Original(str(notice), notice))


def _notice_of(message_id: str) -> UUID | None:
    """The notice that a Message-ID of ours begins with."""
    return _uuid(re.split("[.@]", message_id, maxsplit=1)[0])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
