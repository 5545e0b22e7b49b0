"""E-mail over SMTP (RFC 5321), on one connection that is kept.

The phases are told apart on purpose. Until the greeting, the login and MAIL it is about the server: when that goes
wrong it is away, and the rest waits. From RCPT on it is about one notice, whose refusal or hanging up hurts no other,
unless several recipients in a row meet it. Before the text was sent nothing can have been taken; after its last byte
only a proper answer tells, and without one it is `Doubt`.

A server that takes commands in groups is sent MAIL, RCPT and DATA in one write. Their answers come in their order and
are judged in it. Should some be missing, nobody knows which command drove the server away: then the same notice goes
once more, command by command.
"""

import asyncio
import re
from contextlib import suppress
from email.errors import MessageError
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib.email import quote_address

from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.domain.notices import Kind
from services.notify.models import Notice
from services.notify.providers.dialogue import GOES_AWAY, Dialogue
from services.notify.providers.mails import Mails
from services.notify.settings import NotifySettings
from shared.signing import Capabilities

_TIMEOUT_SECONDS = 10
_FINAL_ANSWER_SECONDS = 600
"""A server may look through a message before it says that it has it (RFC 5321, section 4.5.3.2.6)."""
_MOST_HANG_UPS = 3
"""After so many recipients in a row at which the server went away, it is the server."""
_DONE, _WILL_FORWARD, _START_OF_TEXT = 250, 251, 354
_TEMPORARY, _PERMANENT, _NO_ANSWER = 400, 500, 600
_DOT = re.compile(rb"(?m)^\.")


