"""An app with its edge, and what every route may ask for: a transaction that is committed before the answer leaves."""

import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, QueryParams
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.cors import Cors
from shared.docs_page import add_docs
from shared.edge import Edge
from shared.errors import FieldError, Invalid, NotFound
from shared.events import Trace
from shared.lean import LeanWay
from shared.limits import Misses
from shared.problems import HANDLERS, MOST_ERRORS
from shared.refusals import tell_refusals
from shared.wiring import Wiring, wire, wiring_of

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Model(BaseModel):
    """The base of everything that comes in over HTTP: strict about names, tidy about spaces."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _without_zero(cls, value: Any) -> Any:
        """PostgreSQL keeps every character but this one."""
        texts = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise PydanticCustomError("zero", "has the character U+0000", {"expected": "a text without it"})
        return value


def example(**values: Any) -> ConfigDict:
    """The configuration of a model whose documentation shows these values, which it takes."""
    return ConfigDict(json_schema_extra={"examples": [values]})


def create_app(
    *,
    title: str,
    description: str,
    wiring: Wiring,
    max_body_bytes: int,
    max_import_bytes: int | None = None,
    bounds_itself: Collection[str] = (),
    trusted_proxies: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
) -> FastAPI:
    """An app with the edge in place, without routes. Those that take files (`shared.edge`) take `max_import_bytes`,
    and those at the paths `bounds_itself` as much as they read (`shared.files`).

    Only from `trusted_proxies` is it believed for whom a request is forwarded; the server itself believes nobody.
    """
    app = FastAPI(
        title=f"Satu Atap: {title}",
        description=description,
        version="1",
        docs_url=None,
        redirect_slashes=False,  # a redirect would trust the Host that was sent
        redoc_url=None,
        dependencies=[Depends(known_parameters)],
    )
    tell_refusals(app)
    add_docs(app)
    wire(app, wiring)
    for refused, handler in HANDLERS.items():
        app.add_exception_handler(refused, handler)
    app.add_middleware(Misses, limits=wiring.limits)
    app.add_middleware(LeanWay, owner=app)
    app.add_middleware(
        Edge,
        max_body_bytes=max_body_bytes,
        max_import_bytes=max_import_bytes or max_body_bytes,
        bounds_itself=bounds_itself,
    )
    if allowed_origins:
        app.add_middleware(Cors, origins=allowed_origins)  # around the edge: a script may read its refusals, too
    if trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(trusted_proxies))
    return app


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction for the request, committed before the answer leaves."""
    async with wiring_of(request).db.transaction() as session:
        request.state.session = session  # for what is kept with it (`shared.idempotency`)
        yield session


async def patient_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """The same for work that takes as long as it takes, such as a million rows."""
    async with wiring_of(request).db.transaction(patient=True) as session:
        request.state.session = session
        yield session


async def reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A session that only looks."""
    async with wiring_of(request).db.autocommit() as session:
        request.state.session = session
        yield session


# scope="function": with the default a commit that fails would come after a 200 had been sent
Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
PatientTransaction = Annotated[AsyncSession, Depends(patient_transaction, scope="function")]
Reading = Annotated[AsyncSession, Depends(reading, scope="function")]


async def known_parameters(request: Request) -> None:
    """Refuses query parameters that the route does not know: a filter with a typing error would filter nothing.

    A page for people takes any (`takes_any_query`): whoever passes a link on adds some of his own. Also refuses the one
    character that PostgreSQL does not keep, in a path or a query.
    """
    route, path = request.scope["route"], request.path_params
    if not path and not request.scope["query_string"]:
        return
    takes_any = not request.scope["query_string"] or getattr(route, "takes_any_query", False)
    query = QueryParams() if takes_any else request.query_params
    for refusal, told in ((NotFound, path.items()), (Invalid, query.multi_items())):
        with_zero = [name for name, value in told if "\0" in str(value)]
        if with_zero:
            errors = [FieldError(name, "has the character U+0000", "a text without it") for name in with_zero]
            raise refusal("No text that is kept here has that character.", errors=errors[:MOST_ERRORS])
    if query:
        known = set(_query_names(route.dependant))
        unknown = [name for name in query if name not in known]
        if unknown:
            expected = f"one of: {', '.join(sorted(known))}" if known else "no parameters"
            errors = [FieldError(name, "is not a known parameter", expected) for name in unknown]
            raise Invalid("Some parameters are not known.", errors=errors[:MOST_ERRORS])


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _query_names(needed)


async def form_of(request: Request) -> FormData:
    """The form that was sent. Raises `Invalid` for one that is written in an alphabet that nobody can read."""
    expected = "a form in UTF-8"
    try:
        form = await request.form()
        for value in form.values():
            if isinstance(value, str):
                value.encode()
    except (LookupError, UnicodeError):
        raise Invalid("The form cannot be read.", errors=[FieldError("body", "is not in UTF-8", expected)]) from None
    return form


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The form that was sent, which is closed when the block ends. Raises `Invalid`."""
    form = await form_of(request)
    try:
        yield form
    finally:
        await form.close()


def trace(request: Request) -> Trace:
    """What follows this request through all services: the caller's `X-Correlation-ID` if it is a UUID or a ULID, or the
    request's own id, and the caller's W3C trace context.
    """
    given = request.headers.get("traceparent", "")
    return Trace(str(request.scope["state"]["correlation_id"]), given if _TRACEPARENT.fullmatch(given) else None)
