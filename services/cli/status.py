"""How the services of an installation get on, as each says itself."""

import asyncio
from typing import Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from services.cli.where import DEFAULT_FOLDER, DataDir, from_house
from services.local.house import SERVICES

_PATIENCE_SECONDS = 5


def status(data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Shows whether each service is ready, and what does not get on. Exit code 1 if anything does not.

    Asks the house in the data directory, or the services that SATUATAP_INTAKE_URL, SATUATAP_TICKETS_URL,
    SATUATAP_SURVEY_INDEX_URL and SATUATAP_NOTIFY_URL name.
    """
    urls = {
        name: from_house(data_dir, f"SATUATAP_{name.upper()}_URL", "credentials.json", f"{name}_url")
        for name in SERVICES
    }
    answers = asyncio.run(_readinesses(urls))
    table = Table("service", "is", "what does not get on")
    for name, answer in answers.items():
        table.add_row(name, answer["status"], "\n".join(_troubles(answer)))
    Console().print(table)
    if any(answer["status"] != "ready" or _troubles(answer) for answer in answers.values()):
        raise typer.Exit(1)


async def _readinesses(urls: dict[str, str]) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False) as http:
        return dict(zip(urls, await asyncio.gather(*(_readiness(http, url) for url in urls.values())), strict=True))


async def _readiness(http: httpx.AsyncClient, url: str) -> Any:
    try:
        return (await http.get(f"{url}/readyz")).json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return {"status": "not reached", "checks": {url: type(error).__name__}}
    except ValueError:
        return {"status": "not reached", "checks": {url: "something else answers there"}}


def _troubles(answer: Any) -> list[str]:
    return [f"{name}: {said}" for name, said in answer["checks"].items() if said != "ok"]
