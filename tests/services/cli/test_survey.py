"""`satuatap survey`: the officer's own commands, on a file alone and against a running service."""

import asyncio
import json
import os
import pty
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from services.cli.survey import app
from services.survey_index.main import build
from services.survey_index.settings import SurveyIndexSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.survey_index.conftest import PUBLIC_URL, RESPONDENTS_72, SLUGS
from tests.services.survey_index.service.bombs import row_of_empty_cells
from tests.serving import serving

DATED = ("--answered-on", "2020-01-01..2020-06-30")
ALONE = {"SATUATAP_SURVEY_INDEX_URL": "http://127.0.0.1:9", "SATUATAP_STAFF_TOKEN": "none"}


async def run(*arguments: str | Path, **environment: str) -> tuple[int | None, str, str]:
    """Exit code, standard output, standard error of a command."""
    return await ran(asyncio.subprocess.PIPE, arguments, environment)


async def ran(
    error: int, arguments: Sequence[str | Path], environment: Mapping[str, str]
) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services",
        "survey",
        *map(str, arguments),
        env={**os.environ, **ALONE, "COLUMNS": "200", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=error,
        cwd="/",
    )
    out, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), (said or b"").decode()


async def alone(*arguments: str | Path) -> tuple[int | None, str, str]:
    """The same of a command that needs nobody, in this process: it is quicker."""
    done = CliRunner().invoke(app, [*map(str, arguments)], env={**ALONE, "COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def positions(tmp_path: Path) -> Path:
    """The 72 respondents with the header of most questionnaires: U1 to U9, and columns that nobody asked for."""
    lines = RESPONDENTS_72.read_text().splitlines()
    header = "rid," + ",".join(f"U{place}" for place in range(1, 10)) + ",loket,age"
    file = tmp_path / "jawaban.csv"
    file.write_text("\n".join([header, *(f"{line},3,-41" for line in lines[1:])]))
    return file


def rewritten(file: Path, *changes: tuple[str, str]) -> Path:
    """The same file after each first of these texts became another."""
    text = file.read_text()
    for old, new in changes:
        text = text.replace(old, new, 1)
    file.write_text(text)
    return file


def spoil(file: Path) -> None:
    """Gives the seventh respondent a 5."""
    rewritten(file, ("S002-07,3", "S002-07,5"))


# -- a file alone -----------------------------------------------------------------------------------------------


async def test_index_of_a_file_for_a_person(positions: Path) -> None:
    code, out, _ = await alone("index", "--csv", positions)
    assert code == 0
    assert "IKM 87,73: mutu B (Baik) menurut permenpanrb14_2017; n = 72, tepatnya 9475/108" in out


@pytest.mark.parametrize(
    ("options", "index", "grade"),
    [
        ((), 87.73, "B"),
        (("--edition", "kep25_2004"), 87.73, "A"),
        (("--weighting", "0.111"), 87.64, "B"),
        (("--weighting", "0.11"), 86.85, "B"),
        (("--missing", "complete_rows"), 87.73, "B"),
    ],
)
async def test_index_of_a_file_for_a_program(
    positions: Path, options: tuple[str, ...], index: float, grade: str
) -> None:
    code, out, _ = await alone("index", "--csv", positions, "--json", *options)
    found = json.loads(out)
    assert (code, found["n"], found["index"], found["grade"]) == (0, 72, index, grade)
    assert [unsur["sum"] for unsur in found["elements"]] == [240, 240, 238, 281, 239, 262, 254, 245, 275]


async def test_what_u8_and_u9_mean_may_be_told(positions: Path) -> None:
    jepara = ",".join((*SLUGS[:7], "pengaduan", "sarana"))
    _, out, _ = await alone("index", "--csv", positions, "--elements", jepara, "--json")
    sums = {unsur["slug"]: unsur["sum"] for unsur in json.loads(out)["elements"]}
    assert (sums["pengaduan"], sums["sarana"]) == (245, 275)


async def test_workbook_is_read_as_well(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["respondent", *SLUGS])
    sheet.append(["R1", *[4] * 9])
    book.save(tmp_path / "jawaban.xlsx")
    _, out, _ = await alone("index", "--csv", tmp_path / "jawaban.xlsx", "--json")
    assert json.loads(out)["index"] == 100


async def test_file_with_faults_names_them_and_gives_no_figure(positions: Path) -> None:
    spoil(positions)
    code, out, error = await alone("index", "--csv", positions)
    assert (code, out.strip()) == (1, "")
    assert "row 8, column U1" in error
    code, out, _ = await alone("index", "--csv", positions, "--json")
    fault = {
        "field": "row 8, column U1",
        "message": "is not on the scale",
        "expected": "a whole number from 1 to 4, or an empty cell",
    }
    assert (code, json.loads(out)) == (1, {"code": "invalid", "errors": [fault]})


async def test_same_fault_in_many_rows_is_told_once_with_its_rows(positions: Path) -> None:
    rewritten(positions, ("S002-07,3", "S002-07,5"), ("S002-09,3", "S002-09,5"), ("S002-08,3,", "S002-08,3,9"))
    _, _, error = await alone("index", "--csv", positions)
    assert "column U1, rows 8, 10 " in error
    assert "row 9, column U2 " in error
    assert "there may be more" not in error
    rewritten(positions, *[(",3,3", ",5,5")] * 40)
    _, _, error = await alone("index", "--csv", positions)
    assert "These are the first 50; there may be more." in error


async def test_file_of_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "besar.csv"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    code, out, _ = await alone("index", "--csv", huge, "--json")
    assert (code, json.loads(out)["errors"][0]["message"]) == (1, "has 2048 MB")


async def test_small_file_that_is_large_when_it_is_opened_is_refused_as_by_the_service(tmp_path: Path) -> None:
    bombs = {"koma.csv": b"," * 3_000_000, "sel.xlsx": row_of_empty_cells()}
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)
        for verb in (("index",), ("report", "--out", tmp_path / "laporan")):
            code, _, error = await alone(verb[0], "--csv", tmp_path / name, *verb[1:])
            assert (code, "row 1 " in error, "Traceback" in error) == (1, True, False), error


async def test_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    code, _, error = await alone("index", "--csv", tmp_path / "tidak-ada.csv")
    assert (code, "cannot be read" in error, "Traceback" in error) == (1, True, False)


@pytest.mark.parametrize(
    "options",
    [
        ("--edition", "2031"),
        ("--elements", "waktu,waktu"),
        ("--elements", "parkir"),
        ("--weighting", "0.2"),
        ("--missing", "zero"),
        ("--instrument", "skm99"),
    ],
)
async def test_option_that_means_nothing_is_refused_with_what_there_is(
    positions: Path, options: tuple[str, ...]
) -> None:
    code, out, error = await alone("index", "--csv", positions, *options)
    assert (code, out) == (2, "")
    assert "Traceback" not in error


async def test_report_of_a_file_is_written_in_its_three_forms(positions: Path, tmp_path: Path) -> None:
    code, out, error = await alone("report", "--csv", positions, "--out", tmp_path / "laporan", "--unit", "Disnaker")
    assert code == 0, error
    files = written(tmp_path / "laporan")
    assert [file.name for file in files] == ["skm-jawaban.html", "skm-jawaban.pdf", "skm-jawaban.xlsx"]
    assert all(str(file) in out for file in files)
    assert "87,73" in files[0].read_text()
    assert [file.read_bytes()[:4] for file in files[1:]] == [b"%PDF", b"PK\x03\x04"]


@pytest.mark.parametrize(
    ("instrument", "columns", "figure"),
    [("nps", "nps\n9\n10\n3", "NPS dari 3 jawaban adalah 33,33"), ("csat3", "csat\n3\n3\n1", "66,67%")],
)
async def test_questionnaire_without_ikm_has_a_report_and_the_index_says_where_to_look(
    tmp_path: Path, instrument: str, columns: str, figure: str
) -> None:
    file, out = tmp_path / "lain.csv", tmp_path / "laporan"
    file.write_text(columns)
    code, _, error = await alone("index", "--csv", file, "--instrument", instrument)
    assert (code, "survey report" in error) == (2, True)
    code, _, error = await alone("report", "--csv", file, "--instrument", instrument, "--out", out)
    assert code == 0, error
    assert figure in (out / "skm-lain.html").read_text()


async def test_report_of_a_file_obeys_the_options(positions: Path, tmp_path: Path) -> None:
    rule = ("--edition", "kep25_2004", "--weighting", "0.111", "--population", "1200", "--title", "Layanan Kartu")
    code, _, error = await alone("report", "--csv", positions, "--out", tmp_path / "x", *rule)
    assert code == 0, error
    page = (tmp_path / "x/skm-jawaban.html").read_text()
    for told in ("87,64", "KEP/25/M.PAN/2/2004", "1.200", "Layanan Kartu"):
        assert told in page, told


async def test_rows_with_an_empty_cell_may_be_left_out(positions: Path) -> None:
    rewritten(positions, ("S002-01,3,", "S002-01,,"))
    for missing, n in (("per_question", 72), ("complete_rows", 71)):
        code, out, _ = await alone("index", "--csv", positions, "--missing", missing, "--json")
        assert (code, json.loads(out)["n"]) == (0, n)


async def test_elements_keep_the_numbers_of_the_questionnaire(tmp_path: Path) -> None:
    file = tmp_path / "dua.csv"
    file.write_text("waktu,sarana\n4,3")
    code, out, _ = await alone("index", "--csv", file, "--elements", "waktu,sarana", "--json")
    numbers = {element["slug"]: element["number"] for element in json.loads(out)["elements"]}
    assert (code, numbers) == (0, {"waktu": "U1", "sarana": "U2"})


async def test_what_is_for_a_file_is_refused_for_a_survey(tmp_path: Path) -> None:
    for options in (("--elements", "waktu"), ("--instrument", "nps"), ("--unit", "Disnaker"), ("--population", "9")):
        verb = ("report", "--out", tmp_path / "x") if options[0] in ("--unit", "--population") else ("index",)
        code, _, error = await alone(*verb, "--survey", "s", *options)
        assert (code, "is for a file" in error) == (2, True), options
    assert not (tmp_path / "x").exists()


def written(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


# -- a running service ------------------------------------------------------------------------------------------


async def test_file_is_looked_at_imported_once_and_asked_for(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    service = build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)
    async with serving(service) as http:
        there = where(http)
        code, out, _ = await run("import", RESPONDENTS_72, "--survey", "skm-2020", *DATED, "--preview", **there)
        assert (code, "72 baris, IKM 87,73 (mutu B); belum ada yang diimpor." in out) == (0, True)
        for said in ("72 baris → skm-2020", "72 baris (sudah pernah diimpor) → skm-2020"):
            code, out, _ = await run("import", RESPONDENTS_72, "--survey", "skm-2020", *DATED, **there)
            assert (code, out.startswith(f"{said} (impor ")) == (0, True)
        code, out, _ = await run("index", "--survey", "skm-2020", "--json", **there)
        assert (code, json.loads(out)["index"]) == (0, 87.73)
        for command in (("index",), ("report", "--out", tmp_path)):
            code, _, error = await run(*command, "--survey", "tidak-ada", **there)
            assert (code, error.count("is not known")) == (1, 1)


async def test_file_that_was_imported_is_listed_and_taken_back(common: CommonSettings, clock: FrozenClock) -> None:
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        there = {**where(http), "COLUMNS": "80"}
        _, out, _ = await run("import", RESPONDENTS_72, "--survey", "skm-2020", *DATED, **there)
        name = out.splitlines()[0].split()[-1].rstrip(")")
        for withdrawn in (" -", " 2026-03-13 02:00"):
            code, out, _ = await run("imports", "--survey", "skm-2020", **there)
            (line,) = (line for line in out.splitlines() if name in line)
            assert (code, line.split()[3], line.strip().endswith(withdrawn)) == (0, "72", True), out
            code, out, _ = await run("withdraw", name, "--survey", "skm-2020", **there)
            assert (code, out.strip()) == (0, "72 baris ditarik dari skm-2020 pada 2026-03-13 02:00 UTC.")
        code, out, _ = await run("index", "--survey", "skm-2020", "--json", **there)
        assert (code, json.loads(out)["n"]) == (0, 0)


async def test_surveys_index_and_report_obey_the_options(
    common: CommonSettings, clock: FrozenClock, positions: Path, tmp_path: Path
) -> None:
    service = build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)
    async with serving(service) as http:
        there = where(http)
        mapped = ("--mapping", "U8:pengaduan,U9:sarana", "--answered-on", "2026-03-02", "--ignore-others")
        file = rewritten(positions, ("rid,", "respondent,"), ("loket,age", "loket,warna"))
        code, _, error = await run("import", file, "--survey", "petakan", *mapped, **there)
        assert code == 0, error
        officer = staff_header("officer")
        day = {"survey": "petakan", "from": "2026-03-02", "to": "2026-03-02"}
        found = (await http.get("/v1/index/skm", params=day, headers=officer)).json()
        assert {e["slug"]: e["sum"] for e in found["elements"] if e["slug"] in ("pengaduan", "sarana")} == (
            {"pengaduan": 245, "sarana": 275}
        )
        rule = ("--edition", "kep25_2004", "--weighting", "0.111")
        code, out, _ = await run("index", "--survey", "petakan", "--json", *rule, **there)
        assert (code, json.loads(out)["index"], json.loads(out)["grade"]) == (0, 87.64, "A")
        code, _, error = await run("report", "--survey", "petakan", "--out", tmp_path / "laporan", *rule, **there)
        assert code == 0, error
        assert [file.name for file in written(tmp_path / "laporan")] == [
            "skm-petakan.html",
            "skm-petakan.pdf",
            "skm-petakan.xlsx",
        ]
        assert "87,64" in (tmp_path / "laporan/skm-petakan.html").read_text()


async def test_file_with_faults_is_not_imported(common: CommonSettings, clock: FrozenClock, tmp_path: Path) -> None:
    faulty = tmp_path / "salah.csv"
    faulty.write_bytes(RESPONDENTS_72.read_bytes().replace(b"S002-02,", b"S002-02,9"))
    service = build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)
    async with serving(service) as http:
        for option in ("--preview", "--no-preview"):
            code, _, error = await run("import", faulty, "--survey", "s", option, *DATED, **where(http))
            assert (code, "row 3, column persyaratan" in error) == (1, True), option
        listed = await http.get("/v1/surveys", headers=staff_header("officer"))
        assert [survey["code"] for survey in listed.json()["items"]] == ["layanan"]


