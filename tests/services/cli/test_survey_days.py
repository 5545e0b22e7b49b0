"""`satuatap survey` and the days of a file: what is said of them, and what it says."""

import json
from pathlib import Path

import pytest

from services.survey_index.main import build
from services.survey_index.settings import SurveyIndexSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.cli.test_survey import alone, run, where
from tests.services.survey_index.conftest import PUBLIC_URL, SLUGS
from tests.serving import serving


def written(folder: Path, *days: str, name: str = "tanggal") -> Path:
    """A file of answers from these days."""
    lines = [f"R{n},{day},{','.join('3' * 9)}" for n, day in enumerate(days, start=1)]
    file = folder / "jawaban.csv"
    file.write_text("\n".join([f"respondent,{name},{','.join(SLUGS)}", *lines]))
    return file


# -- a running service ------------------------------------------------------------------------------------------


async def test_days_that_an_import_takes_are_told_before_and_after(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    mapped = ("--mapping", "first_answer_at:date")
    for number, (days, options, said) in enumerate(
        (
            (("2021-01-05 04:21:54", "2021-12-31 10:00:00"), mapped, "menurut kolom first_answer_at"),
            (("2021-01-05", ""), (*mapped, "--answered-on", "2021-12-31"), "first_answer_at dan --answered-on untuk 1"),
            (("05/01/2021", "2021-12-31"), (*mapped, "--day-order", "day_first"), "hari ditulis sebelum bulan"),
            (("", ""), (*mapped, "--answered-on", "2021-01-05..2021-12-31"), "menurut --answered-on)"),
        )
    ):
        file = written(tmp_path, *days, name="first_answer_at")
        async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
            for preview in (("--preview",), (), ()):
                asked = ("import", file, "--survey", f"s{number}", *options, *preview)
                code, out, error = await run(*asked, **where(http), COLUMNS="60")
                assert code == 0, error
                (line,) = (line for line in out.splitlines() if line.startswith("Tanggal jawaban: "))
                assert line.startswith("Tanggal jawaban: 5 Januari 2021 sampai dengan 31 Desember 2021 (menurut ")
                assert said in line


async def test_days_of_each_file_are_listed(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> None:
    file = written(tmp_path, "2021-01-05", "2021-12-31")
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        assert (await run("import", file, "--survey", "s", **where(http)))[0] == 0
        _, out, _ = await run("imports", "--survey", "s", **where(http), COLUMNS="80")
        assert out.splitlines()[-1].split() == ["2021-01-05..2021-12-31"]


async def test_file_that_tells_no_days_is_refused_with_the_ways_on(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    file = written(tmp_path, "2021-01-05 04:21:54", name="first_answer_at")
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        for preview in ("--preview", "--no-preview"):
            asked = ("import", file, "--survey", "s", "--ignore-others", preview)
            code, out, error = await run(*asked, **where(http))
            assert (code, out.strip()) == (1, "")
            for way in ("--answered-on", "first_answer_at:date"):
                assert way in error


# -- a file alone -----------------------------------------------------------------------------------------------


async def report(file: Path, *options: str) -> str:
    out = file.parent / "laporan"
    code, _, error = await alone("report", "--csv", file, "--out", out, *options)
    assert code == 0, error
    return (out / "skm-jawaban.html").read_text()


async def test_report_of_a_file_is_of_the_days_that_it_or_its_sender_tells(tmp_path: Path) -> None:
    told = "5 Januari 2021 sampai dengan 31 Desember 2021"
    assert told in await report(written(tmp_path, "2021-01-05", "31 Desember 2021"))
    assert told in await report(written(tmp_path, "", ""), "--answered-on", "2021-01-05..2021-12-31")
    assert told in await report(written(tmp_path, "05/01/2021", "2021-12-31"), "--day-order", "day_first")
    assert told not in await report(written(tmp_path, "05/01/2021", "2021-12-31"), "--day-order", "month_first")


async def test_file_alone_needs_no_day(tmp_path: Path) -> None:
    file = written(tmp_path, "x", name="loket")
    assert "tanggal jawaban tidak diketahui" in await report(file)
    assert (await alone("index", "--csv", file))[0] == 0


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        ("31/02/2021", "is no day of the calendar"),
        ("2999-01-01", "lies in the future"),
        ("05/01/2021", "day_order=month_first (1 May 2021)"),
    ],
)
async def test_days_of_a_file_alone_have_the_same_faults_in_a_report_and_none_in_an_index(
    tmp_path: Path, day: str, fault: str
) -> None:
    file = written(tmp_path, day)
    code, _, error = await alone("report", "--csv", file, "--out", tmp_path / "laporan")
    assert (code, fault in " ".join(error.split())) == (1, True), error
    assert (await alone("index", "--csv", file))[0] == 0


async def test_report_of_a_file_says_where_days_are_missing(tmp_path: Path) -> None:
    text = await report(written(tmp_path, "2021-01-05", ""))
    assert "hari tiap jawaban tidak semuanya dicatat" in text
    assert "Jawaban pertama bertanggal" not in text


async def test_one_day_that_is_said_of_a_file_is_no_span(tmp_path: Path) -> None:
    text = await report(written(tmp_path, "", ""), "--answered-on", "2021-03-31")
    assert "Jawaban pertama bertanggal 31 Maret 2021" in text
    assert "antara" not in text.partition("Ruang Lingkup")[2].partition("Instrumen")[0]


async def test_days_that_are_yet_to_come_are_refused_of_a_file_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "", "")
    code, _, error = await alone("report", "--csv", file, "--out", tmp_path, "--answered-on", "2998-12-01..2998-12-31")
    assert (code, "lies in the future" in error) == (2, True)


