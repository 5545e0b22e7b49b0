"""Logging never raises: a line that cannot be written is lost and counted, and the next stands on its own."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared import telemetry

FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


@pytest.fixture
def log_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Logs, as a service does, to another standard output."""
    before = structlog.get_config()
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)

    def configure(output: Any) -> None:
        monkeypatch.setattr(sys, "stdout", output)
        vars(telemetry.log).pop("bind", None)
        telemetry.configure("intake", "test", "info")

    yield configure
    vars(telemetry.log).pop("bind", None)  # structlog keeps the first configuration that it saw in use
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def lost() -> float:
    value = telemetry.REGISTRY.get_sample_value("satuatap_log_lines_lost_total")
    assert value is not None
    return value


def test_line_that_cannot_be_written_is_lost_and_counted(log_to: Callable[[Any], None]) -> None:
    before = lost()
    with FULL.open("w") as output:
        log_to(output)
        telemetry.log.info("contacts.accepted")
        telemetry.log.error("worker.died", exc_info=ValueError())
    assert lost() == before + 2


def test_line_after_one_that_was_written_in_part_begins_on_a_line_of_its_own(log_to: Callable[[Any], None]) -> None:
    before = lost()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # it takes what it has room for, and refuses the rest
    with os.fdopen(writing, "w") as output, os.fdopen(reading, "rb", buffering=0) as pipe:
        log_to(output)
        telemetry.log.info("x" * 2**20)
        torn = pipe.read(2**20)
        telemetry.log.info("whole")
        telemetry.log.info("also whole")
        rest = pipe.read(2**20)
    assert lost() == before + 1
    assert not torn.endswith(b"\n")
    nothing, *lines = rest.splitlines()
    assert nothing == b""
    assert [b'"event":"whole"' in lines[0], b'"event":"also whole"' in lines[1], len(lines)] == [True, True, 2]


def test_process_that_can_write_nowhere_goes_on() -> None:
    says = "telemetry.log.info('one'); logging.warning('two'); telemetry.log.info('three')"
    script = f"import logging; from shared import telemetry; telemetry.configure('x', 'y', 'info'); {says}"
    with FULL.open("wb") as nowhere:
        done = subprocess.run([sys.executable, "-u", "-c", script], stdout=nowhere, stderr=nowhere, check=False)
    assert done.returncode == 0
