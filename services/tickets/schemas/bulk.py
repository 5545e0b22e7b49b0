"""One verb for many tickets, over HTTP."""

from uuid import UUID

from pydantic import BaseModel

from shared.errors import FieldError


class BulkResult(BaseModel):
    """What became of one ticket: the version that it is in now, or why it was refused."""

    id: UUID
    version: int | None = None
    code: str | None = None
    detail: str | None = None
    errors: list[FieldError] = []


class BulkOut(BaseModel):
    """What became of each ticket, in the order in which they were named, each once."""

    results: list[BulkResult]

    @property
    def about(self) -> list[UUID]:
        """What the access trail has a row of each of (`shared.trail`)."""
        return [result.id for result in self.results if result.version is not None]
