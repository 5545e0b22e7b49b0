"""Who may call what. Every route says so: `Access` for keys and staff, `PUBLIC` for what needs neither.

Integrations carry an API key (`sa_<id>_<secret>`), stored only as a hash and allowed only its scopes. Staff carry a
signed token (JWT) with roles. A citizen carries a capability: a tracking code, a chat's token, a survey link.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from shared.errors import Forbidden, RateLimited, Unauthenticated
from shared.ids import new_id
from shared.revocations import EVERYBODY, Revocations
from shared.seal import Capabilities
from shared.secret import Secrets

Role = Literal["agent", "supervisor", "officer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
Scope = Literal["contacts:write", "chats:read", "booths:write", "answers:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_ISSUER = "satuatap"
_STAFF = "staff:"
_KEY_ID = re.compile("[0-9a-f]{12}")
_KEY_CACHE_SECONDS = 10.0
_KEY_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `subject` is a stable name without personal data, such as `key:3f…` or `staff:budi`."""

    subject: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    chat_id: UUID | None = None
    issued_at: datetime | None = None
    """When his token was signed, of staff."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key as it is kept: its hash, never itself."""

    key_id: str
    secret_hash: str
    scopes: frozenset[str]
    revoked_at: datetime | None


def new_api_key() -> tuple[str, str, str]:
    """A new key as (what the integration gets to see once, its id, the hash that is kept)."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"sa_{key_id}_{secret}", key_id, hash_secret(secret)


def hash_secret(secret: str) -> str:
    """SHA-256: enough, because the secret is 256 random bits and not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeys:
    """Looks keys up and remembers them for ten seconds, which is how long a revoked key may still work."""

    def __init__(self, load: Callable[[str], Awaitable[StoredKey | None]]) -> None:
        self._load = load
        self._cache: dict[str, tuple[float, StoredKey | None]] = {}

    async def authenticate(self, token: str) -> Caller | None:
        """The caller whose key `token` is, or None."""
        _, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        if not _KEY_ID.fullmatch(key_id):
            return None
        stored = await self._stored(key_id)
        known = stored.secret_hash if stored else ""
        right = hmac.compare_digest(hash_secret(secret), known)
        if stored is None or not right or stored.revoked_at is not None:
            return None
        return Caller(subject=f"key:{stored.key_id}", scopes=stored.scopes)

    async def _stored(self, key_id: str) -> StoredKey | None:
        now = monotonic()
        cached = self._cache.get(key_id)
        if cached and cached[0] > now:
            return cached[1]
        if len(self._cache) >= _KEY_CACHE_SIZE:
            self._cache.clear()
        stored = await self._load(key_id)
        self._cache[key_id] = (now + _KEY_CACHE_SECONDS, stored)
        return stored


class StaffTokens:
    """Signs and reads the tokens of staff (HS256; the audience keeps other tokens of the installation out)."""

    def __init__(self, secrets: Secrets) -> None:
        self._keys = secrets.keys("staff tokens")

    def issue(self, subject: str, roles: Iterable[Role], now: datetime, lifetime: timedelta) -> str:
        """A token that says that `subject` has `roles` until `now + lifetime`."""
        if subject == EVERYBODY:
            raise ValueError("a token says whose it is")
        claims = {
            "sub": subject,
            "roles": sorted(roles),
            "iss": _ISSUER,
            "aud": "staff",
            "iat": now.timestamp(),  # to the microsecond: a token of the second of a revocation is before it, or after
            "exp": now + lifetime,
            "jti": new_id().hex,
        }
        return jwt.encode(claims, self._keys[0], algorithm="HS256")

    def authenticate(self, token: str) -> Caller | None:
        """The member of staff whose token this is, or None when it is forged, foreign or expired."""
        claims = self._claims(token)
        roles = claims.get("roles", []) if claims else None
        if claims is None or not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            return None
        issued_at = datetime.fromtimestamp(claims["iat"], UTC)
        return Caller(subject=f"{_STAFF}{claims['sub']}", roles=frozenset(roles), issued_at=issued_at)

    def _claims(self, token: str) -> dict[str, Any] | None:
        for key in self._keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=["HS256"],
                    audience="staff",
                    issuer=_ISSUER,
                    options={"require": ["exp", "sub", "aud", "iss", "iat"]},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.InvalidTokenError:
                return None
        return None


