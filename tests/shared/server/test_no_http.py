"""What is no HTTP is told so, and nothing of it is in the log."""

import ssl

import pytest

from tests.serving import NO_TLS
from tests.shared.server.given import A_FORM, Connect, Intake, client, post


def tls_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    talk = NO_TLS.wrap_bio(incoming, outgoing, server_hostname="rahasia.example")
    with pytest.raises(ssl.SSLWantReadError):
        talk.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(
    "sent",
    [
        tls_hello(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        b"Rahasia: halo\r\n\r\n",
        bytes(range(128, 256)) * 1_000,
        b"CONNECT rahasia.example:443 HTTP/1.1\r\n\r\n",
    ],
    ids=["TLS", "HTTP/2", "text", "bytes", "a tunnel"],
)
async def test_bytes_of_nobody_knows_whom_are_told_in_words_that_they_are_no_http(
    connect: Connect, usual: Intake, sent: bytes
) -> None:
    raw = await connect(usual.port, sent)
    status, headers, told = await raw.answer()
    assert (status, headers["content-type"], headers["connection"]) == (400, "text/plain; charset=utf-8", "close")
    assert told.startswith(b"Permintaan ini tidak dapat dibaca.")
    assert await raw.is_at_an_end()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /livez HTTP/1.1\nHost: intake\n\n",
        b"POST /livez HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["line feeds alone", "two lengths"],
)
async def test_program_is_told_that_its_bytes_are_no_http(connect: Connect, usual: Intake, sent: bytes) -> None:
    raw = await connect(usual.port, sent)
    assert await raw.refusal() == (400, "not_http")
    assert await raw.is_at_an_end()


async def test_answer_that_is_due_comes_before_the_refusal(connect: Connect, usual: Intake) -> None:
    request = b"GET /readyz HTTP/1.1\r\nHost: intake\r\n\r\n"
    raw = await connect(usual.port, request * 3 + b"\0\0\0\0")
    assert [(await raw.answer())[0] for _ in range(4)] == [200, 200, 200, 400]
    assert await raw.is_at_an_end()


async def test_body_that_breaks_off_in_nonsense_is_told_so(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, post(), b"5\r\nabcde\r\nzz\r\n")
    assert await raw.refusal() == (400, "not_http")
    assert await raw.is_at_an_end()


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
async def test_wish_for_another_protocol_is_passed_over(connect: Connect, usual: Intake, protocol: str) -> None:
    asked = f"GET /livez HTTP/1.1\r\nHost: intake\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
    raw = await connect(usual.port, asked * 2 + asked.replace(b"Host", b"Content-Length: 0\r\nHost"))
    assert [(await raw.answer())[0] for _ in range(3)] == [200, 200, 200]


async def test_wish_for_another_protocol_with_a_body_is_refused(connect: Connect, usual: Intake) -> None:
    raw = await connect(
        usual.port, post("/v1/contacts", "Connection: Upgrade", "Upgrade: h2c", length=len(A_FORM)), A_FORM
    )
    assert await raw.refusal() == (400, "upgrade_refused")
    assert await raw.is_at_an_end()


async def test_nothing_of_what_was_sent_is_in_the_log(connect: Connect, brisk: Intake) -> None:
    for sent, status in (
        (b"Rahasia: halo\r\n\r\n", 400),
        (tls_hello(), 400),
        (b"GET /rahasia HTTP/1.1\r\nX-Rahasia: rah", 408),
        (b"GET /rahasia?" + b"rahasia" * 10_000, 431),
        (post("/v1/contacts?rahasia=1", length=1_000) + b"rahasia", 408),
        (post("/v1/rahasia", "Connection: Upgrade", "Upgrade: h2c", length=7) + b"rahasia", 400),
    ):
        raw = await connect(brisk.port, sent)
        assert (await raw.answer())[0] == status
    async with client(brisk) as http:
        counted = (await http.get("/metrics")).text
    for status in (400, 408, 431):
        assert f'satuatap_http_requests_total{{method="unknown",status="{status}"}}' in counted
    said = brisk.log.read_text()
    assert "service.started" in said
    for word in ("rahasia", "failed", "Invalid", "Unsupported"):
        assert word not in said.replace("Rahasia", "rahasia"), word
