"""Tokens of an OpenID Connect issuer, which really listens, turns its keys over, and goes away."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared import oidc
from shared.clock import utcnow
from shared.oidc import Issuer, IssuerAway, Words
from shared.visibility import EVERYTHING, Visibility
from tests.serving import listening

AUDIENCE = "satuatap"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def published(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """A key as an issuer shows it."""
    if isinstance(key, rsa.RSAPrivateKey):
        shown = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        shown = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**shown, "kid": kid, "use": "sig", **more}


@dataclass
class Signer:
    """A small issuer: what it shows may be changed, and it counts who asks."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(RSA, "first"), published(EC, "ec")])
    claims_to_be: str | None = None
    is_away: bool = False
    asked: int = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/realm/.well-known/openid-configuration", self._about), Route("/realm/keys", self._keys)]
        )

    async def _about(self, _: Request) -> Response:
        if self.is_away:
            return Response(status_code=502)
        return JSONResponse({"issuer": self.claims_to_be or self.url, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: Request) -> Response:
        self.asked += 1
        return JSONResponse({"keys": self.keys})

    def token(self, key: Any = RSA, kid: str | None = "first", algorithm: str = "RS256", **changes: Any) -> str:
        now = utcnow()
        claims = {
            "iss": self.url,
            "aud": ["others", AUDIENCE],
            "sub": "8f1c-7",
            "iat": int(now.timestamp()),
            "exp": now + timedelta(minutes=5),
            "realm_access": {"roles": ["petugas", "offline_access"]},
            **changes,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(told, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


@pytest_asyncio.fixture
async def signer() -> AsyncIterator[Signer]:
    made = Signer()
    async with listening(made.app()) as server:
        made.url = f"http://127.0.0.1:{server.config.port}/realm"
        yield made


@pytest.fixture
def issuer(signer: Signer) -> Issuer:
    words = Words("realm_access.roles", {"petugas": "agent"})
    return Issuer(url=signer.url, audience=AUDIENCE, words=words)


def later(issuer: Issuer) -> None:
    """As if ten seconds had passed, after which it may ask again."""
    issuer._next_request = float("-inf")


async def test_token_of_the_issuer_says_who_comes_and_what_he_is_here(signer: Signer, issuer: Issuer) -> None:
    for token in (signer.token(), signer.token(RSA, "first", "PS256"), signer.token(EC, "ec", "ES256")):
        caller = await issuer.ask_again(token)
        assert caller is not None
        assert (caller.subject, caller.roles, caller.sees) == ("staff:8f1c-7", frozenset({"agent"}), EVERYTHING)
        assert caller.issued_at is not None
        assert caller.expires_at is not None
        assert timedelta(minutes=5) <= caller.expires_at - caller.issued_at <= timedelta(minutes=6)
        assert issuer.authenticate(token) == caller
    assert signer.asked == 1


def unsigned(signer: Signer) -> str:
    return signer.token(None, "first", "none")


def signed_with_the_public_key(signer: Signer) -> str:
    """What a library takes that looks at the header alone: HS256, and the key that everybody knows for its password."""
    pem = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(signer.token(), options={"verify_signature": False})
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": "first"}, claims)
    ]
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(b".".join(parts), pem)
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


NOT_GOOD = {
    "for another audience": lambda signer: signer.token(aud="another"),
    "for no audience": lambda signer: signer.token(aud=None),
    "expired": lambda signer: signer.token(exp=utcnow() - timedelta(minutes=1)),
    "without an end": lambda signer: signer.token(exp=None),
    "of no moment": lambda signer: signer.token(iat=None),
    "of tomorrow": lambda signer: signer.token(iat=utcnow() + timedelta(days=1)),
    "of a moment that no calendar has": lambda signer: signer.token(exp=10**17),
    "not valid yet": lambda signer: signer.token(nbf=utcnow() + timedelta(hours=1)),
    "of nobody": lambda signer: signer.token(sub=""),
    "of a name that cannot be printed": lambda signer: signer.token(sub="a\0b"),
    "of a name that is too long": lambda signer: signer.token(sub="x" * 256),
    "of another issuer": lambda signer: signer.token(iss="https://lain.contoh.example"),
    "signed by another": lambda signer: signer.token(OTHER, "ec", "ES256"),
    "by a key of another kind": lambda signer: signer.token(EC, "first", "ES256"),
    "not signed": unsigned,
    "signed with the public key": signed_with_the_public_key,
    "without the name of its key": lambda signer: signer.token(kid=None),
    "rubbish": lambda _: "a.b.c",
}


@pytest.mark.parametrize("make", NOT_GOOD.values(), ids=NOT_GOOD.keys())
async def test_token_that_is_not_good_is_nobodys(signer: Signer, issuer: Issuer, make: Any) -> None:
    assert await issuer.ask_again(signer.token()) is not None
    token = make(signer)
    assert (issuer.authenticate(token), await issuer.ask_again(token)) == (None, None)
    assert signer.asked == 1


async def test_key_for_one_algorithm_serves_for_no_other(signer: Signer, issuer: Issuer) -> None:
    signer.keys = [published(RSA, "first", alg="RS256")]
    assert await issuer.ask_again(signer.token()) is not None
    assert await issuer.ask_again(signer.token(algorithm="RS512")) is None


async def test_keys_that_may_not_sign_are_none(signer: Signer, issuer: Issuer) -> None:
    secret = b"a password of both sides, shown to all"
    shown = {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(secret).decode()}
    signer.keys = [published(RSA, "first", use="enc"), shown, {"kid": 7}, {"kty": "RSA"}, published(EC, "ec")]
    assert await issuer.ask_again(signer.token(EC, "ec", "ES256")) is not None
    assert await issuer.ask_again(signer.token()) is None
    assert await issuer.ask_again(signer.token(secret, "oct", "HS256")) is None


async def test_key_that_was_turned_over_is_asked_for_once_and_the_old_one_ends(signer: Signer, issuer: Issuer) -> None:
    old, new = signer.token(EC, "ec", "ES256"), signer.token(OTHER, "second", "ES256")
    assert await issuer.ask_again(old) is not None
    signer.keys = [published(OTHER, "second")]
    assert await issuer.ask_again(new) is None, "it asked a moment ago"
    later(issuer)
    found = await asyncio.gather(*(issuer.ask_again(new) for _ in range(20)))
    assert all(found)
    assert signer.asked == 2
    assert issuer.authenticate(old) is None


async def test_keys_that_are_known_serve_while_the_issuer_is_away(signer: Signer, issuer: Issuer) -> None:
    known, unknown = signer.token(), signer.token(OTHER, "second", "ES256")
    await issuer.step()
    assert (issuer.authenticate(known) is not None, issuer.trouble) == (True, None)
    signer.is_away = True
    later(issuer)
    with pytest.raises(IssuerAway):
        await issuer.ask_again(unknown)
    assert await issuer.ask_again(known) is not None
    assert issuer.trouble == f"the keys of {signer.url} cannot be fetched: it answers 502"
    signer.is_away, signer.keys = False, [published(OTHER, "second")]
    later(issuer)
    assert await issuer.ask_again(unknown) is not None
    assert issuer.trouble is None


async def test_issuer_that_was_never_reached_is_told_as_such_and_others_tokens_are_not_waited_for() -> None:
    signer = Signer("http://127.0.0.1:1/realm")  # nobody listens there
    issuer = Issuer(url=signer.url, audience=AUDIENCE, words=Words("roles"))
    for _ in range(2):
        with pytest.raises(IssuerAway) as away:
            await issuer.ask_again(signer.token())
    assert (away.value.status, away.value.headers) == (503, {"Retry-After": "10"})
    for others in (signer.token(iss="https://lain.contoh.example"), "a.b.c", signer.token(kid=None)):
        assert await issuer.ask_again(others) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"claims_to_be": "https://lain.contoh.example"}, "its discovery document is of another issuer"),
        ({"keys": []}, "it shows no key with a name (kid) that may sign"),
        ({"keys": "none"}, "it shows no key with a name (kid) that may sign"),
        ({"keys": [{"kid": "x" * 1_100_000}]}, "what it shows is too long"),
    ],
)
async def test_issuer_that_shows_something_else_is_not_believed(
    signer: Signer, issuer: Issuer, change: dict[str, Any], said: str
) -> None:
    for name, value in change.items():
        setattr(signer, name, value)
    with pytest.raises(IssuerAway):
        await issuer.ask_again(signer.token())
    assert issuer.trouble is not None
    assert issuer.trouble.endswith(said)


