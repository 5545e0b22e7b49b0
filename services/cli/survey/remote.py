"""survey_index of a running installation, as an officer's commands speak to it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from services.cli.survey.show import WAYS_ON, refuse
from services.cli.where import staff_token, survey_index_url
from services.local.house import HouseError
from shared.errors import FieldError
from shared.problems import Problem

_PATIENCE_SECONDS = 600
_CHUNK = 1 << 20
_PAGE = 500


class _Refused(Exception):
    """The service refused; the faults are what it named, and `code` is why."""

    def __init__(self, faults: list[FieldError], code: str) -> None:
        super().__init__()
        self.faults = faults
        self.code = code


class SurveyIndex:
    """A client, for one thread or several. What the service refuses ends the command (see `survey_index`)."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, query: Mapping[str, object]) -> httpx.Response:
        """The answer to a question. What is None in `query` is not asked for."""
        return self._checked(self._http.get(path, params=_without_none(query)))

    def items(self, path: str) -> Iterator[Mapping[str, Any]]:
        """What a list holds, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, {"cursor": cursor, "limit": _PAGE}).json()
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def post(self, path: str) -> httpx.Response:
        """The answer to a command that needs no more than its address."""
        return self._checked(self._http.post(path))

    def send(
        self, path: str, content: bytes, query: Mapping[str, object], on_sent: Callable[[int], None]
    ) -> httpx.Response:
        """The answer to a file. `on_sent` is told how many bytes have gone."""

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(content), _CHUNK):
                yield content[start : start + _CHUNK]
                on_sent(min(start + _CHUNK, len(content)))

        headers = {"Content-Length": str(len(content))}
        return self._checked(self._http.post(path, content=chunks(), headers=headers, params=_without_none(query)))

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            raise _Refused(*_faults(response))
        return response


@contextmanager
def survey_index(folder: Path, *, as_json: bool = False) -> Iterator[SurveyIndex]:
    """survey_index of the installation that the environment, or else the house in `folder`, names.

    What it refuses is shown with its fields, and ends the command. Raises `HouseError` when it cannot be reached.
    """
    url, headers = survey_index_url(folder), {"Authorization": f"Bearer {staff_token(folder)}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=_PATIENCE_SECONDS, trust_env=False) as http:
            yield SurveyIndex(http)
    except _Refused as refused:
        refuse(refused.faults, as_json=as_json, way_on=WAYS_ON.get(refused.code, ""))
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise HouseError(f"The service at {url} cannot be reached ({type(error).__name__}).") from None


def _without_none(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}


def _faults(response: httpx.Response) -> tuple[list[FieldError], str]:
    """What a refusal names, or the refusal itself, and its code; another server is believed nothing but its status."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        expected = "the service survey_index at SATUATAP_SURVEY_INDEX_URL"
        return [FieldError("service", f"answered {response.status_code}", expected)], ""
    faults = [FieldError(error.field, error.message, error.expected) for error in problem.errors]
    return faults or [FieldError(problem.code, problem.title, problem.detail)], problem.code
