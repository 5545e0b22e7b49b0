"""Who may call what. Every route says so: `Access` for keys and staff, `PUBLIC` for what needs neither.

Integrations carry an API key (`sa_<id>_<secret>`), stored only as a hash and allowed only its scopes. A widget in a
page carries one that everybody can read there: it opens chats from that page, and does nothing else. Staff carry a
signed token (JWT) with roles. A citizen carries a capability: a tracking code, a chat's token, a survey link.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.edge import RATE_LIMIT
from shared.errors import FieldError, Forbidden, RateLimited, Unauthenticated
from shared.ids import new_id
from shared.key_uses import KeyInUse, KeyUses, Standing
from shared.limits import caller_of, count_public
from shared.revocations import EVERYBODY, Revocations
from shared.secret import Secrets
from shared.signing import Capabilities
from shared.visibility import EVERYTHING, Visibility
from shared.wiring import wiring_of

Role = Literal["agent", "supervisor", "officer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
Scope = Literal["contacts:write", "chats:read", "booths:write", "calls:write", "answers:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
KeyChannel = Literal["form", "chat", "email", "call", "booth"]
CHANNELS: tuple[KeyChannel, ...] = get_args(KeyChannel)
"""What a key may be bound to: channels whose routes take keys."""
WIDGET = "chats:open"
"""The one scope of a widget's key, and of no other."""

_ISSUER = "satuatap"
_STAFF = "staff:"
_KEY_PREFIX = "sa_"
_KEYS_KEPT_SECONDS = 10.0
_KEYS_AT_MOST_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Widget:
    """What binds a key that everybody can read: the origins of its pages, and how many chats it opens in a minute."""

    origins: frozenset[str]
    per_minute: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `subject` is a stable name without personal data, such as `key:3f…` or `staff:budi`."""

    subject: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    chat_id: UUID | None = None
    widget: Widget | None = None
    channels: frozenset[str] | None = None
    """To which channels his key is bound; None for all."""
    key: KeyInUse | None = None
    issued_at: datetime | None = None
    """When his token was signed, of staff."""
    sees: Visibility = EVERYTHING
    """Which cases he sees: of staff, what his token says."""


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
    return f"{_KEY_PREFIX}{key_id}_{secret}", key_id, hash_secret(secret)


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
        return await self._read(token, _KEYS_KEPT_SECONDS)

    async def ask_again(self, token: str) -> Caller | None:
        """The same for a key that may have been made just now: from a copy that is a second old at the most."""
        return await self._read(token, _KEYS_AT_MOST_EVERY_SECONDS)

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


class StaffTokens:
    """Signs and reads the tokens of staff (HS256; the audience keeps other tokens of the installation out)."""

    def __init__(self, secrets: Secrets) -> None:
        self._keys = secrets.keys("staff tokens")

    def issue(
        self,
        subject: str,
        roles: Iterable[Role],
        now: datetime,
        lifetime: timedelta,
        sees: Visibility = EVERYTHING,
    ) -> str:
        """A token that says that `subject` has `roles`, and which cases he sees, until `now + lifetime`."""
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
        if sees.units is not None:
            claims["units"] = sorted(sees.units)
        return jwt.encode(claims, self._keys[0], algorithm="HS256")

    def authenticate(self, token: str) -> Caller | None:
        """The member of staff whose token this is, or None when it is forged, foreign or expired."""
        claims = self._claims(token)
        roles = _words(claims, "roles") if claims else None
        units = _words(claims, "units") if claims else None
        if claims is None or roles is None or units is None:
            return None
        return Caller(
            subject=f"{_STAFF}{claims['sub']}",
            roles=roles,
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            sees=Visibility(units) if "units" in claims else EVERYTHING,
        )

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


def _words(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """The words that a token lists under `name`; None if that is no list of words."""
    words = claims.get(name, [])
    is_list = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return frozenset(words) if is_list else None


@dataclass(frozen=True, slots=True)
class Authority:
    """Everything that a service accepts as a credential. It is wired into every app."""

    staff: StaffTokens
    revocations: Revocations
    api_keys: ApiKeys | None = None
    chats: Capabilities | None = None
    key_uses: KeyUses | None = None

    async def authenticate(self, token: str) -> Caller | None:
        """Whose credential `token` is, as far as is known here."""
        if token.startswith(_KEY_PREFIX):
            return await self.api_keys.authenticate(token) if self.api_keys else None
        if token.count(".") == 2:  # header, claims and signature of a JWT; a capability has one dot
            return await self._staff(token)
        chat_id = self.chats.read(token) if self.chats else None
        return Caller(subject=f"chat:{chat_id}", chat_id=chat_id) if chat_id else None

    async def ask_again(self, token: str) -> Caller | None:
        """The same of one who is not known here, but may have become known elsewhere."""
        if self.api_keys and token.startswith(_KEY_PREFIX):
            return await self.api_keys.ask_again(token)
        return None

    async def _staff(self, token: str) -> Caller | None:
        caller = self.staff.authenticate(token)
        if caller is None or caller.issued_at is None:
            return None
        revoked = await self.revocations.has_ended(caller.subject.removeprefix(_STAFF), caller.issued_at)
        return None if revoked else caller


_bearer = HTTPBearer(auto_error=False, description="An API key, a staff token, or a chat's own token")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True)
class Access:
    """The permission that a route asks for: any of `scopes` for keys, any of `roles` for staff, or a chat's token.

    Who has it is on `request.state.caller`, too.
    """

    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    channel: KeyChannel | None = None
    """The channel of the route, for which a key may be."""
    chat: bool = False
    is_recorded: bool = True
    """Whether calls leave a row in the access trail (`shared.trail`)."""
    by_unit: bool = False
    """Whether the route holds back what is of other units: then staff of single units may call it, too."""

    async def __call__(self, request: Request, credentials: Credentials) -> Caller:
        if credentials is None:
            raise Unauthenticated("Send `Authorization: Bearer …` with an API key or a staff token.")
        caller = await _caller(request, credentials.credentials)
        if not self._allows(caller, request.path_params.get("chat_id")):
            raise Forbidden(f"This needs {self._requirement()}.")
        standing = _count(request, caller)
        if standing is not None and standing.is_over:
            raise RateLimited("Too many requests came with this key within a minute.", standing.seconds)
        if caller.widget:
            await _bound(request, caller.subject, caller.widget)
        request.state.caller = caller
        request.state.is_recorded = self.is_recorded
        return caller

    async def recognise(self, request: Request) -> Caller | None:
        """The caller, if he is known, has the permission and is no widget, and his key is within its limit: then
        there is nothing to refuse.
        """
        credentials = await _bearer(request)
        if credentials is None:
            return None
        caller = await wiring_of(request).authority.authenticate(credentials.credentials)
        if caller is None or caller.widget or not self._allows(caller, request.path_params.get("chat_id")):
            return None
        standing = _count(request, caller)
        return caller if standing is None or not standing.is_over else None

    def _allows(self, caller: Caller, chat_id: str | None) -> bool:
        if caller.scopes & self.scopes and self._is_of_channel(caller):
            return True
        if caller.roles & self.roles and (self.by_unit or caller.sees == EVERYTHING):
            return True
        return self.chat and caller.chat_id is not None and str(caller.chat_id) == chat_id

    def _is_of_channel(self, caller: Caller) -> bool:
        return caller.channels is None or self.channel is None or self.channel in caller.channels

    def _requirement(self) -> str:
        ways = []
        if self.scopes:
            bound = f", and for the channel {self.channel}" if self.channel else ""
            ways.append(f"an API key with the scope {' or '.join(sorted(self.scopes))}{bound}")
        if self.roles:
            whose = "" if self.by_unit else " for every unit"
            ways.append(f"a staff token{whose} with the role {' or '.join(sorted(self.roles))}")
        if self.chat:
            ways.append("the token of this chat")
        return ", or ".join(ways)


async def _caller(request: Request, token: str) -> Caller:
    """Whose credential `token` is. Raises `Unauthenticated`, or `RateLimited` before anybody is asked once more."""
    authority = wiring_of(request).authority
    caller = await authority.authenticate(token)
    if caller is not None:
        return caller
    limits = wiring_of(request).limits
    await limits.failing(caller_of(request))
    caller = await authority.ask_again(token)
    if caller is None:
        await limits.failed(caller_of(request))
        raise Unauthenticated("The credential is not known, was revoked, or has expired.")
    return caller


def _count(request: Request, caller: Caller) -> Standing | None:
    """Counts a request of a key, and has the answer tell how the key stands to its limit, if it has one."""
    uses = wiring_of(request).authority.key_uses
    if caller.key is None or uses is None:
        return None
    standing = uses.count(caller.key)
    if standing is not None:
        request.scope["state"][RATE_LIMIT] = standing.headers
    return standing


async def _bound(request: Request, key: str, widget: Widget) -> None:
    """Holds a widget's key to its pages, and to its number of chats. Raises `Forbidden` and `RateLimited`."""
    if request.headers.get("Origin") not in widget.origins:
        fault = FieldError("Origin", "is missing, or is none of this key's", "the origin of a page that the key lists")
        raise Forbidden(
            "This key opens chats from the pages that it was made for, and from nowhere else.", errors=[fault]
        )
    limits = wiring_of(request).limits
    await limits.opens_chat(caller_of(request), key, widget.per_minute)


