"""How much one caller may do in a minute, and the one place that refuses more (429, with the time to come again)."""

from dataclasses import dataclass

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.addresses import household
from shared.counters import Counters
from shared.errors import RateLimited
from shared.wiring import wiring_of

_COST_OF_A_MISS = 10
"""Requests. Who holds a tracking code or a link seldom errs; who guesses does nothing else."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts callers, and raises `RateLimited`. It is wired into every app.

    Addresses are those of `caller_of`. `service` keeps the counts of services apart.
    """

    counters: Counters
    service: str
    public_per_minute: int
    failures_per_minute: int
    chats_per_minute: int

    async def public(self, address: str) -> None:
        """Counts a request that needs no credential."""
        seconds = await self.counters.add(self._named("public"), address, self.public_per_minute)
        if seconds:
            raise RateLimited("Too many requests came from your address within a minute.", seconds)

    async def missed(self, address: str) -> None:
        """Counts that such a request found nothing, which costs more."""
        await self.counters.add(self._named("public"), address, self.public_per_minute, cost=_COST_OF_A_MISS - 1)

    async def failing(self, address: str) -> None:
        """Refuses an address from which too many credentials came that nobody knows."""
        seconds = await self.counters.used_up(self._named("failures"), address, self.failures_per_minute)
        if seconds:
            raise RateLimited("Too many credentials that are not known came from your address.", seconds)

    async def failed(self, address: str) -> None:
        """Counts a credential that nobody knows."""
        await self.counters.add(self._named("failures"), address, self.failures_per_minute)

    async def opens_chat(self, address: str, key: str, per_minute: int) -> None:
        """Counts a chat that a widget opens: first for the address, which so cannot use up the key for all others."""
        seconds = await self.counters.add(self._named("chats"), address, self.chats_per_minute)
        if seconds:
            raise RateLimited("Too many chats were opened from your address within a minute.", seconds)
        seconds = await self.counters.add(self._named("chats"), key, per_minute)
        if seconds:
            raise RateLimited("Too many chats were opened with this key within a minute.", seconds)

    async def close(self) -> None:
        await self.counters.close()

    def _named(self, limit: str) -> str:
        return f"{self.service}/{limit}"


def caller_of(request: Request) -> str:
    """The address that a limit counts: of the caller, or of the one for whom a trusted proxy forwards it."""
    return household(request.client.host) if request.client else "unknown"


async def count_public(request: Request) -> None:
    """Counts a request that needs no credential, and once more if it finds nothing (`Misses`). Raises `RateLimited`."""
    limits = wiring_of(request).limits
    address = caller_of(request)
    await limits.public(address)
    request.state.counted_for = address


class Misses:
    """Counts the answers 404 of all routes that need no credential, however the route came to it.

    Such a route asks for a capability that could be guessed, or for a name; a hit is counted before it is carried out.
    """

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404:
                address = scope["state"].get("counted_for")
                if address is not None:
                    await self._limits.missed(address)
            await send(message)

        await self._app(scope, receive, counted_send)
