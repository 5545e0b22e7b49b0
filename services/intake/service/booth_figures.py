"""How well a booth served, day by day."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import booth_figures
from services.intake.schemas.booth_figures import BoothFiguresOut, DayFiguresOut
from shared.errors import FieldError, Invalid

_MOST_DAYS = 366


class BoothFigures:
    """Counts the visits of booths."""

    async def show(self, session: AsyncSession, booth: str, first: date, last: date, now: datetime) -> BoothFiguresOut:
        """The figures from one day to another, both of them included. Raises `Invalid`."""
        if not 0 <= (last - first).days < _MOST_DAYS:
            expected = f"a day from `from` on, and at most {_MOST_DAYS} days in all"
            raise Invalid("These days are none.", errors=[FieldError("to", "does not fit `from`", expected)])
        found = await booth_figures.figures(session, booth, first, last, now)
        return BoothFiguresOut(booth=booth, days=[DayFiguresOut.of(each) for each in found])
