"""What telephone systems of others are answered."""

from pydantic import BaseModel


class LinesTaken(BaseModel):
    """How many lines told of calls, and which cannot be read."""

    taken: int
    unreadable: list[str]
