"""Who asks."""

from datetime import datetime

from pydantic import BaseModel

from shared.roles import Permission


class Me(BaseModel):
    """A member of staff. `units` are the slugs of those whose cases he sees; null stands for every unit."""

    subject: str
    roles: list[str]
    units: list[str] | None
    may: list[Permission]
    expires_at: datetime | None
