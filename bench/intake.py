"""The server side of `accept`: intake as it is (`real`), the same routes with nothing kept (`null`), or a plain route
of FastAPI that validates the same model (`bare`).
"""

import sys

import uvicorn
import uvloop
from fastapi import FastAPI, Response

from services.intake.main import build
from services.intake.models.contacts import NewContact
from services.intake.schemas.contacts import ContactIn
from services.intake.service.acceptance import Acceptor
from services.intake.settings import IntakeSettings
from shared import telemetry
from shared.crowd import ConnectionLimits
from shared.runner import serve
from shared.settings import CommonSettings


async def main(kind: str, port: int) -> None:
    if kind == "bare":
        config = uvicorn.Config(_bare(), port=port, loop="uvloop", http="httptools", access_log=False, log_config=None)
        await uvicorn.Server(config).serve()
        return
    common = CommonSettings()
    telemetry.configure("intake", kind, "warning")
    service = build(common, IntakeSettings())
    if kind == "null":
        acceptor = service.workers[0]
        assert isinstance(acceptor, Acceptor)
        acceptor.accept = _answer_at_once  # type: ignore[method-assign]
    await serve(service, host="127.0.0.1", port=port, limits=ConnectionLimits(common.max_connections))


def _bare() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/contacts", status_code=202)
    async def receive_form(form: ContactIn) -> Response:
        return Response(f'{{"subject":{len(form.subject)}}}', 202, media_type="application/json")

    return app


async def _answer_at_once(contact: NewContact) -> str:
    return contact.answer


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
