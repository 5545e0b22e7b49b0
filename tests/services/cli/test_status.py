"""`satuatap status`: how the services get on, as each says itself."""

from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from services.local.engines import free_port
from services.notify.main import build
from services.notify.service.letters import Letters
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually
from tests.services.notify.given import ledger as ledger_of
from tests.services.notify.given import opened, settings
from tests.services.notify.mail_servers import MailServer
from tests.serving import serving


def at(url: str) -> dict[str, str]:
    return {f"SATUATAP_{name}_URL": url for name in ("INTAKE", "TICKETS", "SURVEY_INDEX", "NOTIFY")}


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_status_tells_that_the_mail_server_refuses_our_password(
    run: Any, common: CommonSettings, clock: FrozenClock
) -> None:
    mail_server = MailServer()

    def unknown(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with mail_server.running(auth_required=True, auth_require_tls=False, authenticator=unknown):
        login = {"smtp_username": "kami", "smtp_password": "salah"}
        service = build(common, settings(smtp_port=mail_server.port, **login), clock)
        async with service.db.transaction() as session:
            ledger = ledger_of(Letters("id"), most_an_hour=12)
            await ledger.enter(session, [opened()], clock())
        async with serving(service, workers=service.workers) as http:

            async def told() -> str | None:
                code, said = await run("status", **at(str(http.base_url).rstrip("/")))
                return said if code == 1 and "courier of email" in said else None

            assert "SMTP 535, to our login" in str(await eventually(told))


async def test_status_of_a_service_that_nobody_reaches_says_so(run: Any) -> None:
    code, said = await run("status", **at(f"http://127.0.0.1:{free_port()}"))
    assert code == 1
    assert said.count("not reached") == 4


async def test_status_without_a_house_says_what_to_do(run: Any, tmp_path: Path) -> None:
    code, said = await run("status", "--data-dir", str(tmp_path))
    assert (code, "satuatap up" in said) == (1, True)
