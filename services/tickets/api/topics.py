"""Topics: looked up, edited, and tried on a text."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from services.tickets.api.parameters import (
    PAGE,
    READER,
    SUPERVISOR,
    IfMatch,
    PageLimit,
    WiredRulebook,
    version_in,
)
from services.tickets.domain.topics import Choice, Topic, TopicVersion, unit_of
from services.tickets.domain.units import LONGEST_SLUG, SLUG, Unit
from services.tickets.schemas.topics import (
    ChoiceOut,
    Choices,
    ClassifyIn,
    TopicIn,
    TopicOut,
    TopicPage,
    TopicVersionPage,
)
from services.tickets.service import topics
from shared.auth import staff
from shared.caller import Caller
from shared.errors import NotFound, VersionConflict
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now

TopicSlug = Annotated[str, Path(alias="slug", pattern=SLUG, max_length=LONGEST_SLUG, description="As `insentif`")]
Supervisor = Annotated[Caller, Depends(SUPERVISOR)]
MAY_TRY = staff("cases:work", is_recorded=False, by_unit=True)
"""A text that is tried is kept nowhere."""
router = APIRouter(prefix="/v1", tags=["topics"], route_class=KeyedRoute)


@router.get("/topics", dependencies=[Depends(READER)])
async def list_topics(
    session: Reading,
    retired: Annotated[bool, Query(description="Those too that are given to no case any more")] = False,
) -> TopicPage:
    """Topics in their order, which decides between phrases of the same length."""
    return TopicPage(items=[_topic(version) for version in await topics.list_topics(session, retired=retired)])


@router.get("/topics/{slug}", dependencies=[Depends(READER)], responses=refusals(NotFound))
async def get_topic(response: Response, session: Reading, slug: TopicSlug) -> TopicOut:
    """One topic as it is now, retired or not."""
    return _tagged(response, await topics.get_topic(session, slug))


@router.get("/topics/{slug}/versions", dependencies=[Depends(READER)], responses=refusals(NotFound))
async def list_versions(
    session: Reading,
    slug: TopicSlug,
    limit: PageLimit = PAGE,
    cursor: Annotated[int | None, Query(ge=1, le=2_147_483_647)] = None,
) -> TopicVersionPage:
    """What a topic was, the newest first, with who made it so."""
    found, next_cursor = await topics.versions_of(session, slug, cursor, limit)
    return TopicVersionPage(items=[_topic(version) for version in found], next_cursor=next_cursor)


@router.put("/topics/{slug}", responses=refusals(VersionConflict))
async def put_topic(
    response: Response,
    session: Transaction,
    now: Now,
    caller: Supervisor,
    slug: TopicSlug,
    form: TopicIn,
    if_match: IfMatch = None,
) -> TopicOut:
    """Adds a topic (`If-Match: "0"`: only if there is none), changes it, or brings it back. It counts within ten
    seconds; cases that have their topic keep it.
    """
    topic = Topic(
        slug=slug,
        name=form.name,
        unit=Unit(form.unit, form.unit),
        phrases=tuple(form.phrases),
        required=form.required,
        required_by_channel={str(channel): names for channel, names in form.required_by_channel.items()},
    )
    kept = await topics.keep(session, topic, by=caller.subject, now=now, version=version_in(if_match))
    return _tagged(response, kept)


@router.delete("/topics/{slug}", responses=refusals(NotFound, VersionConflict))
async def retire_topic(
    response: Response, session: Transaction, now: Now, caller: Supervisor, slug: TopicSlug, if_match: IfMatch = None
) -> TopicOut:
    """Retires a topic: no case gets it any more, those that have it keep it, and its history stays."""
    retired = await topics.retire(session, slug, by=caller.subject, now=now, version=version_in(if_match))
    return _tagged(response, retired)


@router.post("/topics:classify", dependencies=[Depends(MAY_TRY)])
async def classify(session: Transaction, now: Now, rulebook: WiredRulebook, form: ClassifyIn) -> Choices:
    """What texts are about, as it would be chosen for contacts. Nothing of them is kept."""
    rules = await rulebook.read(session, now)
    return Choices(items=[_choice(rules.classifier.classify(text), rules.default_unit) for text in form.texts])


def _tagged(response: Response, version: TopicVersion) -> TopicOut:
    response.headers["ETag"] = f'"{version.version}"'
    return _topic(version)


def _topic(version: TopicVersion) -> TopicOut:
    topic = version.topic
    return TopicOut(
        slug=topic.slug,
        name=topic.name,
        unit=topic.unit.slug,
        unit_name=topic.unit.name,
        phrases=list(topic.phrases),
        required=list(topic.required),
        required_by_channel={channel: list(names) for channel, names in topic.required_by_channel.items()},
        version=version.version,
        is_retired=version.is_retired,
        edited_by=version.edited_by,
        edited_at=version.edited_at,
    )


def _choice(choice: Choice, default_unit: Unit) -> ChoiceOut:
    unit = unit_of(choice.topic, default_unit)
    return ChoiceOut(
        topic=choice.topic.slug if choice.topic else None,
        topic_name=choice.topic.name if choice.topic else None,
        unit=unit.slug,
        unit_name=unit.name,
        confidence=round(choice.confidence, 4),
        because=list(choice.because),
        is_triage=choice.topic is None,
    )
