"""Topics and policy as they are in force, read again now and then: they are data, and people edit them."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.domain.sla import Policy
from services.tickets.domain.topics import Classifier

_FRESH_FOR = timedelta(seconds=10)


class Rulebook:
    """What the desk decides by. An edit counts after ten seconds at the latest."""

    def __init__(self, policy: str) -> None:
        self._policy_name = policy
        self._read_at: datetime | None = None
        self._policy: Policy
        self._classifier: Classifier

    async def read(self, session: AsyncSession, now: datetime) -> tuple[Classifier, Policy]:
        """The topics and the policy in force at `now`."""
        if self._read_at is None or now - self._read_at > _FRESH_FOR:
            self._classifier = Classifier(await repository.load_topics(session))
            self._policy = await repository.load_policy(session, self._policy_name)
            self._read_at = now
        return self._classifier, self._policy