@pytest.mark.parametrize("said", ["2021", "31-12-2021", "2021-12-31..2021-01-01"])
async def test_days_that_are_not_understood_are_told_what_is_expected(tmp_path: Path, said: str) -> None:
    file = written(tmp_path, "2021-01-05")
    for verb in (("report", "--csv", file, "--out", tmp_path), ("import", file, "--survey", "s")):
        code, _, error = await alone(*verb, "--answered-on", said)
        assert (code, "2026-01-01..2026-03-31" in error) == (2, True), error


async def test_days_of_a_survey_are_not_said_again() -> None:
    for option in (("--answered-on", "2021-01-01"), ("--day-order", "day_first")):
        code, _, error = await alone("report", "--out", "x", "--survey", "s", *option)
        assert (code, "is for a file" in error) == (2, True)


async def test_column_of_days_that_was_not_read_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "2021-01-05", "2021-12-31", name="first_answer_at")
    code, _, error = await alone("report", "--csv", file, "--out", tmp_path / "laporan")
    assert (code, "Kolom first_answer_at tampaknya berisi hari" in error) == (0, True), error


async def test_column_of_days_may_be_one_of_two(tmp_path: Path) -> None:
    file = written(tmp_path, "2021-01-05,2022-02-01", name="mulai,tanggal")
    told = "5 Januari 2021"
    assert told not in await report(file)
    assert told in await report(file, "--mapping", "mulai:date,tanggal:-")


async def test_column_of_a_file_alone_is_mapped(tmp_path: Path) -> None:
    file = written(tmp_path, "2021-01-05")
    file.write_text(file.read_text().replace(SLUGS[0], "Kolom A"))
    for ways, done in (((), 1), (("--mapping", f"Kolom A:{SLUGS[0]}"), 0)):
        code, out, _ = await alone("index", "--csv", file, *ways, "--json")
        assert (code, json.loads(out).get("n")) == (done, None if done else 1)
    code, out, error = await alone("index", "--csv", file, "--mapping", "Kolom A:parkir")
    assert (code, out, "not understood" in error) == (1, "", True)
