"""A mail server that takes everything: SMTP (RFC 5321) as far as a sender needs it, with commands in groups (RFC 2920).

Only CRLF ends a line, and only CRLF, a dot and CRLF end a text, so that nothing in a text can be taken for a command.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import cast

MOST_BYTES = 1_000_000
"""So long a text may be, as the server says in its greeting (RFC 1870)."""
_LONGEST_LINE = 2_000  # octets; RFC 5321 wants room for 512, and extensions add to it
_END_OF_TEXT = b"\r\n.\r\n"
_STUFFED = re.compile(rb"(?:\A|(?<=\r\n))\.")
_PATH = re.compile(r"(?i)(?:from|to): ?<([^<>\s]*)>((?: [!-~]+)*)")
_SIZE = re.compile(r"(?i)\bsize=(\d+)")
_TOO_LONG = "552 5.3.4 Longer than this server takes"
_FIRST_MAIL = "503 5.5.1 First MAIL"

Take = Callable[[Sequence[str], bytes], str]
"""Takes a text for recipients, and says with what it is answered."""


class MailSession(asyncio.Protocol):
    """One connection. `refused` says with what a recipient is refused, or None; `take` gets each text."""

    def __init__(self, *, refused: Callable[[str], str | None], take: Take) -> None:
        self._refused = refused
        self._take = take
        self._received = b""
        self._greeted = False
        self._reads_text = False
        self._has_sender = False
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 sandbox ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answers whatever is complete, in one write."""
        self._received += data
        answers: list[str] = []
        while not self._transport.is_closing():
            answer = self._text() if self._reads_text else self._line()
            if answer is None:
                break
            answers.append(answer)
            if answer.startswith(("221", "421")):
                break
        if answers:
            self._transport.write("".join(f"{answer}\r\n" for answer in answers).encode())
            if answers[-1].startswith(("221", "421")):
                self._transport.close()

    def _text(self) -> str | None:
        """The answer to a text, when all of it is there. A server may stop reading one that is too long."""
        if self._received.startswith(_END_OF_TEXT[2:]):
            text, rest = b"", self._received[3:]
        else:
            text, end, rest = self._received.partition(_END_OF_TEXT)
            if not end:
                return "421 4.3.2 Longer than this server reads" if len(self._received) > 2 * MOST_BYTES else None
            text += b"\r\n"
        self._received, self._reads_text = rest, False
        recipients = self._recipients
        self._forget()
        return _TOO_LONG if len(text) > MOST_BYTES else self._take(recipients, _STUFFED.sub(b"", text))

    def _line(self) -> str | None:
        """The answer to a command, when all of it is there."""
        line, end, rest = self._received.partition(b"\r\n")
        if len(line) > _LONGEST_LINE:
            return "421 4.5.2 A line is too long"
        if not end:
            return None
        self._received = rest
        verb, _, words = line.decode("utf-8", errors="replace").partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                return self._hello(verb.upper(), words)
            case "MAIL":
                return self._mail(words)
            case "RCPT":
                return self._rcpt(words)
            case "DATA":
                return self._data()
            case "RSET":
                self._forget()
                return "250 2.0.0 Ok"
            case "NOOP":
                return "250 2.0.0 Ok"
            case "QUIT":
                return "221 2.0.0 Bye"
        return "502 5.5.1 No such command here"

    def _hello(self, verb: str, name: str) -> str:
        if not name.strip():
            return "501 5.5.4 Say who you are"
        self._greeted = True
        self._forget()
        if verb == "HELO":
            return "250 sandbox"
        return "\r\n250-".join(("250-sandbox", "PIPELINING", f"SIZE {MOST_BYTES}", "8BITMIME")) + "\r\n250 SMTPUTF8"

    def _mail(self, words: str) -> str:
        path = _PATH.fullmatch(words)
        if not self._greeted or self._has_sender:
            return "503 5.5.1 Not now"
        if path is None or words[:4].lower() != "from":
            return "501 5.5.4 MAIL FROM:<address>"
        if (size := _SIZE.search(path[2])) and int(size[1]) > MOST_BYTES:
            return _TOO_LONG
        self._has_sender = True
        return "250 2.1.0 Ok"

    def _rcpt(self, words: str) -> str:
        path = _PATH.fullmatch(words)
        if not self._has_sender:
            return _FIRST_MAIL
        if path is None or words[:2].lower() != "to" or not path[1]:
            return "501 5.5.4 RCPT TO:<address>"
        if refusal := self._refused(path[1]):
            return refusal
        self._recipients.append(path[1])
        return "250 2.1.5 Ok"

    def _data(self) -> str:
        if not self._recipients:
            return "554 5.5.1 No recipient" if self._has_sender else _FIRST_MAIL
        self._reads_text = True
        return "354 End with a dot on a line of its own"

    def _forget(self) -> None:
        """No mail is under way."""
        self._has_sender = False
        self._recipients = []
