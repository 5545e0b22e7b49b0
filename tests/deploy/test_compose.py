"""docker-compose.yml, held against what the services really read and really are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import HttpUrl
from sqlalchemy import make_url

from services.cli.run import ServiceName, settings_of, variables
from services.local.engines import LOG_WITHOUT_VALUES, OWNER, SERVICES_LOGIN
from services.local.house import SERVICES
from services.notify.settings import NotifySettings
from shared.settings import CommonSettings
from tests.conftest import SECRET

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ENGINES = {"postgres", "valkey"}


def named_in(file: str) -> set[str]:
    """The variables that an env file sets, or shows how to set."""
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / file).read_text(), re.MULTILINE))


def values_of(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match("[A-Z_]+=", line))


def test_file_has_the_engines_the_four_services_a_migration_and_a_sandbox_to_try() -> None:
    assert set(COMPOSE["services"]) == ENGINES | set(SERVICES) | {"migrate", "cli", "sandbox"}
    profiles = {name: service["profiles"] for name, service in COMPOSE["services"].items() if "profiles" in service}
    assert profiles == {"cli": ["cli"], "sandbox": ["try"]}


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_told_all_it_needs_and_nothing_it_does_not_read(name: str) -> None:
    known = variables(CommonSettings) | variables(settings_of(name))
    told = set(COMPOSE["services"][name]["environment"])
    assert told <= set(known), "a variable that nothing reads"
    assert {variable for variable, required in known.items() if required} <= told


@pytest.mark.parametrize("name", SERVICES)
def test_service_runs_the_command_that_exists_with_health_and_without_rights(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"][:2] == ["run", ServiceName(name).value]
    port = service["command"][service["command"].index("--port") + 1]
    assert f":{port}/readyz" in service["healthcheck"]["test"][-1]
    assert service["ports"][0].endswith(f":{port}")
    assert service["init"], "a first process without a handler hears no SIGTERM"
    assert service["user"] != "0"
    assert service["read_only"]
    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert int(service["stop_grace_period"].rstrip("s")) >= 20


def test_engines_are_the_versions_that_we_test_with_and_keep_what_they_are_given() -> None:
    services = COMPOSE["services"]
    assert services["postgres"]["image"] == "postgres:18"
    assert services["valkey"]["image"] == "valkey/valkey:8"
    assert services["valkey"]["command"][1:3] == ["--appendonly", "yes"]
    named = {volume.split(":")[0] for name in ENGINES for volume in services[name]["volumes"]}
    assert named <= set(COMPOSE["volumes"])
    assert all("healthcheck" in services[name] for name in ENGINES)


def test_no_secret_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in ("POSTGRES_PASSWORD", "DATABASE_PASSWORD", "VALKEY_PASSWORD", "SATUATAP_SECRET"):
        assert re.search(rf"\${{{secret}:\?", text)
    filled = [
        line for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"\w*(PASSWORD|SECRET)=.", line)
    ]
    assert filled == []


def test_migration_alone_has_the_owners_login() -> None:
    told = {name: service.get("environment", {}) for name, service in COMPOSE["services"].items()}
    assert {name for name, environment in told.items() if "POSTGRES_PASSWORD" in str(environment)} == {
        "postgres",
        "migrate",
    }
    owner = told["migrate"]["DATABASE_OWNER_URL"]
    assert (make_url(owner).username, make_url(owner).password) == (OWNER, None)
    urls = {told[name]["DATABASE_URL"] for name in (*SERVICES, "migrate", "cli")}
    assert [(make_url(url).username, make_url(url).password) for url in urls] == [(SERVICES_LOGIN, None)]


def test_log_of_postgresql_is_as_free_of_values_as_it_is_here() -> None:
    command = COMPOSE["services"]["postgres"]["command"]
    assert command == [
        "postgres",
        *(p for name, value in LOG_WITHOUT_VALUES.items() for p in ("-c", f"{name}={value}")),
    ]


def test_image_is_built_once_and_never_looked_for_elsewhere() -> None:
    ours = {name: service for name, service in COMPOSE["services"].items() if name not in ENGINES}
    assert {service["pull_policy"] for service in ours.values()} == {"never"}
    built = [service["image"] for service in ours.values() if "build" in service]
    assert sorted(built) == sorted({service["image"] for service in ours.values()})


def test_health_checks_of_the_engines_can_fail() -> None:
    checks = {name: COMPOSE["services"][name]["healthcheck"]["test"] for name in ENGINES}
    assert checks["valkey"] == ["CMD", "valkey-cli", "-e", "ping"]
    assert checks["postgres"][:4] == ["CMD", "pg_isready", "-h", "127.0.0.1"]


def test_nobody_is_sent_to_the_sandbox_or_without_tls_by_leaving_a_line_out() -> None:
    told = COMPOSE["services"]["notify"]["environment"]
    for name in ("NOTIFY_SMTP_HOST", "NOTIFY_MAIL_FROM", "NOTIFY_SMS_URL", "NOTIFY_SMS_API_KEY"):
        assert told[name].startswith(f"${{{name}:?"), "compose says that it is missing"
    assert told["NOTIFY_SMTP_TLS"] == "${NOTIFY_SMTP_TLS:-}"
    settings = NotifySettings(smtp_host="h", mail_from="m", sms_url=HttpUrl("https://s.example"), sms_api_key="k")
    assert settings.smtp_tls == "starttls"
    trying = values_of("try.env")
    assert (trying["NOTIFY_SMTP_HOST"], trying["NOTIFY_SMTP_TLS"]) == ("sandbox", "none")
    assert not {"sandbox", "none"} & set(values_of(".env.example").values())


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_left_empty_is_what_the_settings_choose(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = {
        variable: ""
        for variable, value in COMPOSE["services"][name]["environment"].items()
        if value == f"${{{variable}:-}}"
    }
    for settings in (CommonSettings, settings_of(name)):
        for variable in variables(settings):
            monkeypatch.delenv(variable, raising=False)
        given = {variable: "https://a.example" for variable, required in variables(settings).items() if required}
        given |= {
            "DATABASE_URL": "postgresql://d@h/d",
            "REDIS_URL": "redis://h/0",
            "SATUATAP_SECRET": SECRET,
        }
        for variable, value in given.items():
            monkeypatch.setenv(variable, value)
        without = settings()
        for variable in left_out:
            monkeypatch.setenv(variable, "")
        assert settings() == without


def test_only_what_citizens_and_staff_need_is_reached_from_elsewhere() -> None:
    ports = {name: service["ports"][0] for name, service in COMPOSE["services"].items() if "ports" in service}
    here_only = {name for name, port in ports.items() if port.startswith("127.0.0.1:")}
    assert set(ports) - here_only == {"intake", "tickets", "survey_index"}


def test_example_names_every_variable_of_the_file_and_no_other() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert named_in(".env.example") == used
    assert named_in("try.env") <= used


def test_image_runs_as_an_ordinary_user_and_installs_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!0|root)", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert text.index("USER 10001") < text.index("RUN python -c"), "what was left out is tried as who will run it"
