"""Topics and policies as they are in force, read again now and then: they are data, and people edit them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.matching import MatchingRules
from services.tickets.domain.policies import Policies
from services.tickets.domain.topics import Classifier, Learned
from services.tickets.domain.units import Unit, slug_of
from services.tickets.repository import matching_rules, policies, topic_models, topics, units
from services.tickets.service.matching import rules_of
from shared.consumer.failures import OurFault
from shared.telemetry import log

_FRESH_FOR = timedelta(seconds=10)


class NoPolicyInForce(OurFault):
    """No version of the policy that `TICKETS_POLICY` names is in force."""

    def __init__(self, policy: str) -> None:
        super().__init__(f"no version of the SLA policy {policy!r} is in force (TICKETS_POLICY names it)")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force: the topics, the policies of new tickets, who handles what is of no topic, and what joins."""

    classifier: Classifier
    policies: Policies
    default_unit: Unit
    matching: MatchingRules


class Rulebook:
    """What the service decides by. An edit counts after ten seconds at the latest."""

    def __init__(self, *, policy: str, default_unit: str) -> None:
        self._policy_name = policy
        self._default_unit = Unit(slug_of(default_unit), default_unit)
        self._learned: tuple[int, Learned] | None = None
        self._rules: Rules | None = None
        self._read_at: datetime

    async def read(self, session: AsyncSession, now: datetime) -> Rules:
        """What is in force at `now`."""
        if self._rules is None or now - self._read_at > _FRESH_FOR:
            self._rules = Rules(
                Classifier(await topics.load(session), await self._load_learned(session)),
                await self._load_policies(session),
                await self._load_default_unit(session),
                rules_of(await matching_rules.load(session)),
            )
            self._read_at = now
        return self._rules

    async def _load_learned(self, session: AsyncSession) -> Learned | None:
        """What the active model learned, read once: it is large, and a version never changes."""
        version = await topic_models.active_version(session)
        if version is None:
            self._learned = None
        elif self._learned is None or self._learned[0] != version:
            self._learned = version, Learned(await topic_models.load(session, version))
        return self._learned[1] if self._learned else None

    async def _load_policies(self, session: AsyncSession) -> Policies:
        in_force = {policy.name: policy for policy in await policies.in_force(session)}
        if self._policy_name in in_force:
            return Policies(in_force[self._policy_name], in_force.values())
        if self._rules is None:
            raise NoPolicyInForce(self._policy_name)
        log.error("policy.missing", policy=self._policy_name)  # somebody is editing: the last one serves meanwhile
        return self._rules.policies

    async def _load_default_unit(self, session: AsyncSession) -> Unit:
        """The unit that the settings name, as it is called now; it gets a row when it has none."""
        unit = await units.get(session, self._default_unit.slug)
        if unit is None:
            await units.add(session, self._default_unit)
        return unit or self._default_unit
