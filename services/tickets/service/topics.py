"""Topics are edited and looked up. Each edit is a version, and none is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.topics import Topic, TopicVersion
from services.tickets.repository import topics
from services.tickets.service import units
from shared.errors import FieldError, NotFound, VersionConflict
from shared.paging import first_of


async def list_topics(session: AsyncSession, *, retired: bool) -> Sequence[TopicVersion]:
    """The topics in their order; with `retired` those too that are given to no case any more."""
    return [version for version in await topics.list_all(session) if retired or not version.is_retired]


async def get_topic(session: AsyncSession, slug: str) -> TopicVersion:
    """The topic as it is now. Raises `NotFound`."""
    found = await topics.get(session, slug)
    if found is None:
        raise NotFound(
            "There is no such topic.", errors=[FieldError("slug", "is not known", "the slug of one of GET /v1/topics")]
        )
    return found


async def versions_of(
    session: AsyncSession, slug: str, before: int | None, limit: int
) -> tuple[Sequence[TopicVersion], str | None]:
    """What the topic was, the newest first, and where the next page begins. Raises `NotFound`."""
    await get_topic(session, slug)
    found = await topics.versions_of(session, slug, before, limit + 1)
    return first_of(found, limit, lambda version: version.version)


async def keep(session: AsyncSession, topic: Topic, *, by: str, now: datetime, version: int | None) -> TopicVersion:
    """Adds a topic, or changes it, or brings it back. Raises `VersionConflict`, and `Invalid` for no unit of ours."""
    await topics.hold(session)
    topic = replace(topic, unit=await units.called(session, topic.unit.slug))
    was = await topics.get(session, topic.slug)
    _check(was, version)
    now_is = was.edited(topic, by, now) if was else await _first(session, topic, by, now)
    return await _written(session, was, now_is)


async def retire(session: AsyncSession, slug: str, *, by: str, now: datetime, version: int | None) -> TopicVersion:
    """Gives the topic to no case any more. Raises `NotFound`, `VersionConflict`."""
    await topics.hold(session)
    was = await get_topic(session, slug)
    _check(was, version)
    return await _written(session, was, was.retired(by, now))


async def _first(session: AsyncSession, topic: Topic, by: str, now: datetime) -> TopicVersion:
    """A new topic. Where one of its slug was deleted by hand, its versions go on after those."""
    last = await topics.versions_of(session, topic.slug, None, 1)
    return TopicVersion(topic, last[0].version + 1 if last else 1, False, by, now)


def _check(was: TopicVersion | None, expected: int | None) -> None:
    present = was.version if was else 0
    if expected is not None and expected != present:
        raise VersionConflict(
            "Somebody changed this topic since you read it. Read it again, and decide again.",
            errors=[FieldError("If-Match", "names another version than the present one", f'"{present}"')],
        )


async def _written(session: AsyncSession, was: TopicVersion | None, now_is: TopicVersion) -> TopicVersion:
    if now_is != was:
        await topics.add(session, now_is)
    return now_is