def visibility(access: Access) -> Callable[[Caller], Awaitable[Visibility]]:
    """A dependency: which cases the caller sees who has this permission."""

    async def sees(caller: Annotated[Caller, Depends(access)]) -> Visibility:
        return caller.sees

    return sees


def staff(*roles: Role, is_recorded: bool = True, by_unit: bool = False) -> Access:
    """Staff with any of `roles`; an administrator may do everything. Staff of single units may only with `by_unit`."""
    return Access(roles=frozenset({*roles, "admin"}), is_recorded=is_recorded, by_unit=by_unit)


def integration(
    scope: Scope,
    channel: KeyChannel | None = None,
    *,
    chat: bool = False,
    widget: bool = False,
    is_recorded: bool = True,
) -> Access:
    """An integration with `scope` whose key is for `channel`, or a member of staff who types it in for the citizen."""
    scopes = {scope, WIDGET} if widget else {scope}
    roles = frozenset({"agent", "supervisor", "admin"})
    return Access(scopes=frozenset(scopes), roles=roles, channel=channel, chat=chat, is_recorded=is_recorded)


async def public(request: Request) -> None:
    """Anybody may call this route, but not without end."""
    await count_public(request)


async def anybody() -> None:
    """Anybody may call this route as often as he likes: who watches over the service must not be turned away."""


async def signed(request: Request) -> None:
    """Whoever calls has signed what he brings, which the route checks before it keeps any of it (`not_signed`)."""


async def not_signed(request: Request) -> None:
    """Counts a signature that did not fit. Raises `RateLimited` where too many came from that address."""
    limits = wiring_of(request).limits
    await limits.failing(caller_of(request))
    await limits.failed(caller_of(request))


PUBLIC = Depends(public)
SIGNED = Depends(signed)
ANYBODY = Depends(anybody)
