"""The rules by which contacts join cases."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.tickets.api.parameters import READER, SUPERVISOR, IfMatch, version_in
from services.tickets.domain.matching import MatchingRules
from services.tickets.schemas.matching import MatchingRulesIn, MatchingRulesOut
from services.tickets.service import matching
from shared.caller import Caller
from shared.errors import VersionConflict
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/matching/rules", tags=["matching"], dependencies=[Depends(READER)])
async def get_rules(response: Response, session: Reading) -> MatchingRulesOut:
    """The rules in force."""
    return _out(response, await matching.get_rules(session))


@router.put("/matching/rules", tags=["matching"], responses=refusals(VersionConflict))
async def put_rules(
    response: Response,
    session: Transaction,
    caller: Annotated[Caller, Depends(SUPERVISOR)],
    now: Now,
    form: MatchingRulesIn,
    if_match: IfMatch = None,
) -> MatchingRulesOut:
    """Puts a next version of the rules in force, within ten seconds. What joined before stays where it is."""
    version = version_in(if_match)
    rules = await matching.put_rules(session, form.model_dump(), version=version, by=caller.subject, now=now)
    return _out(response, rules)


def _out(response: Response, rules: MatchingRules) -> MatchingRulesOut:
    response.headers["ETag"] = f'"{rules.version}"'
    return MatchingRulesOut.model_validate(asdict(rules))
