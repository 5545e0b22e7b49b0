"""One connection of the HTTP server: uvicorn's, with a bound on everything that a client may send, on how long it may
take, and on how many there are (ADR 19).

Whoever is refused can read why: the answer goes first, then what is still being sent is thrown away, and only then the
connection closes. What is refused before there is a whole request is answered here, as far as it is known who asks. For
a request of which the body fails, or for which there is no place, the refusal is left in the request's state, where the
edge of the app finds it (`shared.edge`). Nothing that was sent is ever logged.
"""

import asyncio
import math
from enum import Enum, auto
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.crowd import Crowd
from shared.edge import REFUSAL
from shared.errors import HeadTooLarge, NotHttp, Refusal, RequestTimeout, Unavailable, UpgradeRefused
from shared.ids import new_id
from shared.pages import answer_to_unread
from shared.telemetry import REQUESTS

_PIECE_BYTES = 4_096
"""So much is parsed before a look at what it was: requests of twenty bytes each that are sent together queue up, and
each of them costs the time of a whole one.
"""


class _Reading(Enum):
    """What the next bytes of a connection are."""

    NOTHING = auto()  # the beginning of a request, if any
    HEAD = auto()
    BODY = auto()
    REST = auto()  # thrown away, until the client has read why


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with bounds.

    The server's sweep measures time (`end_if_slow`). Size is measured before the parser sees anything, for it joins
    all that has come of a header with each new piece of it: one of a hundred megabytes would hold up everybody.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: Crowd,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._crowd = server_state
        self._limits = server_state.limits
        self._reading = _Reading.NOTHING
        self.url, self.headers = b"", []
        self._has_no_place = False
        self.finished = False
        self._last_word = b""
        self.held = b""
        """What is not parsed before the requests before it are answered."""
        self._untold = 0
        """Bytes that the parser was given since it last told of a whole head, a piece of a body, or a request's end."""
        self._since = 0.0
        """When it began to wait for a request, or for the rest of a head."""
        self._received = 0
        """Bytes of a body, or of a rest, since the last look."""
        self._patience = 0.0
        """Seconds by which they may still fall behind."""
        self._rest_left = 0
        self._rest_until = math.inf
        self._untaken = 0
        self._untaken_seconds = 0.0

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._wire = transport
        super().connection_made(cast(asyncio.Transport, _Line(self, transport)))
        self._await_a_request()
        self._crowd.make_room(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._crowd.forget(self)
        self.pipeline.clear()
        self.cycle = None  # type: ignore[assignment]  # it leads back here

    def data_received(self, data: bytes) -> None:
        if self._reading is _Reading.REST:
            self._throw_away(len(data))
            return
        if self._reading is _Reading.NOTHING:
            self._begin_head()
        is_small = len(data) <= _PIECE_BYTES and len(data) + self._untold <= self._limits.head_bytes
        if is_small and not self.pipeline and not self.held:
            self._feed(data)
        else:
            self._feed_in_pieces(self.held + data)
        self._note_whose_turn_it_is()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._crowd.owes(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._is_answering():
            self._crowd.owes_nothing(self)

    def _feed_in_pieces(self, data: bytes) -> None:
        """Feeds `data`, and holds back what comes after a request that has to wait for its turn."""
        view = memoryview(data)
        while view and self._reading is not _Reading.REST and not self.pipeline:
            room = min(_PIECE_BYTES, self._limits.head_bytes - self._untold)
            if room:
                self._feed(view[:room])
                view = view[room:]
            else:
                self._refuse(HeadTooLarge(self._limits.head_bytes))
        if self._reading is _Reading.REST:
            self._throw_away(len(view))
            view = view[:0]
        self.held = bytes(view)
        if self.held:
            self._wire.pause_reading()

    def _feed_what_was_held(self) -> None:
        held, self.held = self.held, b""
        self._feed_in_pieces(held)
        if not self._is_paused() and not self._wire.is_closing():
            self._wire.resume_reading()
        self._note_whose_turn_it_is()

    def _feed(self, data: bytes | memoryview) -> None:
        self._untold += len(data)
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:  # which nobody here makes: it is a request as any other
                data = data[upgrade.args[0] :]
                if REFUSAL in self.scope["state"]:
                    self._reading = _Reading.REST
                    return
            except httptools.HttpParserError:
                self._refuse(NotHttp())
                return

    # What the parser calls

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._reading is not _Reading.HEAD:  # it came together with the end of another
            self._begin_head()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade() and _announces_a_body(self.headers):
            self.scope["state"][REFUSAL] = _last(UpgradeRefused())  # the parser would take the body for a request
        elif self._has_no_place:
            self.scope["state"][REFUSAL] = _last(_full())
        super().on_headers_complete()
        self._reading = _Reading.BODY
        self._untold = self._received = 0
        self._patience = self._limits.body_seconds
        self._rest_until = math.inf

    def on_body(self, body: bytes) -> None:
        self._untold = 0
        if self.cycle.response_complete:
            self._throw_away(len(body))
        else:
            self._received += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._reading = _Reading.NOTHING
        self._untold = 0
        if self.cycle.response_complete:
            self._await_a_request()

    # What the answers call

    def on_response_complete(self) -> None:
        """What uvicorn's does, without its timer."""
        self.server_state.total_requests += 1
        if self._wire.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline and not self.finished:
            self._start_asgi_task(*self.pipeline.pop())
        if self.held and not self.pipeline:
            self._feed_what_was_held()
        if self._is_answering():
            return
        if self._reading is _Reading.REST:
            self.finish()
        elif self._reading is _Reading.BODY:
            self._begin_rest()
            self._crowd.owes(self)
        elif self._reading is _Reading.NOTHING:
            self._await_a_request()
        else:
            self._crowd.owes(self)

    def finish(self) -> None:
        """Closes, but not before the client has sent what it is sending, within bounds: to close with bytes unread
        takes the answer away from a client that sends first and reads then.
        """
        if self.finished or self._wire.is_closing():
            return
        self._crowd.owes(self)
        if self._reading not in (_Reading.BODY, _Reading.REST):
            self._wire.close()
            return
        self.finished = True
        self._reading = _Reading.REST
        self._begin_rest()
        if self._last_word:
            self._wire.write(self._last_word)
        self._wire.write_eof()

    # What the server's sweep calls

    def end_if_slow(self, now: float, elapsed: float) -> None:
        """Ends what takes too long. `elapsed` is the time since the last look."""
        self._look_at_what_is_untaken(elapsed)
        if self._wire.is_closing():
            return
        if self._reading is _Reading.NOTHING:
            if not self._is_answering() and now - self._since > self._limits.idle_seconds:
                self._wire.close()
        elif self._reading is _Reading.HEAD:
            self._look_at_the_head(now)
        elif not self._is_our_turn():
            self._look_at_what_comes(now, elapsed)

    def _look_at_what_is_untaken(self, elapsed: float) -> None:
        untaken = self._wire.get_write_buffer_size()
        stands_still = 0 < self._untaken <= untaken
        self._untaken = untaken
        self._untaken_seconds = self._untaken_seconds + elapsed if stands_still else 0.0
        if self._untaken_seconds > self._limits.untaken_seconds:
            self._wire.abort()

    def _look_at_the_head(self, now: float) -> None:
        if self._is_paused():
            self._since = now
        elif now - self._since > self._limits.head_seconds:
            self._refuse(RequestTimeout(f"The headers have {self._limits.head_seconds:g} seconds to come."))

    def _look_at_what_comes(self, now: float, elapsed: float) -> None:
        rate = self._limits.body_bytes_per_second
        self._patience = min(self._limits.body_seconds, self._patience + self._received / rate) - elapsed
        self._received = 0
        if self._is_answering():
            if self._patience <= 0:
                self._refuse(RequestTimeout(f"A body has to come at {rate} bytes a second at least."))
        elif self._patience <= 0 or now > self._rest_until:
            self._wire.close()

    def _is_our_turn(self) -> bool:
        """Whether a client with a body under way cannot go on before we do."""
        if not self._is_answering():
            return False
        return self._reading is _Reading.REST or self._is_paused() or self.cycle.waiting_for_100_continue

    def _is_answering(self) -> bool:
        return not self.finished and self.cycle is not None and not self.cycle.response_complete

    def _is_paused(self) -> bool:
        return self.flow.read_paused or bool(self.held)

    def _note_whose_turn_it_is(self) -> None:
        if self._reading is _Reading.BODY and not self._is_paused():
            self._crowd.keeps_coming(self)
        elif self._is_answering():
            self._crowd.owes_nothing(self)

    def _await_a_request(self) -> None:
        self._since = self.loop.time()
        self._crowd.owes(self)

    def _begin_head(self) -> None:
        self._reading = _Reading.HEAD
        self._since = self.loop.time()

    def _begin_rest(self) -> None:
        self._patience = self._limits.body_seconds
        self._rest_left = self._limits.rest_bytes
        self._rest_until = self.loop.time() + self._limits.rest_seconds
        self.held = b""
        self.flow.resume_reading()
        self._wire.resume_reading()

    def _throw_away(self, count: int) -> None:
        self._received += count
        self._rest_left -= count
        if self._rest_left < 0 and not self._is_answering():
            self._wire.close()

    # Refusals

    def _refuse(self, refusal: Refusal) -> None:
        """Takes nothing more, and says why: after the answers that are due, or through the app that awaits the body."""
        body_is_awaited = self._reading is _Reading.BODY and self._is_answering()
        self._reading = _Reading.REST
        if body_is_awaited:
            self.cycle.scope["state"][REFUSAL] = _last(refusal)
            self.cycle.message_event.set()
            return
        self._last_word = self._answer(_last(refusal))
        if not self._is_answering():
            self.finish()

    def _answer(self, refusal: Refusal) -> bytes:
        """The answer to what never became a request."""
        request_id = new_id().hex
        answer = answer_to_unread(self.url, self.headers, refusal, request_id)
        REQUESTS.labels("unknown", answer.status_code).inc()
        headers = [*self.server_state.default_headers, *answer.raw_headers, (b"x-request-id", request_id.encode())]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"%b%b\r\n%b" % (STATUS_LINE[answer.status_code], head, bytes(answer.body))

    def refuse_for_want_of_room(self) -> None:
        """Leaves the refusal to the app, which knows who asks. Until then it gives way to the next newcomer."""
        self._has_no_place = True

    def give_way(self) -> None:
        """Closes at once, with a word to a client that is in the middle of a request."""
        if self._wire.get_write_buffer_size():  # it takes nothing, so there is nothing to wait for
            self._wire.abort()
            return
        body_is_awaited = self._reading is _Reading.BODY and self._is_answering() and not self.cycle.response_started
        if body_is_awaited:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if body_is_awaited or self._reading is _Reading.HEAD or self._has_no_place:
            self._wire.write(self._answer(_last(_full())))
        self._wire.close()


def _announces_a_body(headers: list[tuple[bytes, bytes]]) -> bool:
    told = dict(headers)
    return b"transfer-encoding" in told or told.get(b"content-length", b"0") != b"0"


def _full() -> Refusal:
    return Unavailable("There are more clients than the service has connections for. Please send it again.")


def _last(refusal: Refusal) -> Refusal:
    """`refusal`, which says that no other request is read after it."""
    refusal.headers["Connection"] = "close"
    return refusal


class _Line:
    """The transport as uvicorn's code sees it: when to close it, and when to read on, is the connection's to say."""

    def __init__(self, connection: Connection, wire: asyncio.Transport) -> None:
        self.close = connection.finish
        self.get_extra_info = wire.get_extra_info
        self.pause_reading = wire.pause_reading
        self._connection = connection
        self._wire = wire

    def is_closing(self) -> bool:
        return self._connection.finished or self._wire.is_closing()

    def write(self, data: bytes) -> None:
        if (
            not self._connection.finished and not self._wire.is_closing()
        ):  # else an answer to somebody who has left would look like a fault of ours
            self._wire.write(data)

    def resume_reading(self) -> None:
        if not self._connection.held:
            self._wire.resume_reading()
