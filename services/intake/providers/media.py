"""Fetches files over HTTP, within bounds: of bytes, of time, and of the hosts that are asked."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import httpx
from pydantic import HttpUrl, SecretStr

from services.intake.domain.media import MOST_BYTES, Barred, Gone, NotYet, Outcome
from services.intake.models.media import Medium

LONGEST_SECONDS = 60.0
"""For all that one try asks."""
_PATIENCE = httpx.Timeout(10)
_GONE = (404, 410)
_BARRED = (401, 403)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: all of it."""

    status: int
    media_type: str
    content: bytes


class TooLong(Exception):
    """The answer is longer than the bytes that are taken."""


class MediaSource(ABC):
    """Where one channel keeps its files. Any number may be asked for at once."""

    channel: ClassVar[str]

    def __init__(self, base: HttpUrl, token: SecretStr) -> None:
        self._base = httpx.URL(str(base).rstrip("/"))
        self._http = httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {token.get_secret_value()}",
                "User-Agent": "satuatap",
                "Accept-Encoding": "identity",  # what is unpacked has no bound
            },
            timeout=_PATIENCE,
            trust_env=False,
            follow_redirects=False,
        )

    async def fetch(self, medium: Medium) -> Outcome:
        """Tries once, for `LONGEST_SECONDS` at most. It never raises."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._fetch(medium)
        except TooLong:
            return Gone(f"could not be fetched: it is larger than {MOST_BYTES // 1_048_576} MB")
        except (TimeoutError, httpx.HTTPError) as error:
            return NotYet(f"the other side does not answer ({type(error).__name__})")

    async def close(self) -> None:
        """Gives back its connections."""
        await self._http.aclose()

    @abstractmethod
    async def _fetch(self, medium: Medium) -> Outcome: ...

    def _below(self, *segments: str) -> httpx.URL:
        """The address of something below the base; what stands in a segment cannot lead elsewhere."""
        path = "/".join([self._base.path.rstrip("/"), *map(_quoted, segments)])
        return self._base.copy_with(raw_path=path.encode())

    async def _get(self, url: httpx.URL) -> Answer:
        """Asks for `url`, with our token. Raises `TooLong`, and what httpx raises."""
        async with self._http.stream("GET", url) as response:
            pieces, size = [], 0
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > MOST_BYTES:
                    raise TooLong
                pieces.append(piece)
            media_type = response.headers.get("content-type", "").partition(";")[0].strip()
            return Answer(response.status_code, media_type, b"".join(pieces))


def refusal_of(status: int) -> Outcome:
    """What an answer means that brings no file."""
    if status in _BARRED:
        return Barred(f"the access token is refused there (HTTP {status})")
    if status in _GONE:
        return Gone(f"could not be fetched: it is no longer there (HTTP {status})")
    return NotYet(f"it is not handed out there yet (HTTP {status})")


def _quoted(segment: str) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in segment.encode())
