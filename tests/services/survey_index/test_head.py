"""HEAD is GET without its body, on whatever GET is on."""

import httpx
import pytest

from tests.services.survey_index.conftest import Running
from tests.services.survey_index.given import OFFICER, begin


@pytest.mark.parametrize(
    "path",
    [
        "/livez",
        "/docs",
        "/docs/swagger-ui.css",
        "/openapi.json",
        "/v1/surveys",
        "/v1/surveys/s",
        "/v1/surveys/s/report.html",
    ],
)
async def test_head_tells_what_get_would(running: Running, http: httpx.AsyncClient, path: str) -> None:
    await begin(http)
    got, head = [await http.request(method, path, headers=OFFICER) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name), name
    assert int(head.headers["content-length"]) == len(got.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/p/nothing", 404), ("/v1/nothing", 404), ("/v1/surveys?warna=1", 422), ("/v1/responses", 405)],
)
async def test_head_is_refused_as_get_is(http: httpx.AsyncClient, path: str, status: int) -> None:
    got, head = [await http.request(method, path, headers=OFFICER) for method in ("GET", "HEAD")]
    assert (got.status_code, head.status_code, head.content) == (status, status, b"")
    for name in ("content-type", "content-length", "allow"):
        assert head.headers.get(name) == got.headers.get(name), name
    assert head.headers["x-request-id"] != got.headers["x-request-id"]


async def test_head_asks_for_the_same_permission(http: httpx.AsyncClient) -> None:
    assert (await http.head("/v1/surveys")).status_code == 401
