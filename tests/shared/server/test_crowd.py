"""How many there are: whoever keeps the server waiting gives way to newcomers."""

import asyncio
import json
import re
from typing import Any, cast

from shared.connection import Connection
from shared.edge import Edge
from tests.conftest import eventually, staff_header
from tests.serving import listening
from tests.shared.server.given import A_FORM, HALF_OPEN, Connect, World, client, discreet, post


async def test_320_clients_that_keep_it_waiting_do_not_hold_a_service_with_300_files(
    connect: Connect, world: World
) -> None:
    async with world.intake({}, files=300) as server, client(server) as http:
        for said in HALF_OPEN.values():
            await asyncio.gather(*(connect(server.port, said) for _ in range(320)))
            assert (await http.get("/livez")).status_code == 200
            assert (await http.get("/readyz")).json()["checks"] == {"postgres": "ok", "redis": "ok"}
            headers = {"Content-Type": "application/json", **staff_header("agent")}
            assert (await http.post("/v1/contacts", headers=headers, content=A_FORM)).status_code == 202
        [counted] = re.findall(r"satuatap_connections_gave_way_total (\d+)", (await http.get("/metrics")).text)
        assert int(counted) > 320  # on a slow machine the time of some is over before others come


def answering_when_told() -> tuple[Any, asyncio.Event]:
    may_answer = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.wait_for(may_answer.wait(), 30)
        await discreet(scope, receive, send)

    return slow, may_answer


async def test_whoever_has_kept_it_waiting_longest_gives_way(connect: Connect) -> None:
    async with listening(discreet, connections=3) as server:
        port = server.config.port
        head, body, idle = [await connect(port, HALF_OPEN[kind]) for kind in ("in a head", "in a body", "idle")]
        assert (await idle.answer())[0] == 200
        for waiting in (head, body):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert (await newcomer.answer())[0] == 200
            status, headers, told = await waiting.answer()
            assert (status, headers["retry-after"], json.loads(told)["code"]) == (503, "1", "unavailable")
            assert await waiting.is_at_an_end()
        newcomer = await connect(port, HALF_OPEN["idle"])
        assert await idle.is_at_an_end()
        assert (await newcomer.answer())[0] == 200


async def test_whoever_keeps_sending_does_not_give_way(connect: Connect) -> None:
    async with listening(discreet, connections=3) as server:
        sender = await connect(server.config.port, post(length=10_000))
        for _ in range(9):
            await sender.say(b"x" * 1_000)
            idle = [await connect(server.config.port, HALF_OPEN["idle"]) for _ in range(2)]
            assert [(await one.answer())[0] for one in idle] == [200, 200]
        await sender.say(b"x" * 1_000)
        assert (await sender.answer())[0] == 200


async def test_whoever_does_not_take_an_answer_gives_way(connect: Connect) -> None:
    """An answer that is larger than all buffers on the way, with an end of the connection after it, and without."""
    large = b"x" * 30_000_000

    async def generous(scope: Any, receive: Any, send: Any) -> None:
        length = len(large) if scope["path"] == "/large" else 0
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % length)]})
        for _ in range(2 if length else 1):
            await send({"type": "http.response.body", "body": large[: length // 2], "more_body": length > 0})
        if length:
            await send({"type": "http.response.body", "body": b""})

    async with listening(generous, connections=2) as server:
        port = server.config.port
        for line in (b"Connection: close", b"Connection: keep-alive"):
            raw = await connect(port)
            cast(asyncio.Transport, raw.writer.transport).pause_reading()
            await raw.say(b"GET /large HTTP/1.1\r\nHost: intake\r\n" + line + b"\r\n\r\n")

        async def both_wait() -> bool:
            flows = [cast(Connection, connection).flow for connection in server.server_state.connections]
            return [flow.write_paused for flow in flows] == [True, True]

        await eventually(both_wait)
        for _ in range(3):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert (await newcomer.answer())[0] == 200


async def test_whoever_is_being_answered_does_not_give_way_and_a_newcomer_is_told_so(connect: Connect) -> None:
    slow, may_answer = answering_when_told()
    async with listening(Edge(slow, max_body_bytes=1, max_import_bytes=1), connections=2) as server:
        port = server.config.port
        served = [await connect(port, HALF_OPEN["idle"]) for _ in range(2)]

        async def both_wait_for_us() -> bool:
            return len(server.server_state.tasks) == 2

        await eventually(both_wait_for_us)
        for _ in range(5):
            newcomer = await connect(port, HALF_OPEN["idle"])
            assert await newcomer.refusal() == (503, "unavailable")
            newcomer.writer.close()
        silent = await connect(port)
        await connect(port)
        status, headers, _ = await silent.answer()
        assert (status, headers["content-type"]) == (503, "text/plain; charset=utf-8")
        may_answer.set()
        assert [(await one.answer())[0] for one in served] == [200, 200]


async def test_requests_that_are_sent_together_wait_outside(connect: Connect) -> None:
    """Ten thousand of them in one piece: a few are parsed, and the others not before those are answered."""
    slow, may_answer = answering_when_told()
    async with listening(slow) as server:
        raw = await connect(server.config.port, b"GET / HTTP/1.1\r\n\r\n" * 10_000)

        async def held() -> list[Any]:
            return [connection for connection in server.server_state.connections if cast(Connection, connection).held]

        [connection] = cast(list[Any], await eventually(held))
        assert len(connection.pipeline) < 500
        may_answer.set()
        assert {(await raw.answer())[0] for _ in range(10_000)} == {200}
