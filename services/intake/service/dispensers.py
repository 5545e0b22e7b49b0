"""Takes what a dispenser printed while it was offline into the queue, each paper once, with the number it bears."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth, Dispenser, label_of, series_of
from services.intake.domain.dispensers import Paper, SyncOutcome, corrected, is_too_old
from services.intake.models.visits import Visit
from services.intake.repository import queues, visits
from services.intake.schemas.dispensers import SyncedOut, SyncIn, SyncOut
from services.intake.schemas.visits import VisitIn
from services.intake.service.booths import Booths
from services.intake.service.visits import Visits
from shared.errors import Refusal

_SEQUENCES_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class _Printed:
    """A paper with what our side makes of it."""

    paper: Paper
    series: str
    service: str
    taken_at: datetime
    day: date

    @property
    def number(self) -> tuple[date, str, int]:
        return self.day, self.series, self.paper.number

    def is_of(self, visit: Visit) -> bool:
        """Whether a visit was brought as this very paper."""
        return (visit.series, visit.number) == (self.series, self.paper.number)


class Dispensers:
    """Syncs dispensers. It runs in the caller's transaction."""

    def __init__(self, *, booths: Booths, visits: Visits) -> None:
        self._booths = booths
        self._visits = visits

    async def sync(self, session: AsyncSession, name: str, form: SyncIn, now: datetime) -> SyncOut:
        """Takes papers that are new into the queue, by the time at which they were printed, and tells of the others.

        Raises `Invalid` for a dispenser that the booth does not have.
        """
        booth = await self._booths.find(session, name)
        dispenser = booth.dispenser(form.device)
        await queues.lock_queue(session, name)
        outcomes: list[SyncedOut] = []
        printed: list[_Printed] = []
        for each in form.visits:
            understood = _understood(booth, dispenser, each.paper(), form.sent_at, now)
            if isinstance(understood, str):
                outcomes.append(SyncedOut(sequence=each.sequence, outcome="refused", reason=understood))
            else:
                printed.append(understood)
        outcomes += await self._take(session, booth, dispenser, printed)
        places = {each.sequence: place for place, each in reversed(list(enumerate(form.visits)))}
        missing = await visits.missing_sequences(session, name, form.device, _SEQUENCES_LOOKED_AT)
        return SyncOut(items=sorted(outcomes, key=lambda each: places[each.sequence]), missing_sequences=missing)

    async def _take(
        self, session: AsyncSession, booth: Booth, dispenser: Dispenser, printed: Sequence[_Printed]
    ) -> list[SyncedOut]:
        if not printed:
            return []
        sequences = [each.paper.sequence for each in printed]
        brought = await visits.of_device(session, booth.name, dispenser.device, sequences)
        known: dict[int | None, Visit] = {visit.device_sequence: visit for visit in brought}
        # the counters first: whoever presses a button meanwhile waits, and gets a number after these
        await visits.raise_numbers(session, booth.name, _highest(printed, known))
        papers = await visits.copies(session, booth.name, [each.number for each in printed])
        outcomes, new = [], []
        for each in printed:
            visit = known.get(each.paper.sequence)
            if visit is None:
                visit = self._visit(booth, dispenser, each, papers.get(each.number, 0))
                papers[each.number] = visit.copy + 1
                known[each.paper.sequence] = visit
                new.append(visit)
                outcomes.append(_outcome(visit, "collided" if visit.copy else "taken"))
            else:
                outcomes.append(_outcome(visit, "repeated" if each.is_of(visit) else "contradicted"))
        await visits.add_visits(session, new)
        self._booths.changed(session, booth.name)
        return outcomes

    def _visit(self, booth: Booth, dispenser: Dispenser, printed: _Printed, copies: int) -> Visit:
        form = VisitIn.model_construct(priority=printed.paper.priority)
        return replace(
            self._visits.new_visit(booth.name, printed.day, form, printed.taken_at),
            number=printed.paper.number,
            series=printed.series,
            first_service=printed.service,
            service=printed.service,
            copy=copies,
            device=dispenser.device,
            device_sequence=printed.paper.sequence,
        )


def _understood(booth: Booth, dispenser: Dispenser, paper: Paper, sent_at: datetime, now: datetime) -> _Printed | str:
    """A paper with what we make of it, or why we make nothing of it. A service that has closed since is no reason."""
    taken_at = corrected(paper.at, sent_at, now)
    if is_too_old(taken_at, now):
        return "it was printed more than a week ago"
    try:
        service = booth.service(paper.service)
    except Refusal as refusal:
        return refusal.detail
    return _Printed(paper, series_of(service, dispenser), service.name, taken_at, booth.day(taken_at))


def _highest(printed: Sequence[_Printed], known: dict[int | None, Visit]) -> dict[tuple[str, date], int]:
    """The highest new number of each series and day."""
    highest: dict[tuple[str, date], int] = {}
    for each in printed:
        if each.paper.sequence not in known:
            key = each.series, each.day
            highest[key] = max(highest.get(key, 0), each.paper.number)
    return highest


def _outcome(visit: Visit, outcome: SyncOutcome) -> SyncedOut:
    assert visit.device_sequence is not None  # noqa: S101 - a dispenser brought it
    return SyncedOut(
        sequence=visit.device_sequence,
        outcome=outcome,
        visit_id=visit.id,
        label=label_of(visit.series, visit.number),
    )
