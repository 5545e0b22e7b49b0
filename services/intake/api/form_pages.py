"""What the forms of these pages have in common: what was filled in, how it is kept, and how it comes back."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from starlette.datastructures import FormData, UploadFile

from services.intake.domain.files import media_type_of, plain_name
from services.intake.domain.form_words import FORM_WORDS, LANGUAGES, Words
from services.intake.domain.forms import MOST_FILES_BYTES, fault_of
from services.intake.domain.utterances import Attachment
from services.intake.service.contacts import Origin
from services.intake.service.forms import CLIENT, Forms, mark_of
from shared.errors import IdempotencyKeyReused, RateLimited, TooLarge, Unavailable
from shared.files import form_up_to
from shared.http import trace
from shared.pages import language_of
from shared.text import tidied
from shared.wiring import wired

_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_KEY_CHARACTERS = 22
_MOST_FIELDS_BYTES = 262_144
"""All that is typed, with what a form has around it."""
_MOST_BYTES = MOST_FILES_BYTES + _MOST_FIELDS_BYTES
_KEPT = {"Cache-Control": "private, no-cache"}
"""A page that its browser may not keep is gone when somebody presses "back", with what he wrote in it."""
WiredForms = Annotated[Forms, Depends(wired(Forms))]
Keep = Callable[[Origin, Sequence[Attachment]], Awaitable[str]]
"""Keeps what was sent, with its files, and answers the name of the page after it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was filled in; the key of the form, empty if it has none that nobody can guess; and the files that were
    chosen, of which the last was cut off where not all was read.
    """

    values: Mapping[str, str]
    key: str
    chosen: Sequence[UploadFile] = ()
    is_cut: bool = False

    def files_fault(self, most_file_bytes: int) -> str | None:
        """What is wrong with the files, if anything."""
        return "too_large" if self.is_cut else fault_of([file.size or 0 for file in self.chosen], most_file_bytes)


NOTHING_SENT = Sent({}, "")


@dataclass(frozen=True, slots=True)
class PageForm:
    """A form on a page: its template, its words and the fields that are typed into."""

    template: str
    words: Words
    fields: Sequence[str]

    @asynccontextmanager
    async def read(self, request: Request, most_bytes: int = _MOST_BYTES) -> AsyncIterator[Sent]:
        """What was sent, as far as so many bytes; of a form that cannot have files, as far as its fields go."""
        may_have_files = request.headers.get("content-type", "").startswith("multipart/form-data")
        async with form_up_to(request, most_bytes if may_have_files else _MOST_FIELDS_BYTES) as (form, is_cut):
            if sum(len(text) for _, text in form.multi_items() if isinstance(text, str)) > _MOST_FIELDS_BYTES:
                raise TooLarge(_MOST_FIELDS_BYTES)
            key, values = _text(form, "key"), {name: _filled_in(form, name) for name in self.fields}
            chosen = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
            yield Sent(values, key if len(key) >= _KEY_CHARACTERS else "", chosen, is_cut)

    async def take(
        self, request: Request, sent: Sent, forms: Forms, now: datetime, keep: Keep, *, at: str, **words: Any
    ) -> Response:
        """Has it kept, and leads to the page after it, which is below the path `at`. What cannot be kept comes back."""
        if not sent.key:  # of a form that nobody got from us: it gets one now
            return self.page(request, HTTPStatus.OK, sent, alert="sent_before", **words)
        try:
            async with forms.turn(len(sent.chosen)):
                files = [await _file(chosen) for chosen in sent.chosen]
                mark = await asyncio.to_thread(mark_of, at, sent.values, files)
                link = await keep(Origin(CLIENT, trace(request), now, sent.key, mark), files)
        except IdempotencyKeyReused as refusal:
            return self.page(request, refusal.status, replace(sent, key=""), alert="sent_before", **words)
        except Unavailable as refusal:
            return self.page(request, refusal.status, sent, alert="away", **words)
        return RedirectResponse(f"{at}/{link}?lang={language_of(request)}", HTTPStatus.SEE_OTHER)

    async def wait_page(self, request: Request, refusal: RateLimited, **words: Any) -> Response:
        """The form with what was filled in, and the time to wait."""
        words |= {"alert": "wait", "seconds": refusal.retry_after_seconds}
        if request.method != "POST":
            return self.page(request, refusal.status, NOTHING_SENT, **words)
        # the fields stand before the files, which nobody needs here
        async with self.read(request, _MOST_FIELDS_BYTES) as sent:
            return self.page(request, refusal.status, sent, **words)

    def faulty(
        self, request: Request, sent: Sent, faults: Collection[str], most_file_bytes: int, **words: Any
    ) -> HTMLResponse:
        """The form, with what is to be mended."""
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if "too_large" in faults else HTTPStatus.UNPROCESSABLE_ENTITY
        each = f"{min(most_file_bytes, MOST_FILES_BYTES) / 1_048_576:.2g}"
        return self.page(request, status, sent, alert="faults", faults=faults, each=each, **words)

    def page(self, request: Request, status: int, sent: Sent, **words: Any) -> HTMLResponse:
        """The form with what was filled in. Its files have to be chosen once more: no browser keeps them."""
        values, key = {**dict.fromkeys(self.fields, ""), **sent.values}, sent.key or secrets.token_urlsafe(16)
        words |= {"values": values, "key": key, "choose_again": bool(sent.chosen) or sent.is_cut}
        return page(request, self.template, status, self.words, **words)


def page(request: Request, template: str, status: int, in_words: Words = FORM_WORDS, **words: Any) -> HTMLResponse:
    """A page in the language of its reader."""
    language = language_of(request)
    [other] = (each for each in LANGUAGES if each != language)
    context = {"language": language, "other": other, "words": in_words[language], "faults": (), **words}
    return _templates.TemplateResponse(request, template, context, status_code=status, headers=_KEPT)


async def _file(chosen: UploadFile) -> Attachment:
    content = await chosen.read()
    told = chosen.content_type or "application/octet-stream"
    return Attachment(plain_name(chosen.filename or ""), media_type_of(content, told), content)


def _filled_in(form: FormData, name: str) -> str:
    text = _text(form, name).replace("\0", "")
    return text.replace("\r\n", "\n") if name == "body" else tidied(text)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
