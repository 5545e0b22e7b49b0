"""Files go with what they belong to: rows at once, bytes after the commit, and nothing stays in the store for ever."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.intake.models.attachments import NewFiles
from services.intake.repository.attachments import forget_attachments, remove_of
from services.intake.repository.retention import blank_contacts
from services.intake.service.attachments import Attachments
from services.intake.service.loose_files import remove_loose_files
from shared.errors import Unavailable
from shared.ids import new_id
from shared.wiring import wiring_in
from tests.conftest import FrozenClock, eventually
from tests.services.intake.channels import test_line as line
from tests.services.intake.channels import test_whatsapp as whatsapp
from tests.services.intake.files.conftest import Files
from tests.services.intake.files.test_media import MEDIUM, PNG, bring_picture, bring_video, content_of, told
from tests.services.intake.given import count


class Undone(Exception):
    """What ends a transaction."""


async def is_empty(files: Files) -> bool:
    """Whether nothing is in the store, and nothing waits to be removed."""
    return not files.kept() and not await files.rows("SELECT 1 FROM loose_files")


async def with_a_video(files: Files) -> Any:
    """The row of a video that is kept."""
    files.other.answers[content_of(1)] = [Response(PNG)]
    await bring_video(files)
    [row] = await files.become("kept")
    return row


def kept_before(files: Files) -> Attachments:
    return wiring_in(files.service.app).part(Attachments)


async def unsend(files: Files) -> None:
    await line.bring(files, line.event(2, "unsend", unsend={"messageId": "1"}))
    await files.is_parsed()


async def test_file_of_a_message_that_was_unsent_is_gone(files: Files) -> None:
    await with_a_video(files)
    await unsend(files)
    assert await files.attachments() == []
    await eventually(lambda: is_empty(files))


async def test_file_of_a_message_that_was_revoked_is_gone_whichever_came_first(files: Files) -> None:
    files.other.answers = {MEDIUM: [told(files)], "/attachments/": [Response(PNG)]}
    revoked = whatsapp.other("revoke", {"original_message_id": "wamid.1"}, 2)
    await whatsapp.bring(files, whatsapp.body_of(whatsapp.change(revoked)))
    await files.is_parsed()
    await bring_picture(files)
    assert await files.attachments() == []
    await files.time_passes()
    await eventually(lambda: is_empty(files))
    assert await count(files.service.db, "media") == 0


async def test_file_that_is_unsent_while_it_is_fetched_does_not_stay_in_the_store(files: Files) -> None:
    asked, is_unsent = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        asked.set()
        await is_unsent.wait()
        return Response(PNG)

    files.other.answers[content_of(1)] = [slow]
    await bring_video(files)
    await asked.wait()
    await unsend(files)
    is_unsent.set()

    async def is_put() -> bool:
        return files.kept() == 1

    await eventually(is_put)
    assert await files.attachments() == []
    await files.time_passes()
    await eventually(lambda: is_empty(files))


async def test_files_go_when_their_contact_is_blanked(files: Files, clock: FrozenClock) -> None:
    await with_a_video(files)
    async with files.service.db.transaction() as session:
        assert await blank_contacts(session, clock.forward(days=1), 10) == 1
    assert await files.attachments() == []
    await eventually(lambda: is_empty(files))


async def test_files_go_when_their_own_time_is_over(files: Files, clock: FrozenClock) -> None:
    await with_a_video(files)
    async with files.service.db.transaction() as session:
        assert await forget_attachments(session, clock() - timedelta(seconds=1), 10) == 0
        assert await forget_attachments(session, clock.forward(days=1), 10) == 1
    await eventually(lambda: is_empty(files))


async def test_removal_that_is_undone_loses_nothing(files: Files) -> None:
    row = await with_a_video(files)
    with suppress(Undone):
        async with files.service.db.transaction() as session:
            await remove_of(session, [row.contact_id])
            raise Undone
    assert [left.id for left in await files.attachments()] == [row.id]
    assert await count(files.service.db, "loose_files") == 0
    assert (await files.content(row.id)).content == PNG


async def test_bytes_that_were_removed_without_a_commit_are_removed_once_more(files: Files) -> None:
    """As where the process ends between the two."""
    file_id = new_id()
    await kept_before(files).put(NewFiles([], [(file_id, PNG)], []))
    await files.do("UPDATE loose_files SET due_at = now() - interval '1 second'")
    with suppress(Undone):
        async with files.service.db.transaction() as session:
            await remove_loose_files(session, files.store, 10)
            raise Undone
    await eventually(lambda: is_empty(files))


async def test_bytes_that_no_row_followed_are_found_and_removed(files: Files) -> None:
    """As where the process ends between the bytes and the commit: not at once, for the row may still come."""
    await kept_before(files).put(NewFiles([], [(new_id(), PNG)], []))
    [loose] = await files.rows("SELECT due_at > now() + interval '50 minutes' AS later FROM loose_files")
    assert (files.kept(), loose.later) == (1, True)
    await files.time_passes()
    await eventually(lambda: is_empty(files))


async def test_bytes_that_were_announced_again_stay_with_their_row(files: Files) -> None:
    """As by a double click of which the second comes late: what is due has a row, and is only forgotten."""
    row = await with_a_video(files)
    await kept_before(files).put(NewFiles([], [(row.id, PNG)], []))
    await files.time_passes()

    async def is_forgotten() -> bool:
        return await count(files.service.db, "loose_files") == 0

    await eventually(is_forgotten)
    assert (await files.content(row.id)).content == PNG


async def test_row_is_not_written_when_its_bytes_were_removed_meanwhile(files: Files) -> None:
    row = await with_a_video(files)
    late = NewFiles([row], [(new_id(), PNG)], [])
    await kept_before(files).put(late)
    await files.time_passes()

    async def are_removed() -> bool:
        return await count(files.service.db, "loose_files") == 0

    await eventually(are_removed)
    with pytest.raises(Unavailable):
        async with files.service.db.transaction() as session:
            await kept_before(files).add(session, late)
