"""Mail servers that answer as they are told, on real sockets: well, badly, late, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.local.engines import free_port
from services.notify.domain.delivery import Outcome
from services.notify.models import Notice
from services.notify.providers.smtp import SmtpProvider
from tests.services.notify.given import hand, settings

OK = "250 2.0.0 Ok"


@dataclass
class MailServer:
    """A mail server that answers as it is told. It keeps what it took."""

    port: int = field(default_factory=free_port)
    says_to_recipient: Callable[[str], str] = lambda _: OK
    says_to_text: str = OK
    dies_after_text: bool = False
    thinks_for_seconds: float = 0
    took: list[EmailMessage] = field(default_factory=list)

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
    async def running(self, **options: Any) -> AsyncIterator[SmtpProvider]:
        """A provider that is connected to it."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="test", loop=loop, enable_SMTPUTF8=True, **options), "127.0.0.1", self.port
        )
        provider = SmtpProvider(settings(smtp_port=self.port))
        try:
            yield provider
        finally:
            await provider.close()
            server.close()

    async def send(self, *notices: Notice) -> list[Outcome]:
        """What becomes of `notices` when they are handed to this server."""
        async with self.running() as provider:
            return await hand(provider, *notices)


@asynccontextmanager
async def rude_server(dies_at: bytes, silent_at: bytes = b"\0") -> AsyncIterator[SmtpProvider]:
    """A server that says yes to everything, until a line that begins with `dies_at`: it goes without a word.

    To one that begins with `silent_at` it says nothing.
    """

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        in_text = False
        while (line := await reader.readline()) and not line.startswith(dies_at):
            if line.startswith(silent_at):
                continue
            if line == b"DATA\r\n":
                in_text = True
                writer.write(b"354 go on\r\n")
            elif not in_text:
                writer.write(b"250 ok\r\n")
        writer.close()

    port = free_port()
    server = await asyncio.start_server(converse, "127.0.0.1", port)
    provider = SmtpProvider(settings(smtp_port=port))
    try:
        yield provider
    finally:
        await provider.close()
        server.close()