@dataclass(frozen=True, slots=True)
class Authority:
    """Everything that a service accepts as a credential. It lives at `app.state.authority`."""

    staff: StaffTokens
    revocations: Revocations
    api_keys: ApiKeys | None = None
    chats: Capabilities | None = None

    async def authenticate(self, token: str) -> Caller | None:
        if token.startswith("sa_"):
            return await self.api_keys.authenticate(token) if self.api_keys else None
        if token.count(".") == 2:  # header, claims and signature of a JWT; a capability has one dot
            return await self._staff(token)
        chat_id = self.chats.read(token) if self.chats else None
        return Caller(subject=f"chat:{chat_id}", chat_id=chat_id) if chat_id else None

    async def _staff(self, token: str) -> Caller | None:
        caller = self.staff.authenticate(token)
        if caller is None or caller.issued_at is None:
            return None
        revoked = await self.revocations.has_ended(caller.subject.removeprefix(_STAFF), caller.issued_at)
        return None if revoked else caller


_bearer = HTTPBearer(auto_error=False, description="An API key, a staff token, or a chat's own token")


@dataclass(frozen=True)
class Access:
    """The permission that a route asks for: any of `scopes` for keys, any of `roles` for staff, or a chat's token.

    Who has it is on `request.state.caller`, too.
    """

    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    chat: bool = False
    is_recorded: bool = True
    """Whether calls leave a row in the access trail (`shared.trail`)."""

    async def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Caller:
        if credentials is None:
            raise Unauthenticated("Send `Authorization: Bearer …` with an API key or a staff token.")
        authority: Authority = request.app.state.authority
        caller = await authority.authenticate(credentials.credentials)
        if caller is None:
            raise Unauthenticated("The credential is not known, was revoked, or has expired.")
        if not self._allows(caller, request.path_params.get("chat_id")):
            raise Forbidden(f"This needs {self._wanted()}.")
        request.state.caller = caller
        request.state.is_recorded = self.is_recorded
        return caller

    def _allows(self, caller: Caller, chat_id: str | None) -> bool:
        if caller.scopes & self.scopes or caller.roles & self.roles:
            return True
        return self.chat and caller.chat_id is not None and str(caller.chat_id) == chat_id

    def _wanted(self) -> str:
        ways = []
        if self.scopes:
            ways.append(f"an API key with the scope {' or '.join(sorted(self.scopes))}")
        if self.roles:
            ways.append(f"a staff token with the role {' or '.join(sorted(self.roles))}")
        if self.chat:
            ways.append("the token of this chat")
        return ", or ".join(ways)


def staff(*roles: Role, is_recorded: bool = True) -> Access:
    """Staff with any of `roles`; an administrator may do everything."""
    return Access(roles=frozenset({*roles, "admin"}), is_recorded=is_recorded)


def door(scope: Scope, *, chat: bool = False, is_recorded: bool = True) -> Access:
    """An integration with `scope`, or a member of staff who types it in for the citizen."""
    roles = frozenset({"agent", "supervisor", "admin"})
    return Access(scopes=frozenset({scope}), roles=roles, chat=chat, is_recorded=is_recorded)


@dataclass
class PublicLimit:
    """How often one address may call routes that need no credential. It lives at `app.state.public_limit`."""

    per_minute: int
    _limiter: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))

    async def check(self, address: str) -> None:
        """Raises `RateLimited` when `address` has used up its minute."""
        if not await self._limiter.hit(RateLimitItemPerMinute(self.per_minute), address):
            raise RateLimited(retry_after_seconds=60)


async def public(request: Request) -> None:
    """Anybody may call this route, but not without end."""
    limit: PublicLimit = request.app.state.public_limit
    await limit.check(request.client.host if request.client else "unknown")


async def anybody() -> None:
    """Anybody may call this route as often as he likes: who watches over the service must not be turned away."""


PUBLIC = Depends(public)
ANYBODY = Depends(anybody)
