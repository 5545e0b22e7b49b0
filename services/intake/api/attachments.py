"""The files that came with contacts, for staff to list and to download."""

import mimetypes
import re
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.intake.schemas.attachments import AttachmentList
from services.intake.service.attachments import AttachmentFailed, Attachments, AttachmentWaiting, listed
from shared.auth import staff
from shared.errors import NotFound
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import wired

Officer = Depends(staff("files:read"))
WiredAttachments = Annotated[Attachments, Depends(wired(Attachments))]
_OF_BYTES = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_UNSAFE = re.compile(r"[^ !#$&+\-.0-9A-Z^_`a-z~]")
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
"""A file is somebody's own, and may be anything: no browser opens it as a page of ours, or keeps it."""
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, to be saved",
        "content": {_OF_BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}

router = APIRouter(prefix="/v1", tags=["attachments"], route_class=KeyedRoute, dependencies=[Officer])


@router.get("/contacts/{contact_id}/attachments", responses=refusals(NotFound))
async def list_attachments(session: Reading, attachments: WiredAttachments, contact_id: UUID) -> AttachmentList:
    """The files of a contact: those that are kept, those that are still fetched, and those that will not come."""
    return listed(await attachments.of_contact(session, contact_id))


@router.get(
    "/attachments/{attachment_id}/content",
    response_class=Response,
    responses=_FILE | refusals(NotFound, AttachmentFailed, AttachmentWaiting),
)
async def read_content(session: Reading, attachments: WiredAttachments, attachment_id: UUID) -> Response:
    """The bytes of a file, to be saved under its name."""
    file, content = await attachments.content(session, attachment_id)
    headers = {
        "Content-Type": file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else _OF_BYTES,
        "Content-Disposition": _saved_as(file.name, file.media_type),
    }
    return Response(content, headers=headers | _SAFE)


def _saved_as(name: str, media_type: str) -> str:
    """Has a browser save a file under this name (RFC 6266), without folders, whoever chose it. One without an ending,
    such as those of messengers, gets that of its kind, so that it can be opened.
    """
    plain = name.replace("\\", "/").rpartition("/")[2].strip(" .") or "file"
    if "." not in plain:
        plain += mimetypes.guess_extension(media_type) or ""
    return f"attachment; filename=\"{_UNSAFE.sub('_', plain)}\"; filename*=UTF-8''{quote(plain, safe='')}"
