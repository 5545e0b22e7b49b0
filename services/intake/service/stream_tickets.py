"""Tickets that open one stream, once, within half a minute: `EventSource` of a browser sends no credential.

They stand in an address, where logs and histories may keep them: there they are worth nothing any more. Valkey keeps
who may do what with one, under a hash of it.
"""

import hashlib
import secrets
from uuid import UUID

import orjson
from redis.asyncio import Redis

from shared.broker import BrokerUnavailable, answer_of
from shared.caller import Caller
from shared.errors import Unavailable

LASTS_SECONDS = 30
_BYTES = 24


class StreamTickets:
    """Issues tickets, and takes each of them once. Raises `Unavailable` while Valkey is away: then lines are polled."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def issue(self, chat_id: UUID, caller: Caller) -> str:
        """A ticket with which this caller follows this chat."""
        ticket = secrets.token_urlsafe(_BYTES)
        owner = {
            "chat": chat_id,
            "subject": caller.subject,
            "roles": sorted(caller.roles),
            "scopes": sorted(caller.scopes),
            "is_own": caller.chat_id is not None,
        }
        await self._ask(self._redis.set(_key(ticket), orjson.dumps(owner), ex=LASTS_SECONDS))
        return ticket

    async def redeem(self, ticket: str, chat_id: str) -> Caller | None:
        """Whose ticket it is, which opens nothing from now on. None: it was used, is too old, or of another chat."""
        kept = await self._ask(self._redis.getdel(_key(ticket)))
        owner = orjson.loads(kept) if kept else None
        if owner is None or owner["chat"] != chat_id:
            return None
        return Caller(
            owner["subject"],
            roles=frozenset(owner["roles"]),
            scopes=frozenset(owner["scopes"]),
            chat_id=UUID(chat_id) if owner["is_own"] else None,
        )

    async def _ask(self, command: object) -> bytes | None:
        try:
            answer: bytes | None = await answer_of(command)
        except BrokerUnavailable:
            raise Unavailable(
                "Tickets cannot be kept just now. Poll the lines (`…/messages?after=`) meanwhile."
            ) from None
        return answer


def _key(ticket: str) -> str:
    return f"satuatap:intake:stream-ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
