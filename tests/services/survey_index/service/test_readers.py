"""Files are read in processes of their own, which have little, are few, and end with whoever wanted them."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import IO, Any

import psutil
import pytest

from services.survey_index.domain.sheet.rules import Answered, Rules
from services.survey_index.service.file_reading import Order, from_line, to_line
from services.survey_index.service.readers import LIMITS, Readers, ReadingFailed
from shared.errors import Unavailable
from tests.conftest import eventually
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM
from tests.services.survey_index.reading import is_gone, the_reader
from tests.services.survey_index.service.bombs import long_read
from tests.services.survey_index.service.workbooks import workbook

ORDER = Order(Rules(SKM, needs_days=False), "per_question")


def on_disk(content: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    return file


async def faults_of(readers: Readers, content: bytes) -> list[tuple[str, str]]:
    """What is wrong with a file: (where, what)."""
    with on_disk(content) as file:
        reading = await readers.read(file, ORDER)
        reading.close()
        return [(fault.field, fault.message) for fault in reading.summary.faults]


@asynccontextmanager
async def held(readers: Readers) -> AsyncIterator[asyncio.Task[Any]]:
    """A file that is being read, and whose end does not come: the process waits for it."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as endless, os.fdopen(theirs, "wb"):
        reading = asyncio.create_task(readers.read(endless, ORDER))
        yield reading
        reading.cancel()
        await asyncio.wait([reading])


# -- what is read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [RESPONDENTS_72.read_bytes(), workbook()], ids=["CSV", "a workbook"])
async def test_reading_tells_the_rows_and_their_counts(content: bytes) -> None:
    with on_disk(content) as file:
        reading = await Readers().read(file, ORDER)
    rows = [row for batch in reading.batches() for row in batch]
    assert reading.summary.faults == []
    assert (len(rows), reading.summary.cells[0]) == (reading.summary.rows, reading.summary.rows)
    assert [row.respondent for row in reading.batches().__next__()] == [row.respondent for row in rows]
    reading.close()


def test_row_crosses_as_json_and_comes_back_as_it_was() -> None:
    rows = [
        Answered("R1", (1, None, 4), date(2026, 3, 1), "Disnaker", "AK-1", "kertas", 17, "P", "S1", "Guru", "saran\n{"),
        Answered("é\u2028", ()),
    ]
    line = to_line(rows)
    assert from_line(line) == rows
    assert line.count(b"\n") == 1


async def test_file_with_faults_gives_no_rows() -> None:
    with on_disk(RESPONDENTS_72.read_bytes().replace(b"S002-72,", b"S002-72,5")) as file:
        reading = await Readers().read(file, ORDER)
    assert [fault.field for fault in reading.summary.faults] == ["row 73, column persyaratan"]
    assert (reading.summary.rows, list(reading.batches())) == (0, [])
    reading.close()


async def test_failure_of_ours_is_not_told_as_a_fault_of_the_file() -> None:
    broken: Any = None
    with on_disk(workbook()) as file, pytest.raises(ReadingFailed, match="AttributeError at read_file"):
        await Readers().read(file, replace(ORDER, rules=broken))


async def test_files_that_are_read_at_once_are_told_apart() -> None:
    readers = Readers(at_once=6, most_waiting=40)
    faulty = RESPONDENTS_72.read_bytes().replace(b"S002-72,", b"S002-72,5")
    found = await asyncio.gather(*(faults_of(readers, content) for content in [faulty, workbook()] * 20))
    assert found == [[("row 73, column persyaratan", "is not on the scale")], []] * 20


# -- what a process may take ------------------------------------------------------------------------------------

LARGE = RESPONDENTS_72.read_bytes() + b"\r\n" * 600_000
TOO_MUCH = [("file", "takes more to read than answers do")]


async def test_file_that_takes_too_much_memory_is_refused() -> None:
    assert await faults_of(Readers(replace(LIMITS, memory_bytes=48 << 20)), b"respondent\n" * 3_000_000) == TOO_MUCH


