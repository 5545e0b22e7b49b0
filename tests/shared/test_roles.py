"""What each role may: one table, from which every route asks."""

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import Access
from shared.caller import ROLES
from shared.roles import MAY, PERMISSIONS, permitted, roles_that_may
from tests.services.test_every_route_says_who import SERVICES, everything_asked

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def test_table_has_every_role_and_leaves_one_permission_to_the_administrator_alone() -> None:
    assert set(MAY) == set(ROLES)
    assert MAY["admin"] == set(PERMISSIONS)
    alone = [permission for permission in PERMISSIONS if roles_that_may(permission) == {"admin"}]
    assert alone == ["citizens:erase"]


def test_every_permission_is_asked_by_a_route() -> None:
    asked = {
        call.roles
        for service in SERVICES
        for route in iter_route_contexts(service.app.routes)
        if isinstance(route.original_route, APIRoute)
        for call in everything_asked(route.dependant)
        if isinstance(call, Access)
    }
    assert {roles_that_may(permission) for permission in PERMISSIONS} <= asked


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_auditor_may_call_nothing_that_changes_something(service: object) -> None:
    for route in iter_route_contexts(service.app.routes):  # type: ignore[attr-defined]
        if isinstance(route.original_route, APIRoute) and CHANGES.intersection(route.methods or ()):
            asked = [call for call in everything_asked(route.dependant) if isinstance(call, Access)]
            assert not any("auditor" in access.roles for access in asked), route.path


def test_permissions_of_several_roles_are_told_together_and_an_unknown_role_may_nothing() -> None:
    assert set(permitted(["auditor", "officer", "king"])) == MAY["auditor"] | MAY["officer"]
    assert permitted(["king"]) == []
