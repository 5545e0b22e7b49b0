"""Intake with everything at work that chats need while they are followed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest_asyncio

from services.intake.consumers import ticket_handlers
from services.intake.main import build
from services.intake.service.streams import Streams
from services.intake.service.wakes import Wakes
from services.intake.settings import IntakeSettings
from shared.caller import SCOPES
from shared.events import TicketReplied
from shared.runner import Service
from shared.settings import CommonSettings
from shared.wiring import wiring_in
from tests.conftest import FrozenClock
from tests.services.intake.given import NOW, api_key, ticket_replied
from tests.serving import serving

WORKERS = ("acceptor", "chat streams", "chat wakes", "chat listener")


@dataclass
class Live:
    """One process of intake."""

    service: Service
    http: httpx.AsyncClient
    key: dict[str, str]

    @property
    def streams(self) -> Streams:
        return wiring_in(self.service.app).part(Streams)

    @property
    def wakes(self) -> Wakes:
        return wiring_in(self.service.app).part(Wakes)

    async def opened(self, body: str = "Halo", **form: str) -> Any:
        """What is answered to who opens a chat."""
        answer = await self.http.post("/v1/chats", headers=self.key, json={"body": body, **form})
        assert answer.status_code == 202
        return answer.json()

    async def say(self, chat: Any, body: str) -> Any:
        """What is answered to a further line of the citizen."""
        answer = await self.post(chat, "messages", {"body": body})
        assert answer.status_code == 202
        return answer.json()

    async def post(
        self, chat: Any, verb: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The answer to a verb of a chat, with its own token unless `headers` say another."""
        credential = headers or {"Authorization": f"Bearer {chat['chat_token']}"}
        return await self.http.post(f"/v1/chats/{chat['chat_id']}/{verb}", headers=credential, json=body)

    async def answer(self, chat: Any, *bodies: str, at: datetime = NOW) -> None:
        """Agents answer in a chat: it comes as it does from tickets."""
        handle = ticket_handlers(self.wakes.follow)[TicketReplied]
        async with self.service.db.transaction() as session:
            told = [ticket_replied(chat["chat_id"], body).model_copy(update={"time": at}) for body in bodies]
            await handle(session, told, at)

    async def lines(self, chat: Any) -> list[tuple[int, str, str]]:
        """Place, author and text of every line, as a poll reads them."""
        token = {"Authorization": f"Bearer {chat['chat_token']}"}
        answer = await self.http.get(f"/v1/chats/{chat['chat_id']}/messages", headers=token)
        return [(line["id"], line["author"], line["body"]) for line in answer.json()["items"]]


@asynccontextmanager
async def process(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Live]:
    service = build(common, IntakeSettings(), clock)
    key = await api_key(service.db, *SCOPES)
    async with serving(service, workers=[worker for worker in service.workers if worker.name in WORKERS]) as http:
        yield Live(service, http, key)


@pytest_asyncio.fixture
async def live(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Live]:
    async with process(common, clock) as live:
        yield live


@pytest_asyncio.fixture
async def other(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Live]:
    """Another process of intake on the same engines."""
    async with process(common, clock) as other:
        yield other