async def test_process_of_little_memory_has_all_of_it_for_the_file() -> None:
    """What else is installed takes nothing of it, such as numpy, which openpyxl would import."""
    with on_disk(workbook()) as file:
        reading = await Readers(replace(LIMITS, memory_bytes=48 << 20)).read(file, ORDER)
        assert (reading.summary.faults, reading.summary.rows) == ([], 2)
        reading.close()


async def test_file_that_takes_too_much_time_is_refused() -> None:
    assert await faults_of(Readers(replace(LIMITS, cpu_seconds=1)), long_read()) == TOO_MUCH


async def test_file_that_says_too_much_is_refused() -> None:
    assert await faults_of(Readers(replace(LIMITS, found_bytes=1_000)), LARGE) == TOO_MUCH


async def test_process_that_somebody_ended_is_no_fault_of_the_file() -> None:
    async with held(Readers()) as reading:
        (await the_reader(os.getpid())).kill()
        with pytest.raises(Unavailable):
            await reading


async def test_server_that_somebody_ended_is_no_fault_of_the_file_and_another_takes_its_place() -> None:
    readers = Readers()
    async with held(readers) as reading:
        reader = await the_reader(os.getpid())
        server = reader.parent()
        assert server is not None
        server.kill()
        with pytest.raises(Unavailable):
            await reading

        async def reader_is_gone() -> bool:
            return is_gone(reader)

        await eventually(reader_is_gone)
    assert await faults_of(readers, workbook()) == []


# -- how many at once, and until when ---------------------------------------------------------------------------


async def test_one_file_too_many_waits_its_turn_but_not_for_ever() -> None:
    readers = Readers(at_once=1, wait_seconds=0.01)
    async with held(readers):
        await the_reader(os.getpid())
        with pytest.raises(Unavailable) as refused:
            await faults_of(readers, workbook())
        assert int(refused.value.headers["Retry-After"]) > 0
    assert await faults_of(readers, workbook()) == []


async def test_file_behind_many_that_wait_is_refused_at_once() -> None:
    readers = Readers(at_once=1, wait_seconds=60)
    async with held(readers):
        await the_reader(os.getpid())
        waiting = [asyncio.create_task(faults_of(readers, workbook())) for _ in range(8)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await faults_of(readers, workbook())
    assert await asyncio.gather(*waiting) == [[]] * 8


async def test_small_file_needs_no_process_and_no_turn() -> None:
    readers = Readers(at_once=1, wait_seconds=60, most_waiting=0)
    faulty = RESPONDENTS_72.read_bytes().replace(b"S002-72,", b"S002-72,5")
    async with held(Readers(at_once=1)):
        assert await faults_of(readers, RESPONDENTS_72.read_bytes()) == []
        assert await faults_of(readers, faulty) == [("row 73, column persyaratan", "is not on the scale")]
        with pytest.raises(Unavailable):
            await faults_of(readers, LARGE)


async def test_process_ends_when_nobody_wants_the_file_any_more() -> None:
    async with held(Readers()) as reading:
        reader = await the_reader(os.getpid())
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert is_gone(reader)


SERVICE = """
import asyncio, sys
from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.sheet.rules import Rules
from services.survey_index.service.file_reading import Order
from services.survey_index.service.readers import Readers
asyncio.run(Readers().read(sys.stdin.buffer, Order(Rules(builtin()["skm14_2017"], needs_days=False))))
"""


async def test_process_ends_with_the_service_however_that_ends() -> None:
    """The file's end never comes: the process can only have ended because its service did."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as endless, os.fdopen(theirs, "wb"):
        service = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVICE, stdin=endless)
        try:
            reader = await the_reader(service.pid)
            all_of_it = psutil.Process(service.pid).children(recursive=True)
            assert reader in all_of_it
        finally:
            service.kill()
            await service.wait()

        async def ended() -> bool:
            return all(is_gone(process) for process in all_of_it)

        await eventually(ended)
