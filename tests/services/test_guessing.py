"""Who guesses a capability is soon asked to wait, on every route that asks for one and for nothing else."""

from contextlib import AsyncExitStack

import httpx
from pydantic import HttpUrl

from services.survey_index.main import build as build_survey_index
from services.survey_index.settings import SurveyIndexSettings
from services.tickets.main import build as build_tickets
from services.tickets.settings import TicketsSettings
from shared.settings import CommonSettings
from tests.services.test_every_route_says_who import public_routes
from tests.serving import serving

GUESSES = {
    "/v1/track/{tracking_code}": ("GET", "/v1/track/7K3Q-WM9X-TB40"),
    "/t/{name:path}": ("GET", "/t/guessed"),
    "/v1/invitations/{token}": ("GET", "/v1/invitations/guessed"),
    "/v1/responses": ("POST", "/v1/responses"),
    "/s": ("GET", "/s"),
    "/p": ("GET", "/p"),
    "/s/{token:path}": ("GET", "/s/guessed"),
    "/p/{survey:path}": ("GET", "/p/guessed"),
}


async def test_guess_costs_ten_on_every_route_that_anybody_may_call(common: CommonSettings) -> None:
    few = common.model_copy(update={"public_requests_per_minute": 15, "trusted_proxies": ("127.0.0.1",)})
    survey_settings = SurveyIndexSettings(public_url=HttpUrl("https://survei.contoh.example"))
    services = [build_tickets(few, TicketsSettings()), build_survey_index(few, survey_settings)]
    seen = set()
    async with AsyncExitStack() as stack:
        for service in services:
            http = await stack.enter_async_context(serving(service))
            for path in public_routes(service) - {"/", "/t"}:  # which asks for no capability: there is nothing to guess
                seen.add(path)
                method, guess = GUESSES[path]
                somewhere = {"X-Forwarded-For": f"10.0.0.{len(seen)}"}
                body = {"token": "guessed", "answers": {}} if method == "POST" else None
                statuses = [await status(http, method, guess, somewhere, body) for _ in range(3)]
                assert statuses == [404, 404, 429], path
    assert seen == set(GUESSES)


async def status(http: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], body: object | None) -> int:
    return (await http.request(method, path, headers=headers, json=body)).status_code
