"""The edge: problem+json for every refusal, a request id on every answer, a limit on every body, a commit before it.

Pure ASGI middleware only: the convenience class of Starlette leaks database connections when a client goes away.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import Authority, PublicLimit
from shared.clock import Clock
from shared.db import Database, is_bad_value, is_outage
from shared.errors import FieldError, Invalid, Refusal, TooLarge, Unavailable
from shared.ids import new_id
from shared.telemetry import REQUESTS, log

_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_FILES = (":import", ":preview")
"""How the paths of routes end that take whole files."""
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


class Model(BaseModel):
    """The base of everything that comes in over HTTP: strict about names, tidy about spaces."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _without_zero(cls, value: Any) -> Any:
        """PostgreSQL keeps every character but this one."""
        if isinstance(value, str) and "\0" in value:
            raise PydanticCustomError("zero", "has the character U+0000", {"expected": "a text without it"})
        return value


class FieldProblem(BaseModel):
    field: str
    message: str
    expected: str


class Problem(BaseModel):
    """RFC 9457 problem details, as every refusal of every service looks."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem] = []


def create_app(
    *,
    title: str,
    description: str,
    db: Database,
    authority: Authority,
    clock: Clock,
    after_commit: Callable[[], None],
    max_body_bytes: int,
    max_import_bytes: int | None = None,
    public_requests_per_minute: int,
) -> FastAPI:
    """An app with the edge in place, without routes. `after_commit` is called when a request's work is committed;
    routes that take files (see `_FILES`) take `max_import_bytes`.
    """
    app = FastAPI(
        title=f"Satu Atap: {title}",
        description=description,
        version="1",
        dependencies=[Depends(known_query)],
        responses={"4XX": {"model": Problem, "description": "A refusal", "content": {"application/problem+json": {}}}},
    )
    app.state.db = db
    app.state.authority = authority
    app.state.clock = clock
    app.state.after_commit = after_commit
    app.state.public_limit = PublicLimit(public_requests_per_minute)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(Edge, max_body_bytes=max_body_bytes, max_import_bytes=max_import_bytes or max_body_bytes)
    return app


# -- what routes ask for ----------------------------------------------------------------------------------------


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction for the request, committed before the answer leaves."""
    database: Database = request.app.state.db
    async with database.transaction() as session:
        yield session
    request.app.state.after_commit()


async def reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A session that only looks."""
    database: Database = request.app.state.db
    async with database.reading() as session:
        yield session


# scope="function": with the default a commit that fails would come after a 200 had been sent
Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
Reading = Annotated[AsyncSession, Depends(reading, scope="function")]


async def known_query(request: Request) -> None:
    """Refuses query parameters that the route does not know: a filter with a typing error would filter nothing."""
    if not request.scope["query_string"]:
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    known = sorted(_query_names(dependant)) if dependant else []
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        expected = f"one of: {', '.join(known)}" if known else "no parameters"
        errors = [FieldError(name, "is not a known parameter", expected) for name in unknown]
        raise Invalid("Some parameters are not known.", errors=errors)


def _query_names(dependant: Any) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _query_names(needed)


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The form that was sent. Raises `Invalid` for one that is written in an alphabet that nobody can read."""
    expected = "a form in UTF-8"
    try:
        form = await request.form()
        for value in form.values():
            if isinstance(value, str):
                value.encode()
    except (LookupError, UnicodeError):
        raise Invalid("The form cannot be read.", errors=[FieldError("body", "is not in UTF-8", expected)]) from None
    try:
        yield form
    finally:
        await form.close()


def correlation_id(request: Request) -> str:
    """The id that follows this request through all services: the caller's `X-Correlation-ID`, or the request's own."""
    return str(request.scope["state"]["correlation_id"])


def traceparent(request: Request) -> str | None:
    """The caller's W3C trace context, passed on with the event."""
    value = request.headers.get("traceparent", "")
    return value if _TRACEPARENT.match(value) else None


# -- problems ---------------------------------------------------------------------------------------------------


def problem(refusal: Refusal, request_id: str) -> Response:
    """`refusal` as an answer."""
    return _problem(
        refusal.status,
        refusal.code,
        refusal.title,
        refusal.detail,
        request_id,
        refusal.errors,
        refusal.headers,
    )


