"""Every verb of every service that changes something takes the `Idempotency-Key`, and says so."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.http import patient_transaction, transaction
from shared.idempotency import KeyedRoute
from shared.runner import Service
from tests.services.test_every_route_says_who import SERVICES, everything_asked

TRANSACTIONS = {transaction, patient_transaction}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
KEEPS_NOTHING = {
    "/v1/surveys/{survey}/responses:preview",
    "/v1/hooks/{channel}",
    "/f",
    "/r/{token}",
    "/v1/mails",
    "/v1/chats/{chat_id}/events:ticket",
    "/v1/chats/{chat_id}/typing",
    *(f"/v1/hooks/{path}" for path in ("twilio/voice", "twilio/gather", "twilio/status", "cti/{token}", "asterisk")),
}
"""Or knows by other means that something came before: a channel by the name that the other side has for it, and a mail
by its Message-ID."""
SHARE_A_COMMIT = {"/v1/contacts", "/v1/chats", "/v1/chats/{chat_id}/messages", "/v1/chats/{chat_id}/contact"}
"""Or knows by other means that something came before: a channel by the name that the other side has for it."""
SHARE_A_COMMIT = {"/v1/contacts", "/v1/chats", "/v1/chats/{chat_id}/messages", "/v1/chats/{chat_id}/contact"}
BEGIN_LATE = {"/v1/surveys/{survey}/responses:import"}
"""They keep the key in a transaction that begins when the file was read (`shared.named`)."""
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def headers_asked(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.header_params)
    for asked in dependant.dependencies:
        yield from headers_asked(asked)


def unsafe_verbs(service: Service) -> list[RouteContext]:
    """The routes that change something, as they are served."""
    contexts = iter_route_contexts(service.app.routes)
    return [
        route
        for route in contexts
        if isinstance(route.original_route, APIRoute) and UNSAFE.intersection(route.methods or ())
    ]


@each_service
def test_key_is_taken_by_every_unsafe_verb(service: Service) -> None:
    verbs = unsafe_verbs(service)
    without = {route.path for route in verbs if "Idempotency-Key" not in headers_asked(route.dependant)}
    assert verbs
    assert without <= KEEPS_NOTHING


@each_service
def test_key_is_kept_in_the_transaction_of_the_verb_or_with_the_commit_that_many_share(service: Service) -> None:
    for route in unsafe_verbs(service):
        if route.path not in KEEPS_NOTHING | SHARE_A_COMMIT | BEGIN_LATE:
            assert isinstance(route.original_route, KeyedRoute), route.path
            assert TRANSACTIONS.intersection(everything_asked(route.dependant)), route.path


@each_service
def test_key_is_in_the_description_once(service: Service) -> None:
    for path, verbs in service.app.openapi()["paths"].items():
        for verb, described in verbs.items():
            named = [asked["name"] for asked in described.get("parameters", ())].count("Idempotency-Key")
            assert named == (verb.upper() in UNSAFE and path not in KEEPS_NOTHING), path
