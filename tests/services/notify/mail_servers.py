"""Mail servers that answer as they are told, on real sockets: well, badly, late, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from ssl import SSLContext
from typing import Any, ClassVar, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.local.engines import free_port
from services.notify.domain.delivery import Outcome
from services.notify.models import Notice
from services.notify.providers.smtp import SmtpProvider
from tests.services.notify.given import THREADS, hand, settings

OK = "250 2.0.0 Ok"


@dataclass
class MailServer:
    """A mail server that answers as it is told. It keeps what it took."""

    port: int = field(default_factory=free_port)
    says_to_recipient: Callable[[str], str] = lambda _: OK
    says_to_text: str = OK
    takes_groups: ClassVar[bool] = False
    dies_after_text: bool = False
    thinks_for_seconds: float = 0
    took: list[EmailMessage] = field(default_factory=list)
    reads: list[bytes] = field(default_factory=list)
    """What came, in the pieces in which it was written."""

    async def handle_EHLO(self, _: SMTP, session: Session, __: Envelope, name: str, offers: list[str]) -> list[str]:
        session.host_name = name
        return [*offers[:-1], *["250-PIPELINING"] * self.takes_groups, offers[-1]]

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        answer = self.says_to_recipient(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        if self.dies_after_text:
            cast(asyncio.WriteTransport, server.transport).abort()
        await asyncio.sleep(self.thinks_for_seconds)
        if self.says_to_text == OK:
            self.took.append(message_from_bytes(cast(bytes, envelope.content), policy=modern))
        return self.says_to_text

    @asynccontextmanager
    async def running(self, *, ssl: SSLContext | None = None, **options: Any) -> AsyncIterator[SmtpProvider]:
        """A provider that is connected to it."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Listener(self, hostname="test", loop=loop, enable_SMTPUTF8=True, **options),
            "127.0.0.1",
            self.port,
            ssl=ssl,
        )
        provider = SmtpProvider(settings(smtp_port=self.port), THREADS)
        try:
            yield provider
        finally:
            await provider.close()
            server.close()

    async def send(self, *notices: Notice) -> list[Outcome]:
        """What becomes of `notices` when they are handed to this server."""
        async with self.running() as provider:
            return await hand(provider, *notices)


class _Listener(SMTP):
    """Remembers the pieces in which a client writes."""

    def data_received(self, data: bytes) -> None:
        self.event_handler.reads.append(data)
        super().data_received(data)


@dataclass
class RudeServer:
    """A server that says yes to everything, until a line that begins with `dies_at`: it goes without a word.

    What it reads at once it answers at once: with it go its answers to the lines before. It asks for the text also
    when it refused the recipient.
    """

    takes_groups: ClassVar[bool] = False
    dies_at: bytes = b"nobody"
    dies_once_at_the: int | None = None
    """It lives again after the so-manieth line of that kind; otherwise it dies at each."""
    silent_at: bytes = b"nobody"
    refuses: bytes = b"nobody"
    says_too_much_at: bytes = b"nobody"
    texts: list[bytes] = field(default_factory=list)
    """Those that came to their end."""
    connections: int = 0
    left: int = 0
    """So many connections the client has closed."""
    _met: int = 0
    _text: list[bytes] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SmtpProvider]:
        """A provider that is connected to it."""
        port = free_port()
        server = await asyncio.start_server(self._converse, "127.0.0.1", port)
        provider = SmtpProvider(settings(smtp_port=port), THREADS)
        try:
            yield provider
        finally:
            await provider.close()
            server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._text, rest = None, b""
        writer.write(b"220 test\r\n")
        while read := await reader.read(65_536):
            *lines, rest = (rest + read).split(b"\r\n")
            answers: list[bytes] = []
            for line in lines:
                answers += self._answers_to(line)
                if self._dies_at(line):
                    writer.close()
                    return
            writer.write(b"".join([answer + b"\r\n" for answer in answers]))
        self.left += 1
        writer.close()

    def _answers_to(self, line: bytes) -> list[bytes]:
        if self._text is not None:
            if line != b".":
                self._text.append(line)
                return []
            self.texts.append(b"\n".join(self._text))
            self._text = None
        elif line.startswith(self.silent_at):
            return []
        elif line == b"DATA":
            self._text = []
            return [b"354 go on", *[b"250 and once more"] * (self.says_too_much_at == b"DATA")]
        elif line.startswith(b"EHLO") and self.takes_groups and self.refuses != b"EHLO":
            return [b"250-test", b"250 PIPELINING"]
        answer = b"550 no" if self.refuses in line else b"250 ok"
        return [answer, b"250 and once more"] if line.startswith(self.says_too_much_at) else [answer]

    def _dies_at(self, line: bytes) -> bool:
        self._met += line.startswith(self.dies_at)
        return line.startswith(self.dies_at) and self.dies_once_at_the in (None, self._met)
