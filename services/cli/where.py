"""Which installation a command speaks to: the one in the environment, or else the house in the data directory.

The variables: DATABASE_URL (with DATABASE_PASSWORD, if need be) and SATUATAP_SECRET as the services have them;
SATUATAP_SURVEY_INDEX_URL and SATUATAP_STAFF_TOKEN for the commands that speak to survey_index over HTTP.
"""

import getpass
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from services.local.house import HouseError, secrets_of
from shared.db import command_engine, usable_database
from shared.engine_url import url_in
from shared.secret import Secrets

DEFAULT_FOLDER = Path(".satuatap")
DataDir = Annotated[
    Path,
    typer.Option("--data-dir", help="The directory of a house, where the environment names no installation"),
]


def from_house(folder: Path, name: str, file: str, key: str) -> str:
    """The environment variable `name`, or what the house that runs in `folder` says. Raises `HouseError`."""
    given = os.environ.get(name)
    if given:
        return given
    try:
        return str(json.loads((folder / file).read_text())[key])
    except (FileNotFoundError, NotADirectoryError):
        raise HouseError(
            f"{name} is not set, and no house is running in {folder}: start one with `satuatap up`."
        ) from None
    except OSError as error:
        raise HouseError(f"{folder / file} cannot be read ({error.strerror}): it belongs to who started it.") from None
    except (ValueError, KeyError):
        raise HouseError(f"{folder / file} is damaged: start the house in {folder} again.") from None


def database_url(folder: Path) -> str:
    return url_in("DATABASE") or from_house(folder, "DATABASE_URL", "credentials.json", "database_url")


def secrets(folder: Path, read: Callable[[str], Secrets] = Secrets.read) -> Secrets:
    """The secrets of the installation. Raises `HouseError`."""
    return secrets_of(from_house(folder, "SATUATAP_SECRET", "secrets.json", "secret"), read)


def survey_index_url(folder: Path) -> str:
    return from_house(folder, "SATUATAP_SURVEY_INDEX_URL", "credentials.json", "survey_index_url")


def staff_token(folder: Path) -> str:
    return from_house(folder, "SATUATAP_STAFF_TOKEN", "credentials.json", "staff_token")


def me() -> str:
    """Who gives the command, as what he decides is kept with."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # in a container, a number may be all that there is
        return f"cli:{os.getuid()}"


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[AsyncEngine]:
    """The installation's database. Raises `HouseError` where none is named, and `DatabaseUnusable`."""
    with usable_database():
        connected = command_engine(database_url(folder))
        try:
            yield connected
        finally:
            await connected.dispose()


@asynccontextmanager
async def transaction(folder: Path) -> AsyncIterator[AsyncSession]:
    """A transaction on the installation's database, committed when the block ends. Raises as `engine`."""
    async with engine(folder) as connected, AsyncSession(connected) as session, session.begin():
        yield session
