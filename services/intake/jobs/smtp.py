"""The listener to which mail servers hand over mails."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from services.intake.jobs.smtp_session import Room, SmtpHandler, SmtpLimits, SmtpSession
from services.intake.service.mails import Mails
from shared.clock import Clock
from shared.telemetry import log
from shared.worker import Worker

_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where it listens, under which name, and the certificate and key that it shows to who asks for TLS."""

    host: str
    port: int
    hostname: str
    certificate: Path | None = None
    key: Path | None = None

    def tls(self) -> ssl.SSLContext | None:
        """What TLS is begun with, or None if there is no certificate. Raises `OSError` for one that cannot be read."""
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


class _Full(asyncio.Protocol):
    """A connection for which there is no place."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.write(b"421 4.7.0 Too many connections: come again later\r\n")
        transport.close()


class SmtpListener(Worker):
    """Listens for mail servers. What it said 250 to is committed; what it says 451 to they send again."""

    name = "SMTP listener"
    essential = False

    def __init__(self, *, address: SmtpAddress, limits: SmtpLimits, mails: Mails, clock: Clock) -> None:
        self._address = address
        self._room = Room(limits)
        self._handler = SmtpHandler(mails, clock, limits.recipients)
        self._tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens; while it does not, where it will."""
        return self._server.sockets[0].getsockname()[1] if self._server else self._address.port

    async def step(self) -> None:
        """Listens, if it does not yet; otherwise waits a moment."""
        if self._server is None:
            self._tls = self._address.tls()
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connected, self._address.host, self._address.port)
            log.info("smtp.started", port=self.port)
            return
        await asyncio.sleep(_LOOK_SECONDS)

    def _connected(self) -> asyncio.Protocol:
        if len(self._room.connections) >= self._room.limits.connections:
            return _Full()
        return SmtpSession(self._handler, self._room, self._tls, self._address.hostname)

    async def close(self) -> None:
        """Lets go of every connection. What was not answered is sent again."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for session in list(self._room.connections):
            if session.transport is not None:
                session.transport.close()
