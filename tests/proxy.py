"""A small reverse proxy of its own address, as nginx is one: it adds to `X-Forwarded-For` who called it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

PROXY = "127.0.0.2"
_NAME = b"x-forwarded-for:"


@asynccontextmanager
async def proxying(port: int, *, says: str | None = None) -> AsyncIterator[str]:
    """The address of a proxy before the service at `port`, until the block ends.

    One request a connection. It says that `says` called it, where no test can call from such an address.
    """

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
        forwarded = [line for line in head if line.lower().startswith(_NAME)]
        caller = says or writer.get_extra_info("peername")[0]
        before = [line[len(_NAME) :].strip() for line in forwarded]
        others = [line for line in head if line not in forwarded and not line.lower().startswith(b"connection:")]
        told = b"X-Forwarded-For: " + b", ".join([*before, caller.encode()])
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(PROXY, 0))
        up_writer.write(b"\r\n".join([*others, told, b"Connection: close", b"", b""]))
        await joined(reader, writer, up_reader, up_writer)

    server = await asyncio.start_server(pass_on, PROXY, 0)
    try:
        yield f"http://{PROXY}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def joined(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    up_reader: asyncio.StreamReader,
    up_writer: asyncio.StreamWriter,
) -> None:
    """Passes on what either side says, until the one above has said all or the one below has gone."""
    pouring = [asyncio.create_task(_pour(reader, up_writer)), asyncio.create_task(_pour(up_reader, writer))]
    await asyncio.wait(pouring, return_when=asyncio.FIRST_COMPLETED)
    for task in pouring:
        task.cancel()
    await asyncio.gather(*pouring, return_exceptions=True)
    for end in (writer, up_writer):
        end.close()
        with suppress(OSError):
            await end.wait_closed()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
