"""A shorter way in for the few routes that take most of a day, past the layers that a framework has around a verb.

A request in which all is in order goes it: it is read, recognised and validated, and its verb is called. Any other
goes the ordinary way from its beginning, as if nobody had looked at it, so that every refusal is said in one place.
That is why nothing on the lean way, before the verb, may count, keep or refuse anything; but for the use of a key,
which is counted when nothing can send the request back any more, or not at all.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import Access
from shared.errors import Refusal
from shared.problems import BodyRefused, problem
from shared.trail import RecordedRoute

_JSON = frozenset({"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"})
"""How JSON is called nearly always. However else it is called, the ordinary way knows whether it is JSON."""
_Dependency = Callable[[Request], Awaitable[Any]]


class LeanRoute(RecordedRoute):
    """A route that a `LeanWay` leads to. It is documented, and refuses, as any other.

    Its verb takes one JSON object, answers with a `Response`, and leaves no row in the trail. What it depends on is the
    permission (`Access`), and what can be had from the request alone; its only parameters are in the path and headers.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.verb = endpoint


class LeanRawRoute(APIRoute):
    """The same for a verb that takes the bytes of the body as they came, whoever sends them: it asks for the request,
    for what can be had from that alone, and for what is in the path.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.verb = endpoint


class LeanWay:
    """Leads requests to the lean routes of `owner`, and all that it does not take to the ordinary way."""

    def __init__(self, app: ASGIApp, *, owner: FastAPI) -> None:
        self._ordinary = app
        self._in_words, self._by_pattern = _lean_verbs(owner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verb, path_params = self._verb_at(scope)
        if verb is None:
            await self._ordinary(scope, receive, send)
            return
        request = _ReadRequest({**scope, "route": verb.route, "path_params": path_params}, receive)
        try:
            values = await verb.values(request)
            response = None if values is None else await verb.carry_out(values)
        except Refusal as refusal:  # of the verb
            response = problem(refusal, scope["state"]["request_id"])
        except BodyRefused as refused:
            response = problem(refused.refusal, scope["state"]["request_id"])
        except Exception:
            scope["route"] = verb.route  # for the edge to name it
            raise
        if response is None:
            await self._ordinary(scope, request.receive_again, send)
        else:
            await response(scope, receive, send)

    def _verb_at(self, scope: Scope) -> tuple["_Verb | _RawVerb | None", Mapping[str, str]]:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
            return None, {}
        path = scope["path"]
        if path in self._in_words:
            return self._in_words[path], {}
        for pattern, verb in self._by_pattern:
            if match := pattern.match(path):
                return verb, match.groupdict()
        return None, {}


class _ReadRequest(Request):
    """A request whose body is read in one piece, and can be received again."""

    _content: bytes | None = None

    async def body(self) -> bytes:
        if self._content is None:
            message = await self.receive()
            pieces = [_piece(message)]
            while message.get("more_body", False):
                message = await self.receive()
                pieces.append(_piece(message))
            self._content = b"".join(pieces)
        return self._content

    async def receive_again(self) -> Message:
        """What the next layer receives: the body that was read here, or what comes."""
        if self._content is None:
            return await self.receive()
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}


def _piece(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return bytes(message.get("body", b""))


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb, and what it is called with."""

    route: LeanRoute
    in_path: Sequence[Any]
    in_headers: Sequence[Any]
    """Fields of FastAPI, which keeps their class to itself. Each has one value."""
    access: Access
    caller: str
    dependencies: tuple[tuple[str | None, _Dependency], ...]
    request: str | None
    body: str
    validate: Callable[[bytes], Any]

    async def values(self, request: _ReadRequest) -> dict[str, Any] | None:
        """What the verb is called with, or None where anything is not in order."""
        if request.headers.get("content-type") not in _JSON:
            return None
        values = _parameters(self.in_path, request.path_params, self.in_headers, request.headers)
        if values is None:
            return None
        try:
            values[self.body] = self.validate(await request.body())
        except (ValidationError, ClientDisconnect):
            return None
        # after the body, as on the ordinary way: who sends no JSON is told so even while nobody can be recognised
        caller = await self.access.recognise(request)
        if caller is None:
            return None
        values[self.caller] = caller
        for name, dependency in self.dependencies:
            value = await dependency(request)
            if name is not None:
                values[name] = value
        if self.request is not None:
            values[self.request] = request
        return values

    async def carry_out(self, values: Mapping[str, Any]) -> Response:
        response: Response = await self.route.verb(**values)
        return response


