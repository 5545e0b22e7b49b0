"""A real process of intake with an open stream: it ends when it is told to, and its log shows no ticket."""

import asyncio

import httpx

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.caller import SCOPES
from shared.settings import CommonSettings
from tests.services.intake.chats.following import following
from tests.services.intake.given import api_key, problem_of
from tests.serving import NO_TLS
from tests.shared.test_runner import running


async def test_process_with_an_open_stream_ends_it_first_and_logs_no_ticket(common: CommonSettings) -> None:
    service = build(common, IntakeSettings())
    key = await api_key(service.db, *SCOPES)
    await service.close()
    async with running("intake", common, SATUATAP_LOG_LEVEL="debug") as process:
        await process.says("service.started")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{process.port}", verify=NO_TLS, timeout=30) as http:
            chat = (await http.post("/v1/chats", headers=key, json={"body": "Halo"})).json()
            token = {"Authorization": f"Bearer {chat['chat_token']}"}
            path = f"/v1/chats/{chat['chat_id']}/events"
            ticket = (await http.post(f"{path}:ticket", headers=token)).json()["ticket"]
            async with following(http, chat, {}, ticket=ticket) as reader:
                assert await reader.lines(1) == [(1, "Halo")]
                async with following(http, chat, {}, ticket=ticket) as again:
                    assert problem_of(again.answer) == (401, "unauthenticated")
                process.told_to_end()
                assert (await reader.rest())[-1].data == {"reason": "restart"}
        said = (await asyncio.wait_for(process._output.read(), 30)).decode()
        assert await process._process.wait() == 0
    assert "contacts.accepted" in said
    assert "timeout graceful shutdown exceeded" not in said
    assert ticket not in said
