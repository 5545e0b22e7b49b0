"""Topics and policy as they are in force, read again now and then: they are data, and people edit them."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.clocks import Policy
from services.tickets.domain.topics import Classifier
from services.tickets.repository import rules
from shared.consumer.failures import OurFault
from shared.telemetry import log

_FRESH_FOR = timedelta(seconds=10)


class NoPolicyInForce(OurFault):
    """No version of the policy that `TICKETS_POLICY` names is in force."""

    def __init__(self, policy: str) -> None:
        super().__init__(f"no version of the SLA policy {policy!r} is in force (TICKETS_POLICY names it)")


class Rulebook:
    """What the service decides by. An edit counts after ten seconds at the latest."""

    def __init__(self, policy: str) -> None:
        self._policy_name = policy
        self._read_at: datetime | None = None
        self._policy: Policy
        self._classifier: Classifier

    async def read(self, session: AsyncSession, now: datetime) -> tuple[Classifier, Policy]:
        """The topics and the policy in force at `now`."""
        if self._read_at is None or now - self._read_at > _FRESH_FOR:
            policy = await rules.load_policy(session, self._policy_name)
            if policy is None and self._read_at is None:
                raise NoPolicyInForce(self._policy_name)
            if policy is None:  # somebody is editing: the last one serves meanwhile
                log.error("policy.missing", policy=self._policy_name)
            self._policy = policy or self._policy
            self._classifier = Classifier(await rules.load_topics(session))
            self._read_at = now
        return self._classifier, self._policy
