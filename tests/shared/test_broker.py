"""What Redis answers while it cannot serve says "later", however the client words it."""

import pytest
from redis.exceptions import OutOfMemoryError, ResponseError

from shared.broker import BrokerUnavailable, NoGroup, answer_of

_IN_PIPELINE = "Command # 1 (XADD stream event {}) of pipeline caused error: "


async def refused(error: ResponseError) -> None:
    raise error


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
        ResponseError(f"{_IN_PIPELINE}('MISCONF Errors writing to the AOF file: No space left on device',)"),
        ResponseError(f'{_IN_PIPELINE}("MISCONF Can\'t write",)'),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'.", status_code="OOM"),
    ],
)
async def test_refusal_for_now_says_that_redis_is_away(error: ResponseError) -> None:
    with pytest.raises(BrokerUnavailable):
        await answer_of(refused(error))


async def test_missing_group_is_told_apart() -> None:
    with pytest.raises(NoGroup):
        await answer_of(refused(ResponseError("NOGROUP No such key 'stream' or consumer group 'notify'")))


async def test_fault_of_ours_is_raised_as_it_is() -> None:
    with pytest.raises(ResponseError):
        await answer_of(
            refused(ResponseError(f"{_IN_PIPELINE}(\"ERR wrong number of arguments for 'xadd' command\",)"))
        )
