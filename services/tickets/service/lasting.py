"""Whether every clock of a policy comes to an end: found out when people edit, not at three in the morning."""

from datetime import datetime, timedelta

from services.tickets.domain.calendars import NeverEnough
from services.tickets.domain.clocks import due_at
from services.tickets.domain.policies import Policy
from shared.errors import FieldError, Invalid

_LONGEST = timedelta(days=10 * 366)


def check_ends(policy: Policy, now: datetime, field: str) -> None:
    """Raises `Invalid`, about `field`, where a clock that begins now is not due within ten years."""
    for term in policy.terms:
        for priority in ("normal", *term.by_priority):
            try:
                due = due_at(policy, term, term.calendar, now, (), priority)
            except NeverEnough:
                due = None
            if due is None or due > now + _LONGEST:
                expected = f"enough working time that {term.kind} of the policy {policy.name} is due within ten years"
                raise Invalid(
                    "A clock would never come to its end.", errors=[FieldError(field, "has too few hours", expected)]
                )
