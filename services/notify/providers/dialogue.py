"""A conversation with a mail server: commands go out, several in one write if it takes them so, and answers come back.

The library opens the connection, greets, encrypts and logs in. Then the transport is ours: the library waits for the
answer after every command, and understands none that arrives together with another.
"""

import asyncio
from collections import deque
from typing import NamedTuple, Self, cast

import aiosmtplib

from shared.text import tidied

_LONGEST_ANSWER = 32_768  # octets
GOES_AWAY = 421


class Answer(NamedTuple):
    """What a server said. `code` is 0 when that is no answer at all."""

    code: int
    text: str


class Dialogue(asyncio.Protocol):
    """An open connection to a mail server. Answers belong to commands by their order alone, so each is counted.

    `takes_groups`: it may be sent several commands at once (RFC 2920).
    """

    def __init__(self, transport: asyncio.Transport, *, takes_groups: bool) -> None:
        self.takes_groups = takes_groups
        self._transport = transport
        self._is_lost = False
        self._ahead = 0
        self._unanswered = 0
        self._answers: deque[Answer] = deque()
        self._lines: list[bytes] = []
        self._received = b""
        self._waiting: asyncio.Future[None] | None = None

    @classmethod
    async def opened(cls, client: aiosmtplib.SMTP) -> Self:
        """The conversation, as soon as `client` has been greeted and let in. Raises what the library raises."""
        await client.connect()
        try:
            await client.ehlo()
        except BaseException:
            client.close()
            raise
        if client.transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        transport = cast(asyncio.Transport, client.transport)
        dialogue = cls(transport, takes_groups=client.supports_extension("pipelining"))
        transport.set_protocol(dialogue)
        return dialogue

    @property
    def is_usable(self) -> bool:
        """Whether the server is there, and no answer is owed or left over."""
        owed = self._ahead or self._unanswered or self._answers
        return not (owed or self._is_lost or self._transport.is_closing())

    @property
    def has_commands_ahead(self) -> bool:
        """Whether the next command was sent already."""
        return self._ahead > 0

    async def send_group(self, *commands: bytes, seconds: float) -> bool:
        """Sends commands in one write. Whether all were answered, or the server said that it goes away.

        Then `send_command` has the answer of each at once; without all of them nobody knows where the server stopped.
        """
        self.write_commands(*commands)
        self._ahead = len(commands)
        try:
            while self._unanswered and all(answer.code != GOES_AWAY for answer in self._answers):
                await self._wait_for_answer(seconds)
        except (ConnectionError, TimeoutError):
            return False
        return True

    async def send_command(self, command: bytes, seconds: float) -> Answer:
        """The answer to `command`, which is sent if it was not sent ahead. Raises `ConnectionError`, `TimeoutError`."""
        if self._ahead:
            self._ahead -= 1
        else:
            self.write_commands(command)
        return await self.next_answer(seconds)

    async def next_answer(self, seconds: float) -> Answer:
        """The earliest answer that nobody has had yet. Raises `ConnectionError` or `TimeoutError`."""
        while not self._answers:
            await self._wait_for_answer(seconds)
        return self._answers.popleft()

    def write_commands(self, *commands: bytes) -> None:
        """Sends commands, or a text with its final dot. Raises `ConnectionError` when certainly nothing was sent."""
        if self._is_lost or self._transport.is_closing():
            raise ConnectionResetError
        self._unanswered += len(commands)
        self._transport.write(b"".join([command + b"\r\n" for command in commands]))

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._lines.append(line)
            if line[3:4] != b"-" or not line[:3].isdigit():
                self._understand()
        if sum(map(len, self._lines)) + len(self._received) > _LONGEST_ANSWER:
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._is_lost = True
        self._wake()

    def _understand(self) -> None:
        """Makes an answer of the lines so far. After one that nobody asked for, no other can be believed."""
        if not self._unanswered:
            self._transport.abort()
            return
        code = self._lines[-1][:3]
        text = "\n".join(tidied(line[4:].decode(errors="replace")) for line in self._lines)
        self._answers.append(Answer(int(code) if code.isdigit() else 0, text))
        self._unanswered -= 1
        self._lines.clear()
        self._wake()

    async def _wait_for_answer(self, seconds: float) -> None:
        """Waits for one more answer."""
        if self._is_lost:
            raise ConnectionResetError
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._waiting
        finally:
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
