"""Refusals: each is a class with its status, a code that programs may rely on, and a sentence that says when.

They become RFC 9457 `application/problem+json` at the edge (`shared.problems`). A refusal never quotes what was sent:
it may hold a name, a telephone number or a complaint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What was wrong with one field, and what was expected instead.

    `field` is a dotted path (`citizen.phone`), a query or header name, or for a file `row 7, column U3`.
    """

    field: str
    message: str
    expected: str


class Refusal(Exception):
    """The base of all expected refusals."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be carried out"
    fault: ClassVar[FieldError | None] = None
    """What is always wrong where this is raised, unless `errors` say it more exactly."""

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors) or ((self.fault,) if self.fault else ())
        self.headers = dict(headers or {})


class Invalid(Refusal):
    """A field is missing, unknown, of the wrong type, or breaks a rule."""

    status, code, title = 422, "invalid", "Some fields are not valid"


class Unauthenticated(Refusal):
    """No credential, or one that is not (or no longer) known."""

    status, code, title = 401, "unauthenticated", "A valid credential is needed"
    fault = FieldError("Authorization", "is missing or not known", "Bearer, and an API key or a staff token")

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Refusal):
    """The credential is known, but does not allow this."""

    status, code, title = 403, "forbidden", "This credential does not allow that"
    fault = FieldError("Authorization", "does not allow this", "a credential with the role or the scope for it")


class NotFound(Refusal):
    """Nothing by that name, or nothing that this caller may see."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(Refusal):
    """The thing is in a state in which this verb is refused."""

    status, code, title = 409, "conflict", "That cannot be done in this state"


class VersionConflict(Refusal):
    """`If-Match` named another version than the present one: somebody else was faster."""

    status, code, title = 412, "version_conflict", "It was changed meanwhile"


class TooLarge(Refusal):
    """The request body is longer than the service takes."""

    status, code, title = 413, "body_too_large", "The body is too large"

    def __init__(self, most_bytes: int) -> None:
        super().__init__(
            f"This service takes at most {most_bytes} bytes.",
            errors=[FieldError("body", "is too long", f"at most {most_bytes} bytes")],
        )


class UnsupportedMediaType(Refusal):
    """The body is not called JSON: `curl -d` calls it a form, unless it is told otherwise."""

    status, code, title = 415, "unsupported_media_type", "The body is of a kind that is not read here"
    fault = FieldError("Content-Type", "is missing or names no JSON", "application/json")


class UnsupportedEncoding(Refusal):
    """The body was compressed, or coded otherwise: nothing is unpacked here."""

    status, code, title = 415, "unsupported_encoding", "The body is coded in a way that is not read here"
    fault = FieldError("Content-Encoding", "names a coding that is not read here", "identity, or no such header")

    def __init__(self) -> None:
        super().__init__("Send the body as it is, not compressed.", headers={"Accept-Encoding": "identity"})


class NotHttp(Refusal):
    """The bytes are no request: perhaps TLS, HTTP/2, or another protocol altogether."""

    status, code, title = 400, "not_http", "That is no HTTP request"

    def __init__(self) -> None:
        fault = FieldError("request", "is not HTTP", "an HTTP/1.1 request (RFC 9112), without TLS")
        super().__init__("What was sent cannot be read as HTTP/1.1.", errors=[fault])


class UpgradeRefused(Refusal):
    """A request with a body asks to go on in another protocol. Without a body, the wish is passed over."""

    status, code, title = 400, "upgrade_refused", "No other protocol is spoken here"
    fault = FieldError("Upgrade", "asks for another protocol", "no such header: HTTP/1.1 alone")

    def __init__(self) -> None:
        super().__init__("A request with a body is taken in HTTP/1.1 alone. Send it without `Upgrade`.")


class RequestTimeout(Refusal):
    """The request did not come in time. Nothing was done with the part that came."""

    status, code, title = 408, "request_timeout", "The request did not come in time"


class HeadTooLarge(Refusal):
    """The request line and the headers are longer than the service takes."""

    status, code, title = 431, "head_too_large", "The headers are too large"

    def __init__(self, most_bytes: int) -> None:
        expected = f"at most {most_bytes} bytes, the request line and all headers together"
        super().__init__(
            f"This service takes headers of at most {most_bytes} bytes.",
            errors=[FieldError("headers", "are too long", expected)],
        )


class IdempotencyKeyReused(Refusal):
    """The same `Idempotency-Key`, or what stands for it, came with another body."""

    status, code, title = 422, "idempotency_key_reused", "This key was used for another request"

    def __init__(self, field: str = "Idempotency-Key") -> None:
        expected = "the same body as with the first request, or a new key"
        super().__init__(
            f"{field} names one request for ever.",
            errors=[FieldError(field, "was already used with another body", expected)],
        )


class RateLimited(Refusal):
    """Too many requests in too short a time; `Retry-After` says when to come again."""

    status, code, title = 429, "rate_limited", "Too many requests"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(
            f"{detail} Come again in {retry_after_seconds} s.", headers={"Retry-After": str(retry_after_seconds)}
        )


class Unavailable(Refusal):
    """Nothing was promised: the same request may be sent again, with the same key, after `Retry-After` seconds."""

    status, code, title = 503, "unavailable", "Not possible just now"

    def __init__(self, detail: str, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})
