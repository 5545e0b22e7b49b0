"""The server side of `accept`: intake as it is, or the same routes with nothing kept (`null`)."""

import sys

import uvloop

from services.intake.main import build
from services.intake.models import Acceptance
from services.intake.service.acceptance import Acceptor
from services.intake.settings import IntakeSettings
from shared import telemetry
from shared.crowd import ConnectionLimits
from shared.runner import serve
from shared.settings import CommonSettings


async def main(kind: str, port: int) -> None:
    common = CommonSettings()
    telemetry.configure("intake", kind, "warning")
    service = build(common, IntakeSettings())
    if kind == "null":
        acceptor = service.workers[0]
        assert isinstance(acceptor, Acceptor)
        acceptor.accept = _answer_at_once  # type: ignore[method-assign]
    await serve(service, host="127.0.0.1", port=port, limits=ConnectionLimits(common.max_connections))


async def _answer_at_once(item: Acceptance) -> str:
    return item.answer


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
