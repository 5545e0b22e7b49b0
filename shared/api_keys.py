"""API keys (`sa_<id>_<secret>`): how one is made, kept as a hash, and recognised."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from shared.caller import Caller, Widget
from shared.key_uses import KeyInUse

KEY_PREFIX = "sa_"
_KEPT_SECONDS = 10.0
_AT_MOST_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key that works, as it is kept: its hash, never itself. `old_secret_hash` is that of the secret before it,
    as long as that works, too.
    """

    key_id: str
    secret_hash: str
    scopes: frozenset[str]
    widget: Widget | None = None
    channels: frozenset[str] | None = None
    per_minute: int | None = None
    old_secret_hash: str | None = None

    def matching(self, secret: str) -> str | None:
        """The hash of `secret` if it is one of the key's."""
        given = hash_secret(secret)
        is_new = hmac.compare_digest(given, self.secret_hash)
        is_old = hmac.compare_digest(given, self.old_secret_hash or "")
        return given if is_new or is_old else None


def new_api_key(key_id: str | None = None) -> tuple[str, str, str]:
    """A new key, or a new secret of one, as (what the integration gets to see once, its id, the hash that is kept)."""
    key_id, secret = key_id or secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"{KEY_PREFIX}{key_id}_{secret}", key_id, hash_secret(secret)


def hash_secret(secret: str) -> str:
    """SHA-256: enough, because the secret is 256 random bits and not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeys:
    """Knows the keys of a service from a copy of them all: there are tens, and a flood of invented ones asks nobody.

    The copy is at most ten seconds old, which is how long a revoked key may still work.
    """

    def __init__(
        self, load: Callable[[], Awaitable[Sequence[StoredKey]]], seconds: Callable[[], float] = monotonic
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._keys: Mapping[str, StoredKey] = {}
        self._loaded_at = float("-inf")
        self._loading: asyncio.Task[None] | None = None

    async def authenticate(self, token: str) -> Caller | None:
        """The caller whose key `token` is, as far as the copy knows."""
        return await self._read(token, _KEPT_SECONDS)

    async def ask_again(self, token: str) -> Caller | None:
        """The same for a key that may have been made just now: from a copy that is a second old at the most."""
        return await self._read(token, _AT_MOST_EVERY_SECONDS)

    async def _read(self, token: str, oldest_seconds: float) -> Caller | None:
        if self._seconds() - self._loaded_at > oldest_seconds:
            await self._load_anew()
        _, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        stored = self._keys.get(key_id)
        matching = stored.matching(secret) if stored else None
        if stored is None or matching is None:
            return None
        return Caller(
            subject=f"key:{stored.key_id}",
            scopes=stored.scopes,
            widget=stored.widget,
            channels=stored.channels,
            key=KeyInUse(stored.key_id, matching, stored.per_minute),
        )

    async def _load_anew(self) -> None:
        """Loads the keys. Who comes meanwhile waits for the same answer; who goes away does not end it for others."""
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._replace())
        await asyncio.shield(self._loading)

    async def _replace(self) -> None:
        asked_at = self._seconds()
        self._keys = {key.key_id: key for key in await self._load()}
        self._loaded_at = asked_at
