"""What a lean route may ask for: anything else is refused when the app is built, not when somebody calls."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel

from shared.auth import integration
from shared.caller import Caller
from shared.lean import LeanRoute, LeanWay


class Said(BaseModel):
    body: str


Writer = Annotated[Caller, Depends(integration("contacts:write", is_recorded=False))]
Recorded = Annotated[Caller, Depends(integration("contacts:write"))]


async def of_the_request(request: Request) -> str:
    return request.method


async def of_a_parameter(limit: int = 1) -> int:
    return limit


async def good(said: Said, caller: Writer, method: Annotated[str, Depends(of_the_request)]) -> Response:
    return Response()


async def without_permission(said: Said) -> Response:
    return Response()


async def that_leaves_a_row(said: Said, caller: Recorded) -> Response:
    return Response()


async def with_a_query(said: Said, caller: Writer, limit: Annotated[int, Query()] = 1) -> Response:
    return Response()


async def with_a_query_further_in(
    said: Said, caller: Writer, limit: Annotated[int, Depends(of_a_parameter)]
) -> Response:
    return Response()


async def without_a_body(caller: Writer) -> Response:
    return Response()


def lead_to(verb: Any, method: str = "POST") -> LeanWay:
    app, router = FastAPI(), APIRouter(route_class=LeanRoute)
    router.add_api_route("/said", verb, methods=[method])
    app.include_router(router)
    return LeanWay(app, owner=app)


def test_verb_of_one_body_one_permission_and_the_request_may_be_lean() -> None:
    lead_to(good)


@pytest.mark.parametrize(
    "verb",
    [without_permission, that_leaves_a_row, with_a_query, with_a_query_further_in, without_a_body],
)
def test_verb_that_asks_for_more_may_not_be_lean(verb: Any) -> None:
    with pytest.raises(TypeError, match="/said"):
        lead_to(verb)


def test_verb_that_is_no_post_may_not_be_lean() -> None:
    with pytest.raises(TypeError, match="/said"):
        lead_to(good, "PUT")
