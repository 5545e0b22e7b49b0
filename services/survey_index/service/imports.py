"""Files of answers: looked at before they count (preview), and imported as a whole or not at all.

A file is read before a transaction begins (`readers`), by the rules of its survey as it is then. Whoever imports it
holds the survey, and has the file read again in the one case that its rules are others: somebody began it meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, builtin
from services.survey_index.domain.sheet.rules import Answered
from services.survey_index.domain.skm import Index, skm
from services.survey_index.domain.span import DaysTaken
from services.survey_index.models import Import, Survey
from services.survey_index.repository import imports as stored
from services.survey_index.repository import likeness, responses, surveys, tallies
from services.survey_index.repository.counting import Counted
from services.survey_index.repository.likeness import Rows
from services.survey_index.service.files import ReadFile, check_open, is_read_alike, records_of, understood
from services.survey_index.service.same_file import Choice, Likeness, check_others, likeness_to
from services.survey_index.service.surveys import find
from services.survey_index.service.withdrawals import hold, take_out
from shared.errors import Conflict, FieldError, Invalid, Unavailable
from shared.ids import new_id
from shared.paging import first_of

_SHOWN = 5
_TRIES = 3


class OtherMapping(Conflict):
    """The same file was imported before with its columns read in another way, or for other days."""

    code, title = "imported_otherwise", "This file was imported before, in another way"

    def __init__(self, import_id: UUID) -> None:
        expected = (
            f"the same, or replaces={import_id}, by which it takes the place of what was imported then; "
            "if its respondents are others who answered alike, numbers of their own in the file"
        )
        super().__init__(
            "Its columns were read in another way then, or it was for other days.",
            errors=[FieldError("mapping", "reads the file in another way than before", expected)],
        )


class ReplacedBefore(Conflict):
    """What a file is to replace was replaced by another one already, which would be counted beside it."""

    code, title = "replaced_before", "Another file has taken that place already"

    def __init__(self, import_id: UUID, stands: UUID) -> None:
        super().__init__(
            "Nothing was imported: what it is to replace is replaced already.",
            errors=[
                FieldError("replaces", f"{import_id} was replaced by {stands}", f"replaces={stands}, which stands")
            ],
        )


@dataclass(frozen=True, slots=True)
class Imported:
    import_id: UUID
    rows: int
    repeated: bool
    replaces: UUID | None
    days: DaysTaken | None = None


class RulesChanged(Exception):
    """The survey has other rules than those by which the file was read: somebody else began it meanwhile."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self.survey = survey


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would add: its first rows as they were understood, its index, and every fault."""

    rows: int
    first: Sequence[Answered]
    index: Index
    faults: Sequence[FieldError]
    survey: Survey
    days: DaysTaken | None = None


async def survey_for(session: AsyncSession, code: str) -> Survey:
    """The survey that a file would be imported into: one that is known, or the one that it would begin."""
    return await surveys.get_survey(session, code) or _unknown(code)


def preview(read: ReadFile, now: datetime) -> Preview:
    """What the file alone would add, whose faults are shown. Raises `SurveyClosed`, and `Invalid` for its days."""
    survey, summary = read.survey, read.reading.summary
    check_open(survey, read.file, now)
    counts, n = survey.layout.read(summary.cells or [0] * survey.layout.size)
    index = skm(counts, n, survey.instrument, edition=survey.edition)
    first = next(read.reading.batches(), [])[:_SHOWN]
    return Preview(summary.rows, first, index, summary.faults, survey, summary.days)


async def page(
    session: AsyncSession, code: str, *, before: UUID | None, limit: int
) -> tuple[Sequence[Import], str | None]:
    """The files of a survey, the newest first, and where the next page begins. Raises `NotFound`."""
    await find(session, code)
    found = await stored.list_imports(session, code, before=before, limit=limit + 1)
    return first_of(found, limit, lambda file: file.import_id)


async def likeness_of(session: AsyncSession, read: ReadFile, now: datetime) -> Likeness:
    """What a file without faults has in common with those of its survey, or that it is there already.

    Nothing of it is left when the transaction ends. Raises `OtherMapping`, as `import_file` would.
    """
    summary, code = read.reading.summary, read.survey.code
    if summary.faults:
        return Likeness()
    if await _find_repeated(session, read):
        return Likeness(repeated=True)
    others = await likeness.standing(session, code)
    if not others:
        return Likeness()
    import_id = new_id()
    await likeness.lay_out(session)
    async for records in records_of(read, import_id, Counted(read.survey), now):
        await likeness.send(session, records)
    return await likeness_to(session, read.survey, import_id, summary, others, rows=Rows.SENT)


async def import_file(session: AsyncSession, read: ReadFile, choice: Choice, *, actor: str, now: datetime) -> Imported:
    """Imports a file, all of it or nothing; a survey that is not known yet begins with it.

    The same cells are counted once for a survey, however often and in whatever form they are sent. What the file
    replaces is taken back with it. Raises `Invalid` with row and column of each fault, `SurveyClosed`, `OtherMapping`,
    `ImportedBefore`, `ReplacedBefore`, `RulesChanged`, and `NotFound` when there is nothing to replace.
    """
    survey = await _begun(session, read.survey.code, now)
    if not survey.is_ruled_as(read.survey):
        raise RulesChanged(survey)
    check_open(survey, read.file, now)
    if read.reading.summary.faults:
        raise Invalid("The file has faults; nothing of it was imported.", errors=read.reading.summary.faults)
    await stored.one_after_another(session, survey.code)
    old = await hold(session, survey.code, choice.replaces, field="replaces") if choice.replaces else None
    if old is not None and await _is_just_so(session, read, old):
        return Imported(old.import_id, old.rows, repeated=True, replaces=old.replaces)
    stood = old is not None and old.withdrawn_at is None
    if old is not None and not stood:
        await _check_not_replaced(session, read, old)
    removed = await take_out(session, survey, old.import_id, by=actor, now=now) if old and stood else None
    for _ in range(_TRIES):
        done = await _import(session, read, choice, removed, actor=actor, now=now)
        if done is not None:
            return done
    raise Unavailable("The same file is being taken back. Please send it again.")


async def _check_not_replaced(session: AsyncSession, read: ReadFile, old: Import) -> None:
    """Raises `ReplacedBefore` where another file than this one has taken the place of `old`."""
    stands = await stored.replacement_of(session, read.survey.code, old.import_id)
    if stands is not None and await _find_repeated(session, read) is None:
        raise ReplacedBefore(old.import_id, stands)


async def _begun(session: AsyncSession, code: str, now: datetime) -> Survey:
    """The survey, held until the end of the transaction. One that is not known begins, unless another is quicker."""
    known = await surveys.get_survey(session, code, hold=True)
    if known is not None:
        return known
    survey = _unknown(code)
    return survey if await surveys.insert_survey(session, survey, now) else await find(session, code, hold=True)


async def _is_just_so(session: AsyncSession, read: ReadFile, old: Import) -> bool:
    """Whether a file that stands is this very one, read in the same way: to replace it by itself changes nothing."""
    same = await stored.find_import(session, read.survey.code, read.reading.summary.sha)
    return same is not None and same.import_id == old.import_id and is_read_alike(read, same)


async def _find_repeated(session: AsyncSession, read: ReadFile) -> Import | None:
    """The import of the same cells that stands, read in the same way. Raises `OtherMapping` if in another."""
    same = await stored.find_import(session, read.survey.code, read.reading.summary.sha)
    if same is not None and not is_read_alike(read, same):
        raise OtherMapping(same.import_id)
    return same


async def _import(
    session: AsyncSession, read: ReadFile, choice: Choice, removed: Counted | None, *, actor: str, now: datetime
) -> Imported | None:
    """One try, after what the file replaces was taken out and is yet to be `removed` from the tallies.

    None if the same file, which was there before, was taken back just now.
    """
    code, summary = read.survey.code, read.reading.summary
    import_id = new_id()
    new = await stored.insert_import(
        session,
        import_id=import_id,
        survey=code,
        content_sha256=summary.sha,
        mapping=understood(read),
        rows=summary.rows,
        has_numbers=summary.numbered,
        replaces=choice.replaces,
        imported_by=actor,
        now=now,
        days=summary.days,
        elements_named_by=summary.elements_named_by,
    )
    if new:
        added = Counted(read.survey)
        async for records in records_of(read, import_id, added, now):
            await responses.copy(session, records)
        await check_others(session, read.survey, import_id, summary, choice)
        if removed is None:
            await tallies.add(session, added)
        else:
            await tallies.change(session, added, removed)
        return Imported(import_id, summary.rows, repeated=False, replaces=choice.replaces, days=summary.days)
    before = await _find_repeated(session, read)
    if before is None:
        return None
    if choice.replaces is not None:
        await stored.note_replaced(session, before.import_id, choice.replaces)
    if removed is not None:
        await tallies.change(session, Counted(read.survey), removed)
    replaces = choice.replaces or before.replaces
    return Imported(before.import_id, before.rows, repeated=True, replaces=replaces, days=before.days)


def _unknown(code: str) -> Survey:
    """A survey that begins with its first file, and asks nobody else: the nine elements, under the rules in force."""
    instrument = builtin()[DEFAULT_INSTRUMENT].asking_nps()
    return Survey(code, code.replace("-", " "), instrument, selection="nobody", questions_assumed=True)
