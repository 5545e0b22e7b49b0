"""Staff come in by a token of ours or of an issuer, and are told what they are here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from shared import oidc
from shared.clock import utcnow
from shared.db import Database
from shared.revocations import revoke_tokens
from shared.roles import MAY, PERMISSIONS
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from shared.visibility import Visibility
from tests.conftest import SECRETS, staff_header
from tests.services.conftest import built
from tests.serving import serving
from tests.shared.test_oidc import AUDIENCE, OTHER, Signer, signer  # noqa: F401 - a fixture

ME = "/v1/me"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def tickets(common: CommonSettings, issuer: str, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
    """tickets as an installation has it whose staff come by `issuer`."""
    told = {
        "oidc_issuer": issuer,
        "oidc_audience": AUDIENCE,
        "oidc_roles_claim": "realm_access.roles",
        "oidc_roles": {"petugas": "agent"},
        **changes,
    }
    async with serving(built(common.model_copy(update=told))["tickets"]) as http:
        yield http


async def test_me_tells_who_somebody_is_and_what_he_may(common: CommonSettings) -> None:
    sees = Visibility(frozenset({"setjen"}))
    now = utcnow()
    token = StaffTokens(SECRETS).issue("7", ["officer", "auditor"], now, timedelta(hours=1), sees)
    async with serving(built(common)["tickets"]) as http:
        me = (await http.get(ME, headers=bearer(token))).json()
        admin = (await http.get(ME, headers=staff_header("admin"))).json()
        nobody = await http.get(ME)
        without = await http.get(ME, headers=staff_header())
    assert (me["subject"], me["roles"], me["units"]) == ("staff:7", ["auditor", "officer"], ["setjen"])
    assert set(me["may"]) == MAY["officer"] | MAY["auditor"]
    assert me["expires_at"] == f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert (admin["units"], admin["may"]) == (None, list(PERMISSIONS))
    assert (nobody.status_code, without.status_code) == (401, 403)


async def test_token_of_the_issuer_opens_what_its_roles_open_and_no_more(
    common: CommonSettings,
    signer: Signer,  # noqa: F811
) -> None:
    async with tickets(common, signer.url) as http:
        token = signer.token()
        me = (await http.get(ME, headers=bearer(token))).json()
        answers = [await http.get(path, headers=bearer(token)) for path in ("/v1/tickets", "/v1/access-trail")]
        own = await http.get("/v1/tickets", headers=staff_header("agent"))
    assert (me["subject"], me["roles"], me["units"]) == ("staff:8f1c-7", ["agent"], None)
    assert ([answer.status_code for answer in answers], own.status_code) == ([200, 403], 200)


async def test_token_of_the_issuer_is_revoked_by_its_subject(
    common: CommonSettings,
    signer: Signer,  # noqa: F811
) -> None:
    db = Database(common.database_url, schema="tickets")
    async with db.transaction() as session:
        await revoke_tokens(session, "tickets", "8f1c-7", before=utcnow(), by="cli:test", now=utcnow())
    await db.close()
    async with tickets(common, signer.url) as http:
        lost = await http.get(ME, headers=bearer(signer.token()))
        other = await http.get(ME, headers=bearer(signer.token(sub="9")))
        later = utcnow() + timedelta(seconds=31)  # its clock may be ahead of ours by thirty
        again = signer.token(iat=int(later.timestamp()), nbf=None)
        too_early = await http.get(ME, headers=bearer(again))
    assert (lost.status_code, other.status_code, too_early.status_code) == (401, 200, 401)


async def test_installation_may_take_the_issuers_tokens_alone(
    common: CommonSettings,
    signer: Signer,  # noqa: F811
) -> None:
    async with tickets(common, signer.url, local_tokens=False) as http:
        own = await http.get(ME, headers=staff_header("admin"))
        theirs = await http.get(ME, headers=bearer(signer.token()))
    assert (own.status_code, theirs.status_code) == (401, 200)


async def test_issuer_that_is_away_is_no_fault_of_the_token(
    common: CommonSettings,
    signer: Signer,  # noqa: F811
) -> None:
    """Not known yet: come again. And what is surely not good is refused meanwhile as ever."""
    signer.is_away = True
    async with tickets(common, signer.url) as http:
        away = await http.get(ME, headers=bearer(signer.token()))
        own = await http.get(ME, headers=staff_header("agent"))
        foreign = await http.get(ME, headers=bearer(signer.token(OTHER, "x", "ES256", iss="https://lain.example")))
    assert (away.status_code, own.status_code, foreign.status_code) == (503, 200, 401)
    assert away.headers["retry-after"] == "10"
    assert "issuer of staff tokens cannot be reached" in away.json()["detail"]


async def test_no_token_stands_in_a_log(
    common: CommonSettings,
    signer: Signer,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    logged: list[Any] = []
    monkeypatch.setattr(oidc, "log", SimpleNamespace(warning=lambda event, **more: logged.append((event, more))))
    signer.is_away = True
    token = signer.token()
    async with tickets(common, signer.url) as http:
        await http.get(ME, headers=bearer(token))
    assert [event for event, _ in logged] == ["oidc.away"]
    for part in token.split("."):
        assert part not in f"{logged}{caplog.text}"
