"""survey_index, wired for tests."""

import csv
import io
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from pydantic import HttpUrl
from sqlalchemy import text

from services.survey_index.consumers import ticket_handlers
from services.survey_index.domain.instruments import Instrument, builtin
from services.survey_index.main import build
from services.survey_index.service.invitations import Invitations
from services.survey_index.service.links import Links
from services.survey_index.settings import SurveyIndexSettings
from shared.consumer import Handlers
from shared.events import Person, SurveyInvited, TicketResolved, decode
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import SECRETS, FrozenClock
from tests.factories import ticket_resolved
from tests.serving import serving

PUBLIC_URL = "https://survei.contoh.example/"
RESPONDENTS_72 = Path(__file__).parents[3] / "services" / "demo" / "data" / "skm_72_respondents.csv"
SKM = builtin()["skm14_2017"]
SLUGS = SKM.answerable
ASKED = SKM.asking_nps()
"""What the survey of resolved cases asks, and a survey that begins with its first file."""


def answers_by_code(answers: Sequence[int | None], instrument: Instrument = ASKED) -> dict[str, int]:
    """Question → value, without those left empty."""
    return {code: value for code, value in zip(instrument.codes, answers, strict=True) if value is not None}


def in_order(answers: Mapping[str, int], instrument: Instrument = ASKED) -> tuple[int | None, ...]:
    """The answers in the order of the questions."""
    return tuple(answers.get(code) for code in instrument.codes)


_numbers = itertools.count(1)


def new_citizen() -> Person:
    """A citizen who was never asked before."""
    return Person(email=f"warga{next(_numbers)}@surel.example")


def sheet(rows: Sequence[Mapping[str, int]], columns: Sequence[str] = SLUGS, extra: Sequence[str] = ()) -> str:
    """A CSV file with these answers, its respondents being R1, R2, …; what a row does not answer is an empty cell."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["respondent", *columns, *extra])
    for number, row in enumerate(rows, start=1):
        writer.writerow([f"R{number}", *(row.get(column, "") for column in (*columns, *extra))])
    return lines.getvalue()


def all_answered(value: int, instrument: Instrument = SKM) -> dict[str, int]:
    return dict.fromkeys(instrument.answerable, value)


@dataclass
class Running:
    """survey_index, and a way to tell it what its consumer would."""

    service: Service
    handlers: Handlers
    links: Links
    clock: FrozenClock

    async def resolve(self, *events: TicketResolved) -> None:
        """One batch, in one transaction."""
        async with self.service.db.transaction() as session:
            await self.handlers[TicketResolved](session, events, self.clock())

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.service.db.autocommit() as session:
            return list((await session.execute(text(sql), values)).all())

    async def invitations(self) -> list[SurveyInvited]:
        """What survey_index told the others, in its order."""
        events = [decode(row.payload) for row in await self.rows("SELECT payload FROM outbox ORDER BY seq")]
        return [event for event in events if isinstance(event, SurveyInvited)]

    async def token(self, **changes: Any) -> str:
        """The token of the invitation to one new case of somebody new."""
        await self.resolve(ticket_resolved(**{"citizen": new_citizen(), **changes}))
        return (await self.invitations())[-1].data.link.rpartition("/")[2]


@pytest_asyncio.fixture
async def running(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    settings = SurveyIndexSettings(public_url=HttpUrl(PUBLIC_URL))
    service = build(common, settings, clock)
    links = Links(secrets=SECRETS, public_url=PUBLIC_URL)
    invitations = Invitations(links=links, secrets=SECRETS, survey=settings.survey)
    yield Running(service, ticket_handlers(invitations), links, clock)
    for worker in service.workers:
        await worker.close()
    await service.db.close()


@pytest_asyncio.fixture
async def http(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client of survey_index, served over HTTP. Nothing works in the background."""
    async with serving(running.service) as client:
        yield client