class SmtpProvider:
    """One connection to the mail server."""

    kind: Kind = "email"

    def __init__(self, settings: NotifySettings, threads: Capabilities) -> None:
        self._settings = settings
        sender = parseaddr(settings.mail_from)[1]
        self._mail = b"MAIL FROM:" + quote_address(sender).encode("ascii")
        self._mails = Mails(settings.mail_from, sender.partition("@")[2], threads, settings.mail_reply_to)
        self._dialogue: Dialogue | None = None
        self._hang_ups = 0

    async def send(self, notice: Notice, until: float) -> Outcome:
        if self._hang_ups >= _MOST_HANG_UPS:
            self._hang_ups = 0
            return NoHandover("the server goes away at one recipient after another")
        try:
            text = self._mails.write(notice)
            recipient = _path(notice.address or "")
        except (ValueError, MessageError) as error:  # nothing was touched: only this one cannot be written
            return Rejection(f"cannot be written as a mail: {type(error).__name__}")
        beginning = await self._begin(b"RCPT TO:" + recipient, until)
        return beginning if isinstance(beginning, Outcome) else await self._hand_over(beginning, text)

    async def close(self) -> None:
        if self._dialogue is not None and self._dialogue.is_usable:
            with suppress(OSError, TimeoutError):
                await self._dialogue.send_command(b"QUIT", _TIMEOUT_SECONDS)
        self._drop()

    async def _begin(self, rcpt: bytes, until: float) -> Dialogue | Outcome:
        """The connection, waiting for the text; or what became of it before, when the server certainly has nothing."""
        try:
            async with asyncio.timeout_at(until):
                dialogue = await self._connection_after_group(rcpt)
                answer = await dialogue.send_command(self._mail, _TIMEOUT_SECONDS)
        except aiosmtplib.SMTPResponseException as error:  # our login: no fault of this notice
            to_what = ", to our login" if isinstance(error, aiosmtplib.SMTPAuthenticationError) else ""
            return self._no_handover(error.code, to_what)
        except aiosmtplib.SMTPNotSupported as error:  # the encryption or the login that our settings ask for
            self._drop()
            return NoHandover(type(error).__name__, ProviderTrouble.REFUSES_US)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._drop()
            return NoHandover(type(error).__name__)
        if answer.code != _DONE:
            return self._no_handover(answer.code)
        try:
            async with asyncio.timeout_at(until):
                answer = await dialogue.send_command(rcpt, _TIMEOUT_SECONDS)
                if answer.code not in (_DONE, _WILL_FORWARD):
                    return await self._rejection(dialogue, answer.code)
                answer = await dialogue.send_command(b"DATA", _TIMEOUT_SECONDS)
        except (OSError, TimeoutError) as error:
            return self._hang_up(type(error).__name__)
        return dialogue if answer.code == _START_OF_TEXT else await self._rejection(dialogue, answer.code)

    async def _connection_after_group(self, rcpt: bytes) -> Dialogue:
        """The connection, on which all commands before the text are answered already if it takes them in a group."""
        dialogue = await self._connection()
        if dialogue.takes_groups:
            group = self._mail, rcpt, b"DATA"
            if not await dialogue.send_group(*group, seconds=_TIMEOUT_SECONDS):
                self._drop()
                dialogue = await self._connection()
                dialogue.takes_groups = False
        return dialogue

    async def _hand_over(self, dialogue: Dialogue, text: bytes) -> Outcome:
        """Sends the text. From here on only a proper no says that it was not taken."""
        try:
            dialogue.write_commands(_DOT.sub(b"..", text) + b".")
        except OSError as error:
            return self._hang_up(type(error).__name__)
        try:
            answer = await dialogue.next_answer(_FINAL_ANSWER_SECONDS)
        except (OSError, TimeoutError) as error:
            self._drop()
            return Doubt(f"broke off after the text was sent: {type(error).__name__}")
        self._hang_ups = 0
        if answer.code == _DONE:
            return Acceptance(answer.text[:200])
        if _TEMPORARY <= answer.code < _NO_ANSWER:
            return await self._rejection(dialogue, answer.code)
        self._drop()
        return Doubt(f"answered the text with {answer.code}")

    def _no_handover(self, code: int, to_what: str = "") -> NoHandover:
        """What a negative answer to our login or our sender means: it is no fault of the notice."""
        self._drop()
        return NoHandover(
            f"SMTP {code}{to_what}", ProviderTrouble.REFUSES_US if code >= _PERMANENT else ProviderTrouble.AWAY
        )

    async def _rejection(self, dialogue: Dialogue, code: int) -> Outcome:
        """What a negative answer means for one notice. Only its code is kept: servers quote the address in the text."""
        status_line = f"SMTP {code}"
        if code == GOES_AWAY or not _TEMPORARY <= code < _NO_ANSWER:
            return self._hang_up(status_line)
        self._hang_ups = 0
        try:
            await _begin_anew(dialogue)
        except (OSError, TimeoutError):
            self._drop()
        return Rejection(status_line) if code >= _PERMANENT else Deferral(status_line)

    def _hang_up(self, how: str) -> Outcome:
        """The server went away at this notice: it may do so again, so this one waits its turn, and the next is sent."""
        self._drop()
        self._hang_ups += 1
        return Deferral(how)

    async def _connection(self) -> Dialogue:
        if self._dialogue is None or not self._dialogue.is_usable:
            self._drop()
            settings = self._settings
            self._dialogue = await Dialogue.opened(
                aiosmtplib.SMTP(
                    hostname=settings.smtp_host,
                    port=settings.smtp_port,
                    timeout=_TIMEOUT_SECONDS,
                    use_tls=settings.smtp_tls == "tls",
                    start_tls=settings.smtp_tls == "starttls",
                    username=settings.smtp_username,
                    password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
                )
            )
        return self._dialogue

    def _drop(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
        self._dialogue = None


def _path(address: str) -> bytes:
    """`address` as it stands in an SMTP command. Raises `ValueError` if it cannot."""
    if not address.isprintable() or " " in address:
        raise ValueError
    return quote_address(address).encode("ascii")


async def _begin_anew(dialogue: Dialogue) -> None:
    """Has the server forget a notice that it refused. Raises `ConnectionError` or `TimeoutError`.

    A server may ask for the text although it refused the only recipient (RFC 2920, section 3.1): it gets an empty one.
    """
    if dialogue.has_commands_ahead and (await dialogue.send_command(b"DATA", _TIMEOUT_SECONDS)).code == _START_OF_TEXT:
        await dialogue.send_command(b".", _TIMEOUT_SECONDS)
    if (await dialogue.send_command(b"RSET", _TIMEOUT_SECONDS)).code != _DONE:
        raise ConnectionAbortedError
