"""Every refusal as problem+json (RFC 9457): what was wrong, where, and what was expected; never what was sent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.errors import FieldError, Invalid, Refusal, UnsupportedMediaType

PROBLEM = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MOST_ERRORS = 20
"""So many are told of one request: who sends thousands of unknown fields needs no list of them."""


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


class BodyRefused(HTTPException):
    """Raised while the body is being read; it must be an HTTPException to come through FastAPI's own net."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


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
    return Response(orjson.dumps(body), status, headers=headers, media_type=PROBLEM)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this class only
    return problem(error, request.scope["state"]["request_id"])


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such route, wrong method, a body that is too long."""
    assert isinstance(error, HTTPException)  # noqa: S101
    request_id = request.scope["state"]["request_id"]
    if isinstance(error, BodyRefused):
        return problem(error.refusal, request_id)
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:  # FastAPI could not read the body at all
        fault = FieldError("body", "could not be read", "one JSON object (RFC 8259), in UTF-8")
        return problem(Refusal("The body could not be read.", errors=[fault]), request_id)
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:  # the framework names the methods of the first route alone
        headers = {"Allow": ", ".join(_methods_at(request))}
    return _problem(status.value, status.name.lower(), status.phrase, str(error.detail), request_id, headers=headers)


def _methods_at(request: Request) -> Sequence[str]:
    """What may be done at a path, by all routes that it leads to."""
    return [method for method in _METHODS if _is_taken(request, "GET" if method == "HEAD" else method)]


def _is_taken(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    request_id = request.scope["state"]["request_id"]
    details = error.errors()
    if "json" not in request.headers.get("content-type", "").lower() and any(map(_is_unread_body, details)):
        return problem(UnsupportedMediaType("The body is read as JSON alone."), request_id)
    fields = [field_error(detail, _known_fields(request)) for detail in details[:MOST_ERRORS]]
    said = "; ".join(f"{e.field} {e.message}" for e in fields)
    more = f"; and {len(details) - len(fields)} more" if len(details) > len(fields) else ""
    refusal = Invalid(said + more, errors=fields)
    return problem(refusal, request_id)


def _is_unread_body(detail: Mapping[str, Any]) -> bool:
    """Whether the whole body is at fault: bytes that nobody took for JSON are no object either."""
    return detail["type"] == "model_attributes_type" and tuple(detail["loc"]) == ("body",)


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
    "string_unicode": ("is not a text", "a text in Unicode"),
    "too_short": ("has too few", "at least {min_length}"),
    "too_long": ("has too many", "at most {max_length}"),
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


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refusal: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http_error,
}
"""Who answers for which refusal, for an app to register."""
