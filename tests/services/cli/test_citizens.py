"""`satuatap citizens`: what is known of a citizen, and its erasure."""

import json
from typing import Any

from sqlalchemy import text as _text

from services.tickets.consumers import contact_handlers
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from shared.events import ContactReceived
from shared.seal import Seal
from shared.settings import CommonSettings
from tests.conftest import SECRETS, FrozenClock
from tests.factories import CITIZEN, contact
from tests.services.conftest import built

CODE = "7K3Q-WM9X-TB40"


async def test_citizen_is_shown_all_that_is_known_and_then_erased(
    run: Any, common: CommonSettings, clock: FrozenClock
) -> None:
    services = built(common, clock)
    rulebook = Rulebook(policy="ptsa", default_unit="contact centre")
    handlers = contact_handlers(Arrivals(rulebook=rulebook, seal=Seal(SECRETS)))
    async with services["tickets"].db.transaction() as session:
        await handlers[ContactReceived](session, [contact(tracking_code=CODE, citizen=CITIZEN)], clock())
    code, said = await run("citizens", "export", CODE.lower())
    known = json.loads(said)
    assert (code, known.keys()) == (0, {"tickets", "intake", "notify", "survey_index"})
    assert [handle["value"] for handle in known["tickets"]["handles"]] == [CITIZEN.email, CITIZEN.phone]
    code, said = await run("citizens", "erase", CODE, "--reason", "Permohonan 44")
    assert (code, "1 ticket" in said) == (0, True)
    code, said = await run("citizens", "export", known["tickets"]["citizen"][0]["id"])
    assert str(CITIZEN.email) not in said
    async with services["tickets"].db.autocommit() as session:
        rows = await session.execute(_text("SELECT subject, action FROM access_trail ORDER BY id"))
        assert [row.action for row in rows] == ["citizens export", "citizens erase", "citizens export"]
    for service in services.values():
        await service.close()


async def test_who_is_not_known_is_not_erased(run: Any) -> None:
    code, said = await run("citizens", "erase", "siapa", "--reason", "Permohonan 44")
    assert (code, "neither the tracking code" in " ".join(said.split())) == (2, True)
