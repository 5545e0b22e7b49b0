"""Redis (Valkey): a client that never hides a broken connection, and the one error that says it is away."""

from collections.abc import Awaitable
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

BLOCK_MS = 1_000
_SOCKET_TIMEOUT_SECONDS = 5


class BrokerUnavailable(OSError):
    """Redis is away, loading, or broke off in the middle: wait and try again, nothing is known to be lost."""


class NoGroup(Exception):
    """The stream or its group does not exist (any more)."""


class BusyGroup(Exception):
    """The group that was to be made is there already."""


_MEANINGS = {"NOGROUP": NoGroup, "BUSYGROUP": BusyGroup}
# What Redis answers while it cannot serve; any other refusal is a fault of ours, and is raised as it is
_AWAY = (
    "LOADING",
    "MASTERDOWN",
    "READONLY",
    "TRYAGAIN",
    "CLUSTERDOWN",
    "BUSY",
    "OOM",
    "MISCONF",
    "NOREPLICAS",
    "EXECABORT",
)
_OF_PIPELINE = "of pipeline caused error: "


def connect(url: object) -> Redis:
    """A client for one loop: two connections at most, no retries inside, timeouts above the longest BLOCK."""
    return Redis.from_url(
        str(url),
        protocol=2,
        socket_timeout=_SOCKET_TIMEOUT_SECONDS,
        socket_connect_timeout=_SOCKET_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        max_connections=2,
    )


async def answer_of(command: Awaitable[Any] | Any) -> Any:
    """The answer to `command`.

    Raises `NoGroup` or `BusyGroup` when Redis says so, and `BrokerUnavailable` for everything else that can happen
    to a connection: on some CPython versions a broken write surfaces as TypeError, so the net is wide on purpose.
    """
    try:
        return await cast("Awaitable[Any]", command)
    except ResponseError as error:
        word = _word(error)
        if word in _MEANINGS:
            raise _MEANINGS[word] from error
        if word in _AWAY:
            raise BrokerUnavailable(word) from error
        raise
    except Exception as error:
        raise BrokerUnavailable(type(error).__name__) from error


def _word(error: ResponseError) -> str:
    """Redis' own word for a refusal: redis-py may cut it off, and in a pipeline puts a sentence before it."""
    said = str(error).rpartition(_OF_PIPELINE)[2]
    return error.status_code or said.lstrip("('\"").split(" ")[0]


def entry_position(entry_id: bytes | str) -> tuple[int, int]:
    """A stream entry id as numbers. As text `9-0` would sort after `10-0`."""
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    milliseconds, _, number = text.partition("-")
    return int(milliseconds), int(number or 0)
