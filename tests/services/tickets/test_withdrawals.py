"""What a citizen takes back is shown nowhere, and that he took it back is in the trail."""

import httpx
import pytest

from services.tickets.consumers import contact_handlers
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.withdrawals import ContactNotYetHere
from shared.events import ContactReceived, ContactWithdrawn, ContactWithdrawnData
from shared.seal import Seal
from tests.conftest import SECRETS, staff_header
from tests.factories import NOW, TRACE, contact
from tests.services.tickets.conftest import Running

AGENT = staff_header("agent")


def withdrawn(of: ContactReceived) -> ContactWithdrawn:
    data = ContactWithdrawnData(contact_id=of.data.contact_id, withdrawn_at=NOW)
    return ContactWithdrawn.of(data, subject=of.data.contact_id, now=NOW, trace=TRACE)


async def take_back(running: Running, *events: ContactWithdrawn) -> None:
    handlers = contact_handlers(
        Arrivals(rulebook=Rulebook(policy="ptsa", default_unit="contact centre"), seal=Seal(SECRETS))
    )
    async with running.service.db.transaction() as session:
        await handlers[ContactWithdrawn](session, events, running.clock())


async def test_withdrawn_contact_keeps_its_ticket_and_loses_its_words(
    running: Running, http: httpx.AsyncClient
) -> None:
    brought = contact(body="Perusahaan saya tidak membayar upah.")
    await running.receive(brought)
    for _ in range(2):
        await take_back(running, withdrawn(brought))
    [ticket] = (await http.get("/v1/tickets", headers=AGENT)).json()["items"]
    shown = (await http.get(f"/v1/tickets/{ticket['id']}", headers=AGENT)).json()
    [entry] = shown["entries"]
    assert (entry["body"], entry["withdrawn_at"] is not None) == ("", True)
    assert "withdrawn" in [record["verb"] for record in shown["audit"]]


async def test_contact_that_was_not_withdrawn_says_so(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring()
    [entry] = (await http.get(f"/v1/tickets/{ticket}", headers=AGENT)).json()["entries"]
    assert entry["withdrawn_at"] is None


async def test_withdrawal_that_overtakes_its_contact_is_tried_again(running: Running) -> None:
    brought = contact()
    with pytest.raises(ContactNotYetHere):
        await take_back(running, withdrawn(brought))
    await running.receive(brought)
    await take_back(running, withdrawn(brought))
    assert [row.body for row in await running.rows("SELECT body FROM entries")] == [""]
