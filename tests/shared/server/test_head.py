"""The size of a head: 64 KiB, wherever it grows."""

import pytest

from tests.shared.server.given import A_FORM, Connect, Intake, post


def head_of(length: int) -> bytes:
    """A request without a body, of so many bytes."""
    start = b"GET /livez HTTP/1.1\r\nHost: intake\r\nX-A: "
    return start.ljust(length - 4, b"a") + b"\r\n\r\n"


async def test_head_has_64_kib(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, head_of(65_536))
    assert (await raw.answer())[0] == 200
    await raw.say(head_of(65_537))
    assert await raw.refusal() == (431, "head_too_large")
    assert await raw.is_at_an_end()


@pytest.mark.parametrize(
    "start",
    [
        b"GET /livez HTTP/1.1\r\nX-A: ",
        b"GET /livez?",
        b"GET /livez HTTP/1.1\r\nX-",
        post() + b"1;",  # a chunk's extension
        post() + b"0\r\nX-A: ",  # a trailer
    ],
)
async def test_head_without_end_is_cut_off_wherever_it_grows(connect: Connect, usual: Intake, start: bytes) -> None:
    raw = await connect(usual.port, start)
    with pytest.raises(ConnectionError):  # after what is thrown away of the rest
        for _ in range(20_000):
            await raw.say(b"a" * 100_000)


async def test_head_without_end_is_refused(connect: Connect, usual: Intake) -> None:
    for start in (b"GET /livez HTTP/1.1\r\nX-A: ", b"GET /livez?", post() + b"0\r\nX-A: "):
        raw = await connect(usual.port, start, b"a" * 1_000_000)
        assert await raw.refusal() == (431, "head_too_large")


async def test_requests_that_come_together_are_counted_each_for_itself(connect: Connect, usual: Intake) -> None:
    raw = await connect(usual.port, head_of(40_000) * 8 + head_of(60_000) + head_of(50)[:-1])
    for _ in range(9):
        assert (await raw.answer())[0] == 200
    await raw.say(b"\n")
    assert (await raw.answer())[0] == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["of known length", "in chunks"])
async def test_body_is_no_part_of_the_head(connect: Connect, usual: Intake, chunked: bool) -> None:
    body = A_FORM.rjust(250_000)
    request = post() + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    if not chunked:
        request = post(length=len(body)) + body
    raw = await connect(usual.port, request * 2 + head_of(60_000))
    assert [(await raw.answer())[0] for _ in range(3)] == [202, 202, 200]
