"""Tokens of staff that an OpenID Connect issuer signed: its keys, and what its words mean here.

The keys are fetched by discovery and kept: while the issuer is away, those that are known serve. A key that is not
known is asked for at once, at most every ten seconds; one that the issuer no longer shows ends at the next look. Only
asymmetric algorithms are taken, and none that the key is not for: a public key never serves as a password.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import aiohttp
import certifi
import jwt
import orjson

from shared.addresses import is_safe_url
from shared.caller import ROLES, Caller
from shared.errors import Unavailable
from shared.staff_tokens import STAFF
from shared.telemetry import log
from shared.visibility import EVERYTHING, Visibility
from shared.worker import Worker

_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
EVERY_UNIT = "*"
"""The word for a unit by which an issuer's group stands for all of them."""
_SKEW = timedelta(seconds=30)
_AGAIN_SECONDS = 10
_LOOK_EVERY_SECONDS = 300
_LONGEST_SUBJECT = 255
_MOST_BYTES = 1_000_000
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_REQUIRED = ["exp", "sub", "aud", "iss", "iat"]
_MAY_SIGN = ("RSA", "EC", "OKP")


class IssuerAway(Unavailable):
    """The issuer of staff tokens cannot be reached, and the key of this token is not known."""

    def __init__(self) -> None:
        super().__init__(
            "The issuer of staff tokens cannot be reached just now, and its key is needed to read this one.",
            _AGAIN_SECONDS,
        )


class _Unusable(Exception):
    """What the issuer shows is not what OpenID Connect Discovery 1.0 says that it shows."""


