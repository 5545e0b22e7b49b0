"""What one mail server says to us on one connection (RFC 5321): a mail is ours when it is committed, and not before."""

import asyncio
import logging
import ssl
from collections import defaultdict
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Given

from services.intake.domain.texts import storable
from services.intake.service.mails import Envelope, Mails
from shared.clock import Clock
from shared.db import describe
from shared.errors import Unavailable
from shared.events import Trace
from shared.ids import new_raw_id
from shared.telemetry import log

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it would log the addresses of everybody
_LINE_END = b"\r\n"
_LAST_LINE = b".\r\n"
_LONGEST_COMMAND = 4_096
_MOST_COMMANDS = {"*": 20_000, "EHLO": 50, "HELO": 50, "NOOP": 200, "HELP": 20, "VRFY": 20, "EXPN": 20, "AUTH": 10}
_IDLE_SECONDS = 300
"""RFC 5321, section 4.5.3.2.7. As long as that a mail may take to come in."""
LATER = "451 4.3.0 It cannot be kept just now: send it again later"
_NO_ROOM = "452 4.3.1 More is arriving than there is room for: send it again later"
_TOO_LONG = "552 5.3.4 The mail is longer than SIZE says"


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """What connections may cost: bytes of a mail and of all that are coming in, recipients of one, open connections."""

    mail_bytes: int
    bytes_at_once: int
    recipients: int
    connections: int


class Room:
    """The bytes of mails that are coming in on all connections, and those connections."""

    def __init__(self, limits: SmtpLimits) -> None:
        self.limits = limits
        self.connections: set[SmtpSession] = set()
        self._taken = 0

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes more, which are taken then."""
        if self._taken + size > self.limits.bytes_at_once:
            return False
        self._taken += size
        return True

    def give_back(self, size: int) -> None:
        self._taken -= size


class SmtpSession(SMTP):
    """One connection. Lines may have any length; a lone line feed ends none, so that nothing is smuggled in."""

    line_length_limit = 65_536
    """How much is read at a time, and not how long a line may be: those are put together again."""
    command_size_limit = _LONGEST_COMMAND

    def __init__(self, handler: "SmtpHandler", room: Room, tls: ssl.SSLContext | None, hostname: str) -> None:
        super().__init__(
            handler,
            data_size_limit=room.limits.mail_bytes,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="Satu Atap",
            tls_context=tls,
            timeout=_IDLE_SECONDS,
            command_call_limit=_MOST_COMMANDS,
            loop=asyncio.get_running_loop(),
        )
        self.command_size_limits = defaultdict(lambda: _LONGEST_COMMAND)  # the library's own is shared by connections
        self._room = room
        self._handler = handler

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._room.connections.add(self)  # once more when TLS was begun
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._room.connections.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the library calls it so
        """Takes a mail. It is answered when it is kept, or when it is certain that it is not."""
        if await self.check_helo_needed():
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT comes before DATA")
            return
        if arg:
            await self.push("501 5.5.4 DATA has no parameters")
            return
        await self.push("354 End with <CR><LF>.<CR><LF>")
        coming = _Coming(self._room)
        try:
            await coming.read(self._reader)
            answer = coming.refusal or await self._handler.keep(b"".join(coming.pieces), envelope)
        finally:
            coming.give_back()
        self.envelope = self._create_envelope()
        await self.push(answer)


class _Coming:
    """A mail that is coming in. What cannot be taken is read to its end all the same: only then may it be answered."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = self._taken = 0
        self.pieces: list[bytes] = []
        self.refusal = ""

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Reads to the line with a dot alone, and takes away the dots that were put before others."""
        begins_line = True
        while True:
            try:
                piece, ends_line = await reader.readuntil(_LINE_END), True
            except asyncio.LimitOverrunError as longer:
                piece, ends_line = await reader.read(longer.consumed), False
            if begins_line and piece.startswith(b"."):
                if piece == _LAST_LINE:
                    return
                piece = piece[1:]
            begins_line = ends_line
            self._add(piece)

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self.refusal:
            return
        if self._size > self._room.limits.mail_bytes:
            self._refuse(_TOO_LONG)
        elif not self._room.take(len(piece)):
            self._refuse(_NO_ROOM)
        else:
            self._taken += len(piece)
            self.pieces.append(piece)

    def _refuse(self, answer: str) -> None:
        self.refusal = answer
        self.give_back()

    def give_back(self) -> None:
        """Gives back the room that it took."""
        self.pieces.clear()
        self._room.give_back(self._taken)
        self._taken = 0


class SmtpHandler:
    """What the sessions do with what they are told."""

    def __init__(self, mails: Mails, clock: Clock, most_recipients: int) -> None:
        self._mails = mails
        self._clock = clock
        self._most_recipients = most_recipients

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Given,  # noqa: ARG002
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Takes commands in groups (RFC 2920): the library does so, and does not say it."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Given,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """Takes every address: which are ours is for whoever lets servers reach us."""
        if len(envelope.rcpt_tos) >= self._most_recipients:
            return "452 4.5.3 Too many recipients: send it to the others in another mail"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_exception(self, error: Exception) -> str:
        """What nobody expected is our fault, and no reason to lose a mail."""
        log.error("smtp.failed", error=describe(error))
        return LATER

    async def keep(self, content: bytes, given: Given) -> str:
        """Keeps a mail; the answer."""
        return_path = storable(given.mail_from or "").strip("<>")
        envelope = Envelope(return_path, [storable(address) for address in given.rcpt_tos])
        try:
            raw_id = await self._mails.keep(content, envelope, Trace(new_raw_id().hex), self._clock())
        except Unavailable:
            return LATER
        except Exception as error:
            log.error("smtp.not_kept", error=describe(error))
            return LATER
        return f"250 2.0.0 Ok: kept as {raw_id}"
