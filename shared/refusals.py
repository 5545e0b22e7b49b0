"""What each route refuses, in its OpenAPI document: told by the classes that are raised, so that it cannot say less.

A route names what is its own, `responses=refusals(StillOpen, NotFound)`. What every route of its kind refuses is added
here: without a credential, with a body that is too long, when an engine is away. What comes before a request is one
(400, 408, 431) stands in docs/operations.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from shared.errors import (
    Forbidden,
    IdempotencyKeyReused,
    Invalid,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedEncoding,
    UnsupportedMediaType,
)
from shared.problems import PROBLEM, Problem

_NAMED = "Idempotency-Key"


def refusals(*classes: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route as FastAPI's `responses`: by status, each with its code and a sentence that says when."""
    found: dict[int | str, dict[str, Any]] = {}
    for refusal in classes:
        told = found.setdefault(refusal.status, {"content": {PROBLEM: {"schema": _SCHEMA, "examples": {}}}})
        examples = told["content"][PROBLEM]["examples"]
        examples[refusal.code] = {"summary": _summary(refusal), "value": _example(refusal)}
        told["description"] = "; ".join(f"`{code}`: {example['summary']}" for code, example in examples.items())
    return found


def tell_refusals(app: FastAPI) -> None:
    """Has the document of an app tell what every route of a kind refuses, beside what each names itself."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = make()
            components = document["components"]
            components["schemas"]["Problem"] = _problem_schema(components["schemas"])
            shared = components.setdefault("responses", {})
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    _add(operation["responses"], refusals(*_of_its_kind(path, operation)), shared)
        assert app.openapi_schema is not None  # noqa: S101 - `make` keeps it
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def _problem_schema(schemas: dict[str, Any]) -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs"))
    return schema


def _of_its_kind(path: str, operation: Mapping[str, Any]) -> Iterator[type[Refusal]]:
    """What an operation refuses because of what it takes."""
    parameters = operation.get("parameters", ())
    if operation.get("security"):
        yield from (Unauthenticated, Forbidden)
    if path.startswith("/v1/"):  # health is never limited
        yield RateLimited
    if "requestBody" in operation:
        yield from (TooLarge, UnsupportedMediaType, UnsupportedEncoding)
    yield Invalid
    if any(parameter["name"] == _NAMED for parameter in parameters):
        yield IdempotencyKeyReused
    yield Unavailable


def _add(responses: dict[str, Any], common: Mapping[int | str, dict[str, Any]], shared: dict[str, Any]) -> None:
    """Adds the common refusals to those that the route names itself, which come first. Where it names none they are
    told once in the document, as `shared`.
    """
    for status, told in common.items():
        own = responses.get(str(status))
        if own is None or PROBLEM not in own.get("content", {}):
            name = ".".join(told["content"][PROBLEM]["examples"])
            shared[name] = told
            responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
            continue
        examples = own["content"][PROBLEM]["examples"]
        for code, example in told["content"][PROBLEM]["examples"].items():
            examples.setdefault(code, example)
        own["description"] = "; ".join(f"`{code}`: {example['summary']}" for code, example in examples.items())


def _summary(refusal: type[Refusal]) -> str:
    """The first sentence of its docstring."""
    return (refusal.__doc__ or refusal.title).strip().split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")


def _example(refusal: type[Refusal]) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": f"urn:satuatap:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": _summary(refusal) + ".",
        "request_id": "019b0c5e7f3a7c0e8d2f4b6a1c3e5d7f",
    }
    if refusal.fault:
        fault = refusal.fault
        example["errors"] = [{"field": fault.field, "message": fault.message, "expected": fault.expected}]
    return example
