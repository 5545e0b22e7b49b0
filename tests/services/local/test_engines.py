"""The engines on a full disk: they refuse, and go on by themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.local import engines
from services.local.supervisor import Child, Supervisor
from shared.broker import BrokerUnavailable, answer_of, connect
from tests.conftest import eventually
from tests.disk import full, small_disk

_PASSWORD = "only-for-tests"
_LARGE = "x" * 2**20


@pytest_asyncio.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Path]:
    with small_disk(tmp_path / "disk", "16m") as disk:
        yield disk


async def test_valkey_on_a_full_disk_refuses_and_goes_on_with_room_again(disk: Path) -> None:
    port = engines.free_port()
    valkey: Child = engines.valkey(disk / "valkey", disk / "valkey.log", port, _PASSWORD)
    keeper = Supervisor(say=print, changed=lambda _: None)
    client = connect(engines.valkey_url(port, _PASSWORD))
    try:
        await keeper.start(valkey)

        async def refuses() -> bool:
            try:
                await answer_of(client.set("key", _LARGE))
            except BrokerUnavailable:
                return True
            return False

        async def takes() -> bool:
            return not await refuses()

        assert await takes()
        with full(disk):
            await eventually(refuses)
            # also in a transaction, where the client puts other words before the answer
            async with client.pipeline(transaction=True) as pipeline:
                pipeline.xadd("stream", {"event": "{}"})
                with pytest.raises(BrokerUnavailable):
                    await answer_of(pipeline.execute())
        await eventually(takes)
        assert valkey.starts == 1
    finally:
        await client.aclose()
        await keeper.stop()