@dataclass(frozen=True, slots=True)
class Words:
    """Where a token says roles and units (dotted paths), and which of its words stand for which of ours.

    Without `roles` its words for roles are ours. Without `units_claim` everybody is for every unit; with it, who names
    no unit is for none.
    """

    roles_claim: str
    roles: Mapping[str, str] = field(default_factory=dict)
    units_claim: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def roles_in(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Those of our roles that a token gives."""
        return frozenset(ROLES).intersection(_ours(_listed(claims, self.roles_claim), self.roles))

    def sees_in(self, claims: Mapping[str, Any]) -> Visibility:
        """Of which units somebody is."""
        if self.units_claim is None:
            return EVERYTHING
        units = _ours(_listed(claims, self.units_claim), self.units)
        return EVERYTHING if EVERY_UNIT in units else Visibility(units)


class Issuer(Worker):
    """Reads the tokens of one issuer, and looks at its keys again every five minutes."""

    name = "oidc"
    essential = False

    def __init__(self, *, url: str, audience: str, words: Words) -> None:
        self._url = url
        self._audience = audience
        self._words = words
        self._published: dict[str, dict[str, Any]] = {}
        self._keys: dict[tuple[str, str], jwt.PyJWK | None] = {}
        self._asking = asyncio.Lock()
        self._next_request = self._next_look = float("-inf")

    def authenticate(self, token: str) -> Caller | None:
        """The member of staff whose token this is; None if it is not good, or its key is not known."""
        kid, algorithm = _signed_by(token)
        key = self._key(kid, algorithm)
        if key is None:
            return None
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._url,
                leeway=_SKEW,
                options={"require": _REQUIRED},
            )
            return self._caller(claims)
        except (jwt.InvalidTokenError, OverflowError, OSError):  # the last two: a moment that no calendar has
            return None

    async def ask_again(self, token: str) -> Caller | None:
        """The same after a look whether the issuer has the key by now. Raises `IssuerAway`."""
        kid, _ = _signed_by(token)
        if not kid or _claimed_issuer(token) != self._url:
            return None
        if kid not in self._published:
            await self._look()
            if self.trouble and kid not in self._published:
                raise IssuerAway
        return self.authenticate(token)

    async def step(self) -> None:
        """Looks at the keys if it is time, or waits a moment."""
        if monotonic() < self._next_look:
            await asyncio.sleep(1)
            return
        await self._look()
        self._next_look = monotonic() + (_AGAIN_SECONDS if self.trouble else _LOOK_EVERY_SECONDS)

    async def _look(self) -> None:
        """Fetches the keys, unless somebody did so a moment ago."""
        async with self._asking:
            if monotonic() < self._next_request:
                return
            try:
                self._published, self._keys = await _fetch_keys(self._url), {}
                self.trouble = None
            except (aiohttp.ClientError, OSError, ValueError, _Unusable) as error:
                reason = str(error) if isinstance(error, _Unusable) else type(error).__name__
                self.trouble = f"the keys of {self._url} cannot be fetched: {reason}"
                log.warning("oidc.away", reason=reason, known=len(self._published))
            self._next_request = monotonic() + _AGAIN_SECONDS

    def _key(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """The key of this name, for this algorithm; None where it is unknown, or for another one."""
        if kid not in self._published or algorithm not in _ALGORITHMS:
            return None
        if (kid, algorithm) not in self._keys:
            self._keys[kid, algorithm] = _made(self._published[kid], algorithm)
        return self._keys[kid, algorithm]

    def _caller(self, claims: Mapping[str, Any]) -> Caller | None:
        subject = claims["sub"]
        if not (0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()):
            return None
        return Caller(
            subject=f"{STAFF}{subject}",
            roles=self._words.roles_in(claims),
            # its clock may be ahead of ours: a token from before a revocation must not seem to be from after it
            issued_at=datetime.fromtimestamp(claims["iat"], UTC) - _SKEW,
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            sees=self._words.sees_in(claims),
        )


def _signed_by(token: str) -> tuple[str, str]:
    """The name of the key and the algorithm that a token's header names; empty where it names none."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        return "", ""
    return str(header.get("kid") or ""), str(header.get("alg") or "")


def _claimed_issuer(token: str) -> object:
    try:
        return jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.InvalidTokenError:
        return None


def _made(published: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    if published.get("alg", algorithm) != algorithm:
        return None
    try:
        return jwt.PyJWK(published, algorithm=algorithm)
    except jwt.PyJWTError:  # of another kind than the algorithm, or damaged
        return None


async def _fetch_keys(issuer: str) -> dict[str, dict[str, Any]]:
    """The keys that an issuer shows, by their names. Raises `_Unusable`, and what the network raises."""
    trusted = ssl.create_default_context(cafile=certifi.where())
    trusted.load_default_certs()
    connector = aiohttp.TCPConnector(ssl=trusted)
    async with aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector) as session:
        about = await _fetch(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != issuer:
            raise _Unusable("its discovery document is of another issuer")
        place = about.get("jwks_uri")
        if not isinstance(place, str) or not is_safe_url(place):
            raise _Unusable("its jwks_uri is no https address")
        listed = (await _fetch(session, place)).get("keys")
    keys = {str(key["kid"]): key for key in listed if _may_sign(key)} if isinstance(listed, list) else {}
    if not keys:
        raise _Unusable("it shows no key with a name (kid) that may sign")
    return keys


def _may_sign(key: Any) -> bool:
    is_named = isinstance(key, dict) and isinstance(key.get("kid"), str)
    return is_named and key.get("kty") in _MAY_SIGN and key.get("use", "sig") == "sig"


async def _fetch(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise _Unusable(f"it answers {answer.status}")
        body = bytearray()
        async for piece in answer.content.iter_chunked(65_536):
            body += piece
            if len(body) > _MOST_BYTES:
                raise _Unusable("what it shows is too long")
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise _Unusable("what it shows is no JSON object")
    return document


def _listed(claims: object, path: str) -> Sequence[str]:
    """The words at a dotted path. A claim whose own name has dots, as a URL, is found by it."""
    if not isinstance(claims, Mapping):
        return ()
    if path not in claims:
        first, _, rest = path.partition(".")
        return _listed(claims.get(first), rest) if rest else ()
    words = claims[path]
    listed = words if isinstance(words, list) else [words]
    return [word for word in listed if isinstance(word, str)]


def _ours(words: Sequence[str], meaning: Mapping[str, str]) -> frozenset[str]:
    """What words mean here; as they are where nothing was said of any."""
    return frozenset(meaning[word] for word in words if word in meaning) if meaning else frozenset(words)
