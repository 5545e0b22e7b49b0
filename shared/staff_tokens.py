"""The tokens of staff (JWT): how they are signed and read."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from shared.caller import Caller, Role
from shared.ids import new_id
from shared.revocations import EVERYBODY
from shared.secret import Secrets
from shared.visibility import EVERYTHING, Visibility

_ISSUER = "satuatap"
STAFF = "staff:"
"""What the subject of a member of staff begins with."""


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
            subject=f"{STAFF}{claims['sub']}",
            roles=roles,
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
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
