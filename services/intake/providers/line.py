"""LINE: a file has the id of its message, and is there when it is prepared, for a while."""

from http import HTTPStatus

from services.intake.domain.media import Fetched, Gone, Outcome
from services.intake.models.media import Medium
from services.intake.providers.media import MediaSource, refusal_of


class LineMedia(MediaSource):
    """`GET /v2/bot/message/{messageId}/content`: 202 while a video or a recording is prepared."""

    channel = "line"

    async def _fetch(self, medium: Medium) -> Outcome:
        if not medium.reference.isdecimal():  # an address that whoever sent it made up
            return Gone("could not be fetched: it lies outside LINE")
        answer = await self._get(self._below("v2", "bot", "message", medium.reference, "content"))
        if answer.status == HTTPStatus.OK:
            return Fetched(answer.content, answer.media_type)
        if answer.status == HTTPStatus.BAD_REQUEST:
            return Gone("could not be fetched: LINE does not know it (HTTP 400)")
        return refusal_of(answer.status)