def _problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    request_id: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:satuatap:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = [{"field": e.field, "message": e.message, "expected": e.expected} for e in errors]
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this class only
    return problem(error, request.scope["state"]["request_id"])


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such route, wrong method, a body that is too long."""
    assert isinstance(error, HTTPException)  # noqa: S101
    request_id = request.scope["state"]["request_id"]
    if isinstance(error, _BodyTooLarge):
        return problem(error.refusal, request_id)
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:  # FastAPI could not read the body at all
        fault = FieldError("body", "could not be read", "one JSON object (RFC 8259), in UTF-8")
        return problem(Refusal("The body could not be read.", errors=[fault]), request_id)
    return _problem(
        status.value, status.name.lower(), status.phrase, str(error.detail), request_id, headers=error.headers
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = [field_error(detail, _known_fields(request)) for detail in error.errors()]
    refusal = Invalid("; ".join(f"{e.field} {e.message}" for e in fields), errors=fields)
    return problem(refusal, request.scope["state"]["request_id"])


def _known_fields(request: Request) -> Sequence[str]:
    body = getattr(request.scope.get("route"), "body_field", None)
    model = getattr(getattr(body, "field_info", None), "annotation", None)
    return sorted(getattr(model, "model_fields", ()))


_EXPECTED: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "a value"),
    "json_invalid": ("is not valid JSON", "one JSON object (RFC 8259), in UTF-8"),
    "model_attributes_type": ("is not an object", "one JSON object"),
    "string_type": ("is not a text", "a text"),
    "string_too_long": ("is too long", "at most {max_length} characters"),
    "string_too_short": ("is too short", "at least {min_length} characters"),
    "string_pattern_mismatch": ("has the wrong form", "a text like {pattern}"),
    "int_type": ("is not a whole number", "a whole number"),
    "int_from_float": ("is not a whole number", "a whole number"),
    "date_from_datetime_inexact": ("is not a date", "a date, as 2026-03-13"),
    "int_parsing": ("is not a whole number", "a whole number"),
    "uuid_parsing": ("is not an id of ours", "a UUID"),
    "literal_error": ("is not one of the known words", "{expected}"),
    "enum": ("is not one of the known words", "{expected}"),
    "greater_than_equal": ("is too small", "at least {ge}"),
    "less_than_equal": ("is too large", "at most {le}"),
    "datetime_from_date_parsing": (
        "is not a moment",
        "a date and time with zone, as 2026-03-13T09:00:00+07:00",
    ),
    "timezone_aware": ("has no time zone", "a date and time with zone, as 2026-03-13T09:00:00+07:00"),
    "date_from_datetime_parsing": ("is not a date", "a date, as 2026-03-13"),
}


def field_error(detail: Mapping[str, Any], known_fields: Sequence[str] = ()) -> FieldError:
    """One finding of pydantic in our words: where, what was wrong, what was expected; never what was sent."""
    path = [str(part) for part in detail["loc"] if part not in ("body", "query", "path", "header")]
    kind, context = str(detail["type"]), detail.get("ctx") or {}
    if kind == "json_invalid":
        path = []
    name = ".".join(path) or "body"
    if kind == "extra_forbidden":
        return FieldError(
            name, "is not a known field", f"one of: {', '.join(known_fields)}" if known_fields else "none"
        )
    if kind in _EXPECTED:
        message, expected = _EXPECTED[kind]
        return FieldError(name, message, expected.format_map({k: str(v) for k, v in context.items()}))
    message = str(detail["msg"])
    return FieldError(name, message, str(context.get("expected") or message))


# -- the edge ---------------------------------------------------------------------------------------------------


class _BodyTooLarge(HTTPException):
    """Raised while the body is being read; it must be an HTTPException to come through FastAPI's own net."""

    def __init__(self, limit: int) -> None:
        super().__init__(TooLarge.status)
        self.refusal = TooLarge(
            f"This service takes at most {limit} bytes.",
            errors=[FieldError("body", "is too long", f"at most {limit} bytes")],
        )


class Edge:
    """Gives each request its ids, counts its body, and turns what nobody caught into an answer without secrets."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, max_import_bytes: int) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._import_limit = max_import_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = new_id().hex
        given = headers.get(b"x-correlation-id", b"").decode("latin-1")
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["correlation_id"] = given if _SAFE_ID.match(given) else request_id
        limit = self._import_limit if scope["path"].endswith(_FILES) else self._limit
        started = False

        async def limited_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                REQUESTS.labels(scope["method"], message["status"]).inc()
            await send(message)

        try:
            length = headers.get(b"content-length", b"")
            if length.isdigit() and int(length) > limit:
                response = problem(_BodyTooLarge(limit).refusal, request_id)
                await response(scope, receive, limited_send)
                return
            await self._app(scope, _counting(receive, limit), limited_send)
        except Exception as error:
            log.error("request.failed", request_id=request_id, path=_template(scope), exc_info=error)
            if started:
                raise
            await problem(_refusal_of(error), request_id)(scope, receive, limited_send)


def _refusal_of(error: Exception) -> Refusal:
    """What nobody caught, as the caller is told it."""
    if is_outage(error):
        return Unavailable(
            "An engine behind this service is away. Please send it again, with the same Idempotency-Key if it had one."
        )
    if is_bad_value(error):
        return Invalid("The database cannot take one of the values, such as a text with the character U+0000.")
    return _Internal("This is our fault, not yours. Nothing was kept; the request id helps us to find it.")


class _Internal(Refusal):
    """A fault of ours."""

    status, code, title = 500, "internal_error", "Internal error"


def _template(scope: Scope) -> str:
    """The route's pattern: the path itself may hold a capability."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _BodyTooLarge(limit)
        return message

    return counted
