"""By which rules contacts join cases: they are data, in versions, and people edit them."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.matching import MatchingRules
from services.tickets.repository import matching_rules
from services.tickets.repository.matching_rules import RulesRow
from shared.errors import FieldError, VersionConflict

_NAMES = {field.name for field in fields(MatchingRules)} - {"version"}


def rules_of(row: RulesRow) -> MatchingRules:
    """The rules of a version. What a newer release added to them is passed over."""
    known = {name: value for name, value in row.rules.items() if name in _NAMES}
    return MatchingRules(version=row.version, **known)


async def get_rules(session: AsyncSession) -> MatchingRules:
    """The rules in force."""
    return rules_of(await matching_rules.load(session))


async def put_rules(
    session: AsyncSession, rules: Mapping[str, Any], *, version: int | None, by: str, now: datetime
) -> MatchingRules:
    """Puts a next version of the rules in force. Raises `VersionConflict` if `version` was read and is not in force."""
    in_force = await matching_rules.hold(session)
    if version is not None and version != in_force.version:
        raise VersionConflict(
            "Somebody changed the rules since you read them. Read them again, and decide again.",
            errors=[FieldError("If-Match", "names an older version", f'"{in_force.version}"')],
        )
    row = RulesRow(in_force.version + 1, rules, now, by)
    await matching_rules.add(session, row)
    return rules_of(row)
