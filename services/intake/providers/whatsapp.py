"""WhatsApp Cloud: the Graph API says where a file is, for five minutes; so each try asks for that anew."""

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from services.intake.domain.media import Barred, Fetched, Gone, NotYet, Outcome
from services.intake.models.media import Medium
from services.intake.providers.media import Answer, MediaSource, refusal_of

_DOMAINS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net", "whatsapp.com")
"""Where Meta has files. Our token goes nowhere else, whatever an answer says."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_LET_IN = frozenset({10, 190, *range(200, 300)})
"""Codes of the Graph API: a token that has ended, or that lacks a permission."""
_UNKNOWN = 100


class WhatsAppMedia(MediaSource):
    """`GET /{media-id}` answers `{url, mime_type, sha256, file_size}`; `GET url`, with the same token, the file."""

    channel = "whatsapp"

    async def _fetch(self, medium: Medium) -> Outcome:
        asked = await self._get(self._below(medium.reference))
        described = _described(asked)
        if asked.status != HTTPStatus.OK:
            return _refusal(asked.status, described)
        url = self._trusted(str(described.get("url", "")))
        if url is None:
            return NotYet("WhatsApp names no address of its own for it")
        answer = await self._get(url)
        if answer.status != HTTPStatus.OK:  # also 404: the address has ended meanwhile
            outcome = refusal_of(answer.status)
            return (
                NotYet(f"the address for it has ended (HTTP {answer.status})") if isinstance(outcome, Gone) else outcome
            )
        digest = str(described.get("sha256", "")).lower()
        if _SHA256.fullmatch(digest) and hashlib.sha256(answer.content).hexdigest() != digest:
            return NotYet("it did not arrive whole")
        return Fetched(answer.content, str(described.get("mime_type") or answer.media_type))

    def _trusted(self, address: str) -> httpx.URL | None:
        """The address, if it is one of Meta's, or of where we asked."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            return None
        if (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port):
            return url
        is_metas = any(url.host == domain or url.host.endswith(f".{domain}") for domain in _DOMAINS)
        return url if url.scheme == "https" and url.port is None and not url.userinfo and is_metas else None


def _described(answer: Answer) -> Mapping[str, Any]:
    try:
        described = orjson.loads(answer.content)
    except ValueError:
        return {}
    return described if isinstance(described, Mapping) else {}


def _refusal(status: int, described: Mapping[str, Any]) -> Outcome:
    error = described.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    if code in _NOT_LET_IN:
        return Barred(f"the access token is refused there (code {code})")
    if code == _UNKNOWN:
        return Gone(f"could not be fetched: WhatsApp does not know it (code {code})")
    return refusal_of(status)
