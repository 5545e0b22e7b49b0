"""Files that would eat the machine, over HTTP: each is refused, and the service neither grows nor stands still."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.local.engines import free_port
from services.survey_index.service.readers import LIMITS, Readers
from shared.fingerprints import fingerprint
from shared.idempotency import FirstAnswer, remember
from shared.settings import CommonSettings
from shared.wiring import wire, wiring_in
from tests.conftest import SECRET, eventually, staff_header
from tests.services.survey_index.conftest import PUBLIC_URL, RESPONDENTS_72, Running, all_answered, sheet
from tests.services.survey_index.given import begin
from tests.services.survey_index.reading import is_gone, readers_of, the_reader
from tests.services.survey_index.service.bombs import long_read, row_of_empty_cells
from tests.services.survey_index.service.workbooks import workbook
from tests.services.tickets.conftest import refusal
from tests.serving import NO_TLS

OFFICER = staff_header("officer")
NAMED = {**OFFICER, "Idempotency-Key": "k-1"}
FILE = RESPONDENTS_72.read_bytes()
COMMAS = b"," * 32_000_000
IMPORT, PREVIEW = (f"/v1/surveys/s/responses:{verb}?answered_on=2026-03-13" for verb in ("import", "preview"))


# -- the memory of the service ----------------------------------------------------------------------------------


CONSOLE_SCRIPT = """
import sys
from services.cli import main
print("the script runs as", __name__, flush=True)
if __name__ == "__main__":
    sys.exit(main())
"""


class Process:
    """survey_index as a process of its own, started by its console script, as an installation has one."""

    def __init__(self, pid: int, http: httpx.AsyncClient, output: Path) -> None:
        self.pid = pid
        self.http = http
        self.output = output

    def peak_mb(self) -> float:
        """The most memory that it ever had."""
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert peak is not None
        return int(peak[1]) / 1024


@pytest_asyncio.fixture
async def alone(common: CommonSettings, tmp_path: Path) -> AsyncIterator[Process]:
    port = free_port()
    script, output = tmp_path / "satuatap", tmp_path / "output"
    script.write_text(CONSOLE_SCRIPT)
    with output.open("wb") as stdout:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, script, "run", "survey_index", "--port", str(port)),
            stdout=stdout,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "DATABASE_URL": str(common.database_url),
                "REDIS_URL": str(common.redis_url),
                "SATUATAP_SECRET": SECRET,
                "SURVEY_INDEX_PUBLIC_URL": PUBLIC_URL,
            },
        )
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False, timeout=60) as http:

            async def answers() -> bool:
                try:
                    return (await http.get("/livez")).is_success
                except httpx.TransportError:
                    return False

            await eventually(answers, 60)
            yield Process(process.pid, http, output)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that a process ever had")
async def test_service_does_not_grow_while_it_refuses_what_would_eat_the_machine(alone: Process) -> None:
    bomb = row_of_empty_cells()
    assert len(bomb) < 200_000
    warm = await alone.http.post(PREVIEW, headers=OFFICER, content=workbook())
    assert warm.is_success
    before = alone.peak_mb()
    for sent, where in ((bomb, "row 1"), (COMMAS, "row 1"), (b"[" + b"[]," * 10_000_000 + b"[]]", "row 1")):
        problem = refusal(await alone.http.post(IMPORT, headers=NAMED, content=sent), 422, "invalid")
        assert [error["field"] for error in problem["errors"]] == [where]
    form = {"file": ("jawaban.csv", COMMAS, "text/csv")}
    refusal(await alone.http.post(IMPORT, headers=NAMED, files=form), 422, "invalid")
    seen = (await alone.http.post(PREVIEW, headers=OFFICER, content=bomb)).json()
    assert [fault["field"] for fault in seen["faults"]] == ["row 1"]
    assert alone.peak_mb() - before < 40
    assert alone.output.read_text().count("the script runs as") == 1, "no file has the whole command line imported"


# -- nobody waits for it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [IMPORT, PREVIEW])
async def test_file_whose_sender_left_is_not_read_on(running: Running, http: httpx.AsyncClient, path: str) -> None:
    sending = asyncio.create_task(http.post(path, headers=OFFICER, content=long_read()))
    reader = await the_reader(os.getpid())
    reader.suspend()  # it can only end by being ended
    sending.cancel()

    async def reader_is_gone() -> bool:
        return is_gone(reader)

    await eventually(reader_is_gone)
    assert (await http.post(path, headers=OFFICER, content=FILE)).is_success


async def test_no_transaction_is_held_while_a_file_is_read(running: Running, http: httpx.AsyncClient) -> None:
    sending = asyncio.create_task(http.post(IMPORT, headers=NAMED, content=long_read()))
    reader = await the_reader(os.getpid())
    reader.suspend()
    (held,) = await running.rows("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
          AND application_name = 'satuatap-survey_index'
    """)
    assert held == (0,)
    sending.cancel()

    async def reader_is_gone() -> bool:
        return is_gone(reader)

    await eventually(reader_is_gone)