def where(http: httpx.AsyncClient) -> dict[str, str]:
    """The environment of an officer of this service."""
    token = staff_header("officer")["Authorization"].removeprefix("Bearer ")
    return {"SATUATAP_SURVEY_INDEX_URL": str(http.base_url), "SATUATAP_STAFF_TOKEN": token}


# -- on a terminal ----------------------------------------------------------------------------------------------


async def on_a_terminal(*arguments: str | Path, **environment: str) -> tuple[int | None, str, str]:
    """The same as `run` where standard error is a terminal, and standard output goes to a file or a program."""
    ours, theirs = pty.openpty()
    shown = asyncio.create_task(asyncio.to_thread(all_of, ours))
    code, out, _ = await ran(theirs, arguments, {"TERM": "xterm", **environment})
    os.close(theirs)
    return code, out, await shown


def all_of(terminal: int) -> str:
    """Everything that is shown on a terminal until nobody holds it any more."""
    shown = b""
    with suppress(OSError):  # what Linux says when the last one has let go of it
        while part := os.read(terminal, 65_536):
            shown += part
    os.close(terminal)
    return shown.decode()


async def test_how_far_a_report_is_stands_on_the_terminal_and_not_in_what_is_handed_on(
    positions: Path, tmp_path: Path
) -> None:
    out_folder = tmp_path / "laporan"
    asked = ("report", "--csv", positions, "--out", out_folder)
    code, out, shown = await on_a_terminal(*asked)
    paths = [str(out_folder / f"skm-jawaban.{form}") for form in ("html", "pdf", "xlsx")]
    assert (code, out.splitlines()) == (0, paths)
    for task in ("Membaca jawaban.csv", "Menyusun laporan"):
        assert is_done(task, shown)
    code, again, error = await run(*asked)
    assert (code, again, "Membaca" in error, "\x1b" in error) == (0, out, False, False), "where nobody looks, no bar"


async def test_how_far_an_import_is_stands_on_the_terminal_and_not_in_what_is_handed_on(
    common: CommonSettings, clock: FrozenClock
) -> None:
    service = build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)
    async with serving(service) as http:
        asked = ("import", RESPONDENTS_72, "--survey", "skm-2020", *DATED)
        code, out, shown = await on_a_terminal(*asked, **where(http))
        assert (code, out.startswith("72 baris → skm-2020 (impor "), out.count("\n")) == (0, True, 2)
        assert is_done(f"Mengirim {RESPONDENTS_72.name}", shown)
        code, _, error = await run(*asked, **where(http))
        assert (code, error) == (0, "")


def is_done(task: str, shown: str) -> bool:
    """Whether the bar of `task` was seen when it was full."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    return any(re.match(rf"{re.escape(task)} +━+ 100% ", line.strip()) for line in re.split("[\r\n]", plain))
