"""A new secret of the installation changes nobody's lot, and lets nobody be asked again too soon."""

from collections.abc import Sequence
from uuid import UUID

import httpx
import pytest

from services.cli.secrets import PLACES
from services.survey_index.consumers import ticket_handlers
from services.survey_index.service.checks import Checks
from services.survey_index.service.invitations import Invitations
from services.survey_index.service.links import Links
from shared.events import TicketResolved
from shared.reseal import reseal
from shared.seal import Seal
from shared.secret import Secrets
from tests.conftest import SECRET, SECRETS
from tests.factories import ticket_resolved
from tests.services.survey_index.conftest import PUBLIC_URL, RESPONDENTS_72, Running, new_citizen
from tests.services.survey_index.given import bring

NEW = "the next secret of the tests with more than 32 characters"
BOTH = Secrets((NEW, SECRET))


async def drawn(running: Running, secrets: Secrets) -> Sequence[UUID]:
    async with running.service.db.autocommit() as session:
        rows, _ = await Checks(secrets).draw(session, "s", after=None, limit=100)
    return [row.id for row in rows]


async def test_lot_of_who_is_checked_again_outlives_the_secret(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    first = await drawn(running, SECRETS)
    assert await drawn(running, BOTH) == first
    (place,) = (place for place in PLACES if place.table == "lots")
    async with running.service.db.transaction() as session:
        piece = await reseal(session, place, Seal(BOTH), None, look_only=False)
    assert piece.counts.renewed == 1
    assert await drawn(running, Secrets((NEW,))) == first


@pytest.mark.parametrize(("secrets", "asked"), [(BOTH, 1), (Secrets((NEW,)), 2)], ids=["known", "dropped"])
async def test_who_was_asked_lately_is_known_as_long_as_the_secret_of_then_is(
    running: Running, secrets: Secrets, asked: int
) -> None:
    citizen = new_citizen()
    await running.resolve(ticket_resolved(citizen=citizen))
    invitations = Invitations(links=Links(secrets=secrets, public_url=PUBLIC_URL), secrets=secrets, survey="layanan")
    async with running.service.db.transaction() as session:
        again = [ticket_resolved(citizen=citizen)]
        await ticket_handlers(invitations)[TicketResolved](session, again, running.clock())
    assert len(await running.invitations()) == asked


async def test_link_of_an_older_secret_opens_as_long_as_that_is_known(running: Running) -> None:
    token = await running.token()
    known, dropped = Links(secrets=BOTH, public_url=PUBLIC_URL), Links(secrets=Secrets((NEW,)), public_url=PUBLIC_URL)
    assert known.read(token) == running.links.read(token)
    with pytest.raises(Exception, match="not one of ours"):
        dropped.read(token)
