"""Every route of every service says who may call it: a permission (`Access`), or, in so many words, anybody."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, SecretStr

from shared.auth import Access, anybody, public, signed
from shared.runner import Service
from shared.settings import CommonSettings
from tests.conftest import SECRET
from tests.services.conftest import built

# Nobody listens there: nothing is asked of an engine before the first request
COMMON = CommonSettings(
    DATABASE_URL="postgresql://nobody:nothing@127.0.0.1:1/none",
    REDIS_URL="redis://127.0.0.1:1/0",
    secret=SecretStr(SECRET),
)
SERVICES = tuple(built(COMMON).values())
OF_FASTAPI = {"/docs", "/docs/{name}", "/openapi.json"}
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def everything_asked(dependant: Dependant) -> Iterator[object]:
    """What is called before a route, and before that, and before that."""
    for asked in dependant.dependencies:
        yield asked.call
        yield from everything_asked(asked)


def says_who(dependant: Dependant) -> bool:
    return any(isinstance(call, Access) or call in (public, anybody, signed) for call in everything_asked(dependant))


def public_routes(service: Service) -> set[str]:
    """The paths that ask for no credential, and count who calls them."""
    return {
        str(route.path)
        for route in iter_route_contexts(service.app.routes)
        if isinstance(route.original_route, APIRoute) and public in everything_asked(route.dependant)
    }


def models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a body may be of."""
    for one in get_args(annotation) or (annotation,):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


@each_service
def test_every_route_says_who_may_call_it(service: Service) -> None:
    routes = [route for route in iter_route_contexts(service.app.routes) if isinstance(route.original_route, APIRoute)]
    assert len(routes) >= 4
    assert [f"{route.methods} {route.path}" for route in routes if not says_who(route.dependant)] == []


@each_service
def test_every_body_is_shown_by_an_example_that_is_taken(service: Service) -> None:
    bodies = [getattr(route.original_route, "body_field", None) for route in iter_route_contexts(service.app.routes)]
    models = {model for body in bodies if body for model in models_of(body.field_info.annotation)}
    assert models
    for model in models:
        (example,) = model.model_json_schema()["examples"]
        model.model_validate(example)


@each_service
def test_what_is_no_route_of_ours_is_the_documentation(service: Service) -> None:
    """No mounts, no static files, no websockets, which would have no permission to ask for."""
    others = [r.path for r in iter_route_contexts(service.app.routes) if not isinstance(r.original_route, APIRoute)]
    assert set(others) == OF_FASTAPI


@each_service
def test_permission_names_somebody(service: Service) -> None:
    for route in iter_route_contexts(service.app.routes):
        if isinstance(route.original_route, APIRoute):
            asked = [call for call in everything_asked(route.dependant) if isinstance(call, Access)]
            assert all(access.roles or access.scopes for access in asked), route.path
            assert not (asked and {public, anybody}.intersection(everything_asked(route.dependant))), route.path


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "survey_index",
            {"/", "/v1/responses", "/v1/invitations/{token}", "/s", "/s/{token:path}", "/p", "/p/{survey:path}"},
        ),
        ("intake", {"/f", "/f/{link}", "/r/{token}", "/r/{token}/{link}", "/v1/hours"}),
        ("tickets", {"/t", "/t/{name:path}", "/v1/track/{tracking_code}"}),
        ("notify", set()),
    ],
)
def test_anybody_may_call_just_these_and_ask_how_the_service_is(name: str, wanted: set[str]) -> None:
    (service,) = (service for service in SERVICES if service.name == name)
    open_to_all = {
        route.path
        for route in iter_route_contexts(service.app.routes)
        if isinstance(route.original_route, APIRoute)
        and {public, anybody}.intersection(everything_asked(route.dependant))
    }
    assert open_to_all == wanted | {"/livez", "/readyz", "/metrics"}