async def test_keys_are_not_fetched_from_where_anybody_may_stand_between(monkeypatch: pytest.MonkeyPatch) -> None:
    async def about(_session: object, url: str) -> dict[str, Any]:
        return {"issuer": "https://masuk.contoh.example", "jwks_uri": "http://masuk.contoh.example/keys"}

    monkeypatch.setattr(oidc, "_fetch", about)
    issuer = Issuer(url="https://masuk.contoh.example", audience=AUDIENCE, words=Words("roles"))
    await issuer.step()
    assert "no https address" in (issuer.trouble or "")


# -- what its words mean ----------------------------------------------------------------------------------------

CLAIMS = orjson.loads("""{
    "roles": "supervisor", "groups": ["/pusat", "/pencairan", "/lain", 7],
    "realm_access": {"roles": ["petugas", "kepala", "offline_access"]},
    "https://contoh.example/roles": ["admin", "raja"]
}""")


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        (Words("roles"), {"supervisor"}),
        (Words("https://contoh.example/roles"), {"admin"}),
        (Words("realm_access.roles"), set()),
        (Words("realm_access.roles", {"petugas": "agent", "kepala": "unit_head"}), {"agent", "unit_head"}),
        (Words("roles", {"petugas": "agent"}), set()),
        (Words("realm_access"), set()),
        (Words("groups.roles.x"), set()),
        (Words("nowhere.at.all"), set()),
    ],
)
def test_roles_are_found_by_a_dotted_path_and_meant_as_the_settings_say(words: Words, roles: set[str]) -> None:
    assert words.roles_in(CLAIMS) == roles


@pytest.mark.parametrize(
    ("words", "sees"),
    [
        (Words("roles"), EVERYTHING),
        (Words("roles", units_claim="nowhere"), Visibility(frozenset())),
        (Words("roles", units_claim="groups", units={"/pencairan": "prakerja-pencairan"}), {"prakerja-pencairan"}),
        (Words("roles", units_claim="groups", units={"/pusat": "*", "/pencairan": "prakerja-pencairan"}), EVERYTHING),
        (Words("roles", units_claim="groups", units={"/setjen": "setjen"}), Visibility(frozenset())),
    ],
)
def test_units_are_those_that_the_settings_name_and_who_names_none_sees_none(words: Words, sees: object) -> None:
    assert words.sees_in(CLAIMS) == (Visibility(frozenset(sees)) if isinstance(sees, set) else sees)
