"""docker-compose.yml, held against what the services really read and really are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from services.cli.run import ServiceName, settings_of
from services.local.house import SERVICES
from shared.settings import CommonSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ENGINES = {"postgres", "valkey"}


def variables(settings: type[BaseSettings]) -> dict[str, bool]:
    """Environment variable → whether the service cannot start without it."""
    prefix = str(settings.model_config["env_prefix"])
    return {
        str(field.validation_alias or f"{prefix}{name.upper()}"): field.is_required()
        for name, field in settings.model_fields.items()
    }


def test_the_file_has_the_engines_the_four_services_a_migration_and_a_sandbox_to_try() -> None:
    assert set(COMPOSE["services"]) == ENGINES | set(SERVICES) | {"migrate", "sandbox"}
    assert COMPOSE["services"]["sandbox"]["profiles"] == ["try"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_all_it_needs_and_nothing_it_does_not_read(name: str) -> None:
    known = variables(CommonSettings) | variables(settings_of(name))
    told = set(COMPOSE["services"][name]["environment"])
    assert told <= set(known), "a variable that nothing reads"
    assert {variable for variable, required in known.items() if required} <= told


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_the_command_that_exists_with_health_and_without_rights(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"][:2] == ["run", ServiceName(name).value]
    port = service["command"][service["command"].index("--port") + 1]
    assert f":{port}/readyz" in service["healthcheck"]["test"][-1]
    assert service["ports"][0].endswith(f":{port}")
    assert service["user"] != "0"
    assert service["read_only"]
    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert int(service["stop_grace_period"].rstrip("s")) >= 20


def test_the_engines_are_the_versions_that_we_test_with_and_keep_what_they_are_given() -> None:
    services = COMPOSE["services"]
    assert services["postgres"]["image"] == "postgres:18"
    assert services["valkey"]["image"] == "valkey/valkey:8"
    assert services["valkey"]["command"][1:3] == ["--appendonly", "yes"]
    named = {volume.split(":")[0] for name in ENGINES for volume in services[name]["volumes"]}
    assert named <= set(COMPOSE["volumes"])
    assert all("healthcheck" in services[name] for name in ENGINES)


def test_no_secret_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SATUATAP_SECRET"):
        assert re.search(rf"\${{{secret}:\?", text)
    filled = [
        line for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"\w*(PASSWORD|SECRET)=.", line)
    ]
    assert filled == []


def test_every_variable_of_the_example_is_used() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    text = (ROOT / "docker-compose.yml").read_text()
    assert [name for name in named if f"${{{name}" not in text] == []


def test_the_image_runs_as_an_ordinary_user_and_installs_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!0|root)", text, re.MULTILINE)
    assert "--require-hashes" in text
