"""One verb for many tickets at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.api.parameters import PlainAct, WiredRulebook
from services.tickets.domain.change import Act
from services.tickets.schemas.bulk import BulkOut, BulkResult
from services.tickets.schemas.info_requests import RequestInfoIn
from services.tickets.schemas.verbs import (
    AssignIn,
    BulkIn,
    BulkVerb,
    CloseIn,
    EscalateIn,
    ForwardIn,
    HoldIn,
    LinkIn,
    MergeIn,
    NoteIn,
    PriorityIn,
    PrivacyIn,
    ReopenIn,
    ReplyIn,
    ResolveIn,
    UnassignIn,
)
from services.tickets.service import bulk, info_requests, merges, verbs
from services.tickets.service.bulk import Outcome
from services.tickets.service.rulebook import Rulebook
from shared.errors import FieldError, IdempotencyKeyReused, Invalid
from shared.fingerprints import fingerprint_of
from shared.http import Model, Transaction
from shared.idempotency import FirstAnswer, KeyedRoute, again, first_answers, lock_key, remember
from shared.problems import field_error
from shared.wiring import wiring_of

router = APIRouter(prefix="/v1", tags=["tickets"], route_class=KeyedRoute)


class _Nothing(Model):
    """The verb is told nothing."""


@dataclass(frozen=True, slots=True)
class _Way:
    """The form of a verb, its use case, and which other tickets it touches: that which a field names, or those that
    `others` finds. Some use cases are told the rulebook, too.
    """

    form: type[Model]
    use_case: Any
    other: str | None = None
    others: Callable[[AsyncSession, Sequence[UUID], Act], Awaitable[list[UUID]]] | None = None
    by_rules: bool = False


_WAYS: Mapping[BulkVerb, _Way] = {
    "claim": _Way(_Nothing, verbs.claim),
    "assign": _Way(AssignIn, verbs.assign),
    "unassign": _Way(UnassignIn, verbs.unassign),
    "reply": _Way(ReplyIn, verbs.reply),
    "note": _Way(NoteIn, verbs.note),
    "hold": _Way(HoldIn, verbs.hold),
    "escalate": _Way(EscalateIn, verbs.escalate),
    "forward": _Way(ForwardIn, verbs.forward),
    "resolve": _Way(ResolveIn, verbs.resolve),
    "request-info": _Way(RequestInfoIn, info_requests.request_info, by_rules=True),
    "reopen": _Way(ReopenIn, verbs.reopen),
    "close": _Way(CloseIn, verbs.close),
    "reject": _Way(CloseIn, verbs.reject),
    "priority": _Way(PriorityIn, verbs.set_priority),
    "privacy": _Way(PrivacyIn, verbs.set_privacy),
    "merge": _Way(MergeIn, merges.merge, "into"),
    "unmerge": _Way(_Nothing, merges.unmerge, others=merges.roots_of),
    "link": _Way(LinkIn, merges.link, "other"),
}


@router.post("/tickets:bulk", response_model=BulkOut)
async def carry_out(
    request: Request, session: Transaction, act: PlainAct, rulebook: WiredRulebook, form: BulkIn
) -> Any:
    """Does one thing to up to 500 tickets: each for itself, by the rules of the single verb, which takes `arguments`.
    The same `bulk_id` again has no second effect, and gets the first answer.
    """
    schema, key = wiring_of(request).db.schema, f"bulk {form.bulk_id}"
    mark = await fingerprint_of(request)
    await lock_key(session, schema, act.actor, key)
    first = (await first_answers(session, schema, [(act.actor, key)])).get((act.actor, key))
    if first is not None:
        return again(_same(first, mark))
    answer = BulkOut(results=[_result(outcome) for outcome in await _do(session, act, rulebook, form)])
    kept = FirstAnswer(mark, answer.model_dump_json(), 200, None)
    await remember(session, schema, act.actor, key, kept, act.now)
    return answer


async def _do(session: Transaction, act: Act, rulebook: Rulebook, form: BulkIn) -> list[Outcome]:
    way = _WAYS[form.verb]
    told = _told(way, form)
    others: list[UUID] = [told[way.other]] if way.other else []
    if way.others:
        others = await way.others(session, form.ids, act)
    use_case = partial(way.use_case, session, rulebook) if way.by_rules else partial(way.use_case, session)
    verb = partial(_of_one, use_case, act, told)
    return await bulk.carry_out(session, form.ids, others, act, verb)


async def _of_one(use_case: Any, act: Act, told: Mapping[str, Any], ticket_id: UUID) -> Any:
    return await use_case(ticket_id, act, **told)


def _told(way: _Way, form: BulkIn) -> dict[str, Any]:
    """What the verb is told, as its own route takes it. Raises `Invalid`."""
    try:
        return dict(way.form.model_validate(form.arguments))
    except ValidationError as error:
        known = sorted(way.form.model_fields)
        faults = [
            field_error({**fault, "loc": ("arguments", *fault["loc"])}, known)
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise Invalid("The arguments are not those of the verb.", errors=faults) from None


def _same(first: FirstAnswer, mark: str) -> FirstAnswer:
    try:
        return first.to(mark)
    except IdempotencyKeyReused:
        raise IdempotencyKeyReused("bulk_id") from None


def _result(outcome: Outcome) -> BulkResult:
    refusal = outcome.refusal
    if refusal is None:
        return BulkResult(id=outcome.ticket_id, version=outcome.version)
    faults: tuple[FieldError, ...] = refusal.errors
    return BulkResult(id=outcome.ticket_id, code=refusal.code, detail=refusal.detail, errors=list(faults))
