"""Files as staff see them: listed with what is the matter, and downloaded so that no browser opens them."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.responses import Response

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.clock import utcnow
from shared.ids import new_id
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens
from shared.visibility import Visibility
from tests.conftest import SECRETS, FrozenClock, staff_header
from tests.services.intake.channels import test_line as line
from tests.services.intake.channels.conftest import SECRET, Open
from tests.services.intake.files.conftest import AGENT, Files
from tests.services.intake.files.test_media import PNG, bring_video, content_of
from tests.services.intake.given import problem_of
from tests.services.intake.mail.given import multipart, part
from tests.serving import serving


async def bring_mail(files: Files, name: str, content_type: str = "text/plain", body: bytes = b"<b>x</b>") -> UUID:
    """The id of the one file of a mail."""
    attached = part(
        base64.encodebytes(body),
        content_type,
        Content_Transfer_Encoding="base64",
        Content_Disposition=f"attachment; filename*=UTF-8''{name}",
    )
    content = multipart(part("Terlampir."), attached)
    answer = await files.http.post("/v1/mails", content=content, headers={**AGENT, "Content-Type": "message/rfc822"})
    assert answer.status_code == 202
    [kept] = await files.become("kept")
    found: UUID = kept.id
    return found


async def test_file_is_downloaded_as_it_came_and_no_browser_opens_it(files: Files) -> None:
    answer = await files.content(await bring_mail(files, "bukti.html", "text/html"))
    assert (answer.status_code, answer.content) == (200, b"<b>x</b>")
    assert answer.headers["content-disposition"].startswith('attachment; filename="bukti.html"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "text/html"


@pytest.mark.parametrize(
    ("written", "ascii_name", "name"),
    [
        ("bukti%22%3B%20transfer.pdf", "bukti__ transfer.pdf", 'bukti"; transfer.pdf'),
        ("%E5%86%99%E7%9C%9F.png", "__.png", "写真.png"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd.txt", "passwd.txt"),
        ("%2E%2E", "file.txt", "file.txt"),
        ("a%0D%0ASet-Cookie%3A%20x.y", "a Set-Cookie_ x.y", "a Set-Cookie: x.y"),
    ],
)
async def test_name_of_a_download_cannot_break_out_of_its_header(
    files: Files, written: str, ascii_name: str, name: str
) -> None:
    answer = await files.content(await bring_mail(files, written))
    plain, _, encoded = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (plain, unquote(encoded)) == (f'attachment; filename="{ascii_name}"', name)
    assert "set-cookie" not in answer.headers


async def test_media_type_that_is_none_is_not_repeated(files: Files) -> None:
    attachment_id = await bring_mail(files, "x")
    await files.do("UPDATE attachments SET media_type = :told", told="text/html\r\nX-Evil: 1")
    answer = await files.content(attachment_id)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "x-evil" not in answer.headers


async def test_files_of_a_contact_are_listed_with_what_is_the_matter(files: Files) -> None:
    files.other.answers = {
        content_of(1): [Response(PNG)],
        content_of(2): [Response(status_code=202)],
        content_of(3): [Response(status_code=410)],
    }
    for number in (1, 2, 3):
        await bring_video(files, number)
    await files.tried("HTTP 202")
    await files.tried("HTTP 410")
    await files.eventually_kept(1)
    found = [
        one for row in await files.rows("SELECT id FROM contacts ORDER BY id") for one in await files.listed(row.id)
    ]
    assert {(one["state"], one["size"], one["reason"]) for one in found} == {
        ("kept", len(PNG), ""),
        ("waiting", None, "not fetched yet: it is not handed out there yet (HTTP 202)"),
        ("failed", None, "could not be fetched: it is no longer there (HTTP 410)"),
    }
    answers = {one["state"]: await files.content(one["id"]) for one in found}
    assert answers["kept"].content == PNG
    assert 'filename="video.png"' in answers["kept"].headers["content-disposition"]
    assert problem_of(answers["waiting"]) == (409, "attachment_waiting")
    assert problem_of(answers["failed"]) == (404, "attachment_failed")
    assert answers["failed"].json()["detail"] == "Could not be fetched: it is no longer there (HTTP 410)."


async def test_contact_without_files_has_an_empty_list(files: Files) -> None:
    await line.bring(files, line.event(1))
    await files.is_parsed()
    [contact] = await files.rows("SELECT id FROM contacts")
    assert await files.listed(contact.id) == []


@pytest.mark.parametrize("path", ["/v1/contacts/{}/attachments", "/v1/attachments/{}/content"])
async def test_file_that_is_not_there_is_not_found(files: Files, path: str) -> None:
    assert problem_of(await files.http.get(path.format(new_id()), headers=AGENT)) == (404, "not_found")


async def test_bytes_that_the_store_lost_are_told(files: Files) -> None:
    attachment_id = await bring_mail(files, "x")
    await files.store.remove([attachment_id])
    assert problem_of(await files.content(attachment_id)) == (404, "not_found")


async def test_files_are_for_agents_and_supervisors_of_every_unit(files: Files) -> None:
    attachment_id = await bring_mail(files, "x")
    of_a_unit = StaffTokens(SECRETS).issue("x", ["agent"], utcnow(), timedelta(hours=1), Visibility(frozenset({"a"})))
    for header, status in (
        (staff_header("supervisor"), 200),
        (staff_header("officer"), 403),
        ({"Authorization": f"Bearer {of_a_unit}"}, 403),
        ({}, 401),
    ):
        assert (await files.content(attachment_id, header)).status_code == status


@pytest_asyncio.fixture
async def without_tokens(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[Open]:
    settings = IntakeSettings(line_channel_secret=SecretStr(SECRET), attachments_dir=tmp_path)
    service = build(common, settings, clock)
    workers = [worker for worker in service.workers if worker.name in ("keeper of raw bytes", "parser")]
    async with serving(service, workers=workers) as http:
        yield Open(service, http)


async def test_file_waits_and_says_which_setting_is_missing(without_tokens: Open) -> None:
    await line.bring(without_tokens, line.event(1, message={"id": "1", "type": "image"}))
    await without_tokens.is_parsed()
    [row] = await without_tokens.rows("SELECT id, contact_id FROM attachments")
    listed = await without_tokens.http.get(f"/v1/contacts/{row.contact_id}/attachments", headers=AGENT)
    [file] = listed.json()["items"]
    assert (file["state"], file["reason"]) == (
        "waiting",
        "INTAKE_LINE_ACCESS_TOKEN is not set: it is fetched when it is",
    )
    answer = await without_tokens.http.get(f"/v1/attachments/{row.id}/content", headers=AGENT)
    assert "INTAKE_LINE_ACCESS_TOKEN" in answer.json()["detail"]
    assert problem_of(answer) == (409, "attachment_waiting")


async def test_store_that_does_not_answer_is_told(files: Files) -> None:
    attachment_id = await bring_mail(files, "x")
    files.folder.rename(files.folder.with_name("elsewhere"))
    files.folder.write_text("not a folder")
    answer = await files.content(attachment_id)
    files.folder.unlink()
    assert problem_of(answer) == (503, "unavailable")
