"""Who may call what. Every route says so: `Access` for keys and staff, `PUBLIC` for what needs neither.

Integrations carry an API key (`sa_<id>_<secret>`), stored only as a hash and allowed only its scopes. A widget in a
page carries one that everybody can read there: it opens chats from that page, and does nothing else. Staff carry a
signed token (JWT) with roles, of our own or of an OpenID Connect issuer. A citizen carries a capability: a tracking
code, a chat's token, a survey link.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.api_keys import KEY_PREFIX, ApiKeys
from shared.caller import ROLES, WIDGET, Caller, KeyChannel, Scope, Widget
from shared.edge import RATE_LIMIT
from shared.errors import FieldError, Forbidden, RateLimited, Unauthenticated
from shared.key_uses import KeyUses, Standing
from shared.limits import caller_of, count_public
from shared.oidc import Issuer
from shared.revocations import Revocations
from shared.roles import SEE_BELOW, Permission, roles_that_may
from shared.signing import Capabilities
from shared.staff_tokens import STAFF, StaffTokens
from shared.visibility import EVERYTHING, Visibility
from shared.wiring import wiring_of

Widen = Callable[[Visibility], Awaitable[Visibility]]


@dataclass(frozen=True, slots=True)
class Authority:
    """Everything that a service accepts as a credential. It is wired into every app."""

    staff: StaffTokens | None
    revocations: Revocations
    api_keys: ApiKeys | None = None
    chats: Capabilities | None = None
    key_uses: KeyUses | None = None
    issuer: Issuer | None = None
    widen: Widen | None = None
    """Which cases he sees who sees those of the units below his own, too, where units are known."""

    async def authenticate(self, token: str) -> Caller | None:
        """Whose credential `token` is, as far as is known here."""
        if token.startswith(KEY_PREFIX):
            return await self.api_keys.authenticate(token) if self.api_keys else None
        if token.count(".") == 2:  # header, claims and signature of a JWT; a capability has one dot
            return await self._in_force(self._of_staff(token))
        chat_id = self.chats.read(token) if self.chats else None
        return Caller(subject=f"chat:{chat_id}", chat_id=chat_id) if chat_id else None

    async def ask_again(self, token: str) -> Caller | None:
        """The same of one who is not known here, but may have become known elsewhere."""
        if self.api_keys and token.startswith(KEY_PREFIX):
            return await self.api_keys.ask_again(token)
        if self.issuer and token.count(".") == 2:
            return await self._in_force(await self.issuer.ask_again(token))
        return None

    def _of_staff(self, token: str) -> Caller | None:
        caller = self.staff.authenticate(token) if self.staff else None
        return caller or (self.issuer.authenticate(token) if self.issuer else None)

    async def _in_force(self, caller: Caller | None) -> Caller | None:
        """A member of staff whose token was not revoked, with the units that are his now."""
        if caller is None or caller.issued_at is None:
            return None
        if await self.revocations.has_ended(caller.subject.removeprefix(STAFF), caller.issued_at):
            return None
        if self.widen and caller.sees.units and caller.roles & SEE_BELOW:
            return replace(caller, sees=await self.widen(caller.sees))
        return caller


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


def staff(permission: Permission, *, is_recorded: bool = True, by_unit: bool = False) -> Access:
    """Staff with a permission (`shared.roles`). Staff of single units may only with `by_unit`."""
    return Access(roles=roles_that_may(permission), is_recorded=is_recorded, by_unit=by_unit)


def anybody_of_staff() -> Access:
    """Staff with any role at all, for what is about the caller himself."""
    return Access(roles=frozenset(ROLES), is_recorded=False, by_unit=True)


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
    roles = roles_that_may("contacts:enter")
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
