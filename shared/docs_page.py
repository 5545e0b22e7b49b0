"""The page at `/docs`: Swagger UI from a wheel, so that it opens where there is no internet as well."""

from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shared.errors import NotFound

_FILES = Path(str(resources.files("fastapi_offline"))) / "static"
_SERVED = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")


def add_docs(app: FastAPI) -> None:
    """Shows what `/openapi.json` tells. It says nothing that is not in there, so anybody may look."""

    async def page(_: Request) -> Response:
        script, style, icon = (f"docs/{name}" for name in _SERVED)  # as seen from /docs, whatever stands before it
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url=script,
            swagger_css_url=style,
            swagger_favicon_url=icon,
        )

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _SERVED:
            raise NotFound("There is no such file.")
        return FileResponse(_FILES / name, headers={"Cache-Control": "public, max-age=86400"})

    app.add_route("/docs", page, include_in_schema=False)
    app.add_route("/docs/{name}", file, include_in_schema=False)