def read_by(running: Running, readers: Readers) -> None:
    """Has these readers read the files of a service."""
    wiring = wiring_in(running.service.app)
    wire(running.service.app, replace(wiring, parts=[readers, *wiring.parts]))


async def test_file_that_finds_no_place_is_to_come_again(running: Running, http: httpx.AsyncClient) -> None:
    read_by(running, Readers(at_once=1, wait_seconds=0.01))
    sending = asyncio.create_task(http.post(IMPORT, headers=OFFICER, content=long_read()))
    await the_reader(os.getpid())
    answer = await http.post(IMPORT, headers=OFFICER, content=workbook())
    refusal(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    sending.cancel()

    async def free() -> bool:
        return (await http.post(PREVIEW, headers=OFFICER, content=FILE)).is_success

    await eventually(free)


async def test_file_that_takes_too_much_is_told_how_much_there_is(running: Running, http: httpx.AsyncClient) -> None:
    read_by(running, Readers(replace(LIMITS, cpu_seconds=1)))
    for path in (IMPORT, PREVIEW):
        answer = await http.post(path, headers=OFFICER, content=long_read())
        found = answer.json()
        (fault,) = found["errors"] if path == IMPORT else found["faults"]
        assert (fault["field"], fault["message"]) == ("file", "takes more to read than answers do")
        assert "768 MB of memory in 1 seconds" in fault["expected"]
    assert readers_of(os.getpid()) == []


# -- the key of a file ------------------------------------------------------------------------------------------


async def replays(answers: list[httpx.Response]) -> list[bool]:
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    return sorted("idempotency-replayed" in answer.headers for answer in answers)


async def test_key_of_a_file_gets_the_first_answer_however_often_it_comes_at_once(
    running: Running, http: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(*(http.post(IMPORT, headers=NAMED, content=FILE) for _ in range(4)))
    assert await replays(list(answers)) == [False, True, True, True]
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]


async def test_key_of_a_file_gets_the_first_answer_when_the_survey_was_closed_meanwhile(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await http.post(IMPORT, headers=NAMED, content=FILE)
    assert (await http.post("/v1/surveys/s/close", headers=OFFICER)).is_success
    assert await replays([first, await http.post(IMPORT, headers=NAMED, content=FILE)]) == [False, True]


async def test_key_of_a_file_in_a_form_knows_it_again(running: Running, http: httpx.AsyncClient) -> None:
    form = {"file": ("jawaban.csv", FILE, "text/csv")}
    answers = [await http.post(IMPORT, headers=NAMED, files=form) for _ in range(2)]
    assert await replays(answers) == [False, True]


async def test_key_of_a_file_names_that_file_for_ever(running: Running, http: httpx.AsyncClient) -> None:
    await http.post(IMPORT, headers=NAMED, content=FILE)
    other = sheet([all_answered(3)])
    refusal(await http.post(IMPORT, headers=NAMED, content=other), 422, "idempotency_key_reused")
    assert [tuple(row) for row in await running.rows("SELECT count(*) FROM responses")] == [(72,)]


async def test_key_of_a_refused_file_may_name_the_mended_one(running: Running, http: httpx.AsyncClient) -> None:
    refusal(await http.post(IMPORT, headers=NAMED, content=FILE.replace(b"S002-72,", b"S002-72,5")), 422, "invalid")
    assert (await http.post(IMPORT, headers=NAMED, content=FILE)).status_code == 201


async def test_key_that_an_earlier_release_kept_is_known_again(running: Running, http: httpx.AsyncClient) -> None:
    """The fingerprint of a file is that of its bytes, as `shared.fingerprints.fingerprint` makes it."""
    first = FirstAnswer(fingerprint(f"POST {IMPORT}", FILE), '{"a":1}', 201, None)
    async with running.service.db.transaction() as session:
        await remember(session, "survey_index", "staff:test", "k-1", first, running.clock())
    answer = await http.post(IMPORT, headers=NAMED, content=FILE)
    assert (answer.status_code, answer.json(), answer.headers["idempotency-replayed"]) == (201, {"a": 1}, "true")


async def test_survey_that_somebody_sets_up_while_its_file_is_read_rules_the_file(
    running: Running, http: httpx.AsyncClient
) -> None:
    http.timeout = httpx.Timeout(60)
    content = sheet([{**all_answered(3), "age": 12}], extra=["age"]) + f"{',' * 10}\n" * 300_000
    sending = asyncio.create_task(http.post(IMPORT, headers=OFFICER, content=content))
    reader = await the_reader(os.getpid())
    reader.suspend()
    await begin(http, min_age=17)
    reader.resume()
    problem = refusal(await sending, 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["row 2, column age"]