@dataclass(frozen=True, slots=True)
class _RawVerb:
    """A verb that takes the bytes as they came, and what it is called with beside the request."""

    route: LeanRawRoute
    in_path: Sequence[Any]
    dependencies: tuple[tuple[str | None, _Dependency], ...]
    request: str

    async def values(self, request: _ReadRequest) -> dict[str, Any] | None:
        """What the verb is called with, or None where anything is not in order."""
        values = _parameters(self.in_path, request.path_params, (), {})
        if values is None:
            return None
        try:
            await request.body()
        except ClientDisconnect:
            return None
        for name, dependency in self.dependencies:
            value = await dependency(request)
            if name is not None:
                values[name] = value
        return {**values, self.request: request}

    async def carry_out(self, values: Mapping[str, Any]) -> Response:
        response: Response = await self.route.verb(**values)
        return response


def _parameters(
    in_path: Sequence[Any], path: Mapping[str, Any], in_headers: Sequence[Any], headers: Mapping[str, str]
) -> dict[str, Any] | None:
    """The parameters of a verb, or None where one is missing or wrong."""
    values: dict[str, Any] = {}
    for fields, given in ((in_path, path), (in_headers, headers)):
        for field in fields:
            value = given.get(field.alias)
            if value is not None:
                value, errors = field.validate(value)
                if errors:
                    return None
            elif field.field_info.is_required():
                return None
            else:
                value = field.get_default()
            values[field.name] = value
    return values


_Verbs = tuple[Mapping[str, _Verb | _RawVerb | None], Sequence[tuple[re.Pattern[str], _Verb | _RawVerb]]]


def _lean_verbs(owner: FastAPI) -> _Verbs:
    """The verbs of the lean routes of `owner`: by their path, and by its pattern where it has parameters.

    Under a path that an ordinary route has in so many words stands None: no pattern takes it from that.
    """
    in_words: dict[str, _Verb | _RawVerb | None] = {}
    by_pattern: list[tuple[re.Pattern[str], _Verb | _RawVerb]] = []
    for context in iter_route_contexts(owner.routes):
        route = context.original_route
        if isinstance(route, LeanRoute | LeanRawRoute):
            verb = _verb(context, route) if isinstance(route, LeanRoute) else _raw_verb(context, route)
            if context.param_convertors:
                by_pattern.append((context.path_regex, verb))
            else:
                in_words[str(context.path)] = verb
        elif not context.param_convertors and "POST" in (context.methods or ()):
            in_words.setdefault(str(context.path), None)
    return in_words, by_pattern


def _verb(context: RouteContext, route: LeanRoute) -> _Verb:
    """Raises `TypeError` for a verb that asks for what the lean way does not give."""
    dependant: Dependant = context.dependant
    permissions = [need for need in dependant.dependencies if isinstance(need.call, Access)]
    others = [need for need in dependant.dependencies if not isinstance(need.call, Access)]
    is_simple = (
        context.methods == {"POST"}
        and len(permissions) == len(dependant.body_params) == 1
        and not (dependant.query_params or dependant.cookie_params)
        and all(inspect.iscoroutinefunction(need.call) and _asks_for_the_request(need) for need in others)
    )
    if not is_simple:
        raise TypeError(f"{context.path} asks for more than a lean route may")
    access, [body] = permissions[0].call, dependant.body_params
    assert isinstance(access, Access)  # noqa: S101 - it was chosen for that
    if access.is_recorded:
        raise TypeError(f"{context.path} leaves a row in the trail, which a lean route does not")
    return _Verb(
        route=route,
        in_path=dependant.path_params,
        in_headers=dependant.header_params,
        access=access,
        caller=str(permissions[0].name),
        dependencies=tuple((need.name, need.call) for need in others if need.call is not None),
        request=dependant.request_param_name,
        body=body.name,
        validate=TypeAdapter[Any](cast("Any", body.field_info.annotation)).validate_json,
    )


def _raw_verb(context: RouteContext, route: LeanRawRoute) -> _RawVerb:
    """Raises `TypeError` for a verb that asks for what the lean way does not give."""
    dependant: Dependant = context.dependant
    others = dependant.dependencies
    is_simple = (
        context.methods == {"POST"}
        and dependant.request_param_name is not None
        and not any((dependant.query_params, dependant.cookie_params, dependant.header_params, dependant.body_params))
        and all(inspect.iscoroutinefunction(need.call) and _asks_for_the_request(need) for need in others)
    )
    if not is_simple or dependant.request_param_name is None:
        raise TypeError(f"{context.path} asks for more than a lean route may")
    return _RawVerb(
        route=route,
        in_path=dependant.path_params,
        dependencies=tuple((need.name, need.call) for need in others if need.call is not None),
        request=dependant.request_param_name,
    )


def _asks_for_the_request(need: Dependant) -> bool:
    """Whether `asked` is called with the request, and with nothing else."""
    given = (need.path_params, need.query_params, need.header_params, need.cookie_params, need.body_params)
    return need.request_param_name is not None and not any(given) and not need.dependencies
