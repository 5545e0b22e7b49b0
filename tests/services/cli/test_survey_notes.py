"""`satuatap survey` tells in a line each what of a file an officer should look at again."""

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

POSITIONS = [f"U{place}" for place in range(1, 10)]
SWAPPED = (*SLUGS[:7], "pengaduan", "sarana")
PEOPLE = ["R1,1,3,3,3,3,3,3,3,3,4", "R2,2,3,3,3,3,3,3,3,3,4"]
FOOTERS = ["Jumlah,,6,6,6,6,6,6,6,6,8", "NRR,,3,3,3,3,3,3,3,3,4", ",,,,,,,,,Kepala Dinas", '"Kudus, 3 Januari 2021"']
PASSED = "Dilewati, karena bukan responden: baris 4 (Jumlah), 5 (NRR), 6 (Kepala), 7 (tanpa jawaban)."
READ = (
    "U8 dibaca sebagai Sarana dan prasarana; U9 dibaca sebagai Penanganan pengaduan, saran dan masukan. "
    "Urutan Peraturan Menteri PANRB Nomor 14 Tahun 2017 sebaliknya: bila berkas memakai urutan itu, pakai "
)
OPTION = "--elements " + ",".join(SWAPPED)


def written(folder: Path, *lines: str, columns: list[str] = POSITIONS) -> Path:
    file = folder / "jawaban.csv"
    file.write_text("\n".join([",".join(["responden", "loket", *columns]), *lines]))
    return file


@pytest.mark.parametrize("verb", ["index", "report"])
async def test_file_alone_tells_beside_its_figures_what_was_passed_over_and_how_u8_was_read(
    verb: str, tmp_path: Path
) -> None:
    file = written(tmp_path, *PEOPLE, *FOOTERS)
    out_folder = ("--out", str(tmp_path)) if verb == "report" else ()
    code, out, error = await alone(verb, "--csv", file, *out_folder)
    assert (code, error.splitlines()) == (0, [PASSED, READ + OPTION])
    assert "Dilewati" not in out


async def test_file_alone_tells_a_program_the_same_and_nothing_beside(tmp_path: Path) -> None:
    code, out, error = await alone("index", "--csv", written(tmp_path, *PEOPLE, *FOOTERS), "--json")
    found = json.loads(out)
    assert (code, error, found["n"], found["passed_over_count"]) == (0, "", 2, 4)
    assert found["passed_over"][0] == {"row": 4, "why": "Jumlah"}
    assert found["positions"] == {"U8": "sarana", "U9": "pengaduan"}
    assert found["repeated_numbers"] == found["repeated_rows"] == {"count": 0, "rows": []}


async def test_option_that_is_told_reads_the_file_the_other_way_round_and_then_nothing_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, *PEOPLE)
    code, out, _ = await alone("index", "--csv", file, *OPTION.split(), "--json")
    found = json.loads(out)
    assert (code, found["positions"]) == (0, None)
    assert {unsur["slug"]: unsur["sum"] for unsur in found["elements"]}["sarana"] == 8
    code, _, error = await alone("index", "--csv", file, *OPTION.split())
    assert (code, error) == (0, "")


async def test_file_with_names_for_its_columns_says_nothing(tmp_path: Path) -> None:
    names = ["U8 Penanganan pengaduan saran dan masukan", "U9. Sarana dan prasarana"]
    file = written(tmp_path, *PEOPLE, columns=[*POSITIONS[:7], *names])
    code, out, error = await alone("index", "--csv", file, "--json")
    assert (code, error, json.loads(out)["positions"]) == (0, "", None)
    assert {unsur["slug"]: unsur["sum"] for unsur in json.loads(out)["elements"]}["sarana"] == 8


async def test_what_comes_again_is_told_and_counts(tmp_path: Path) -> None:
    lines = [*PEOPLE, "R1,3,3,3,3,3,3,3,3,3,4", "R4,2,3,3,3,3,3,3,3,3,4", "R5,2,3,3,3,3,3,3,3,3,4"]
    file = written(tmp_path, *lines, columns=list(SLUGS))
    code, out, error = await alone("index", "--csv", file)
    assert (code, "n = 5" in out) == (0, True)
    assert error.splitlines() == [
        "1 nomor responden muncul lebih dari sekali (baris 4), dan setiap barisnya dihitung: "
        "bila itu kuesioner yang sama, hapus salah satunya.",
        "2 baris berisi sama dengan baris sebelumnya, nomornya tidak dibandingkan (baris 5, 6), dan semuanya dihitung: "
        "periksa apakah itu kuesioner yang sama.",
    ]
    _, out, _ = await alone("index", "--csv", file, "--json")
    assert json.loads(out)["repeated_numbers"] == {"count": 1, "rows": [4]}
    assert json.loads(out)["repeated_rows"] == {"count": 2, "rows": [5, 6]}


async def test_many_footers_are_told_in_one_line_with_the_count_of_the_others(tmp_path: Path) -> None:
    file = written(tmp_path, *PEOPLE, *["Jumlah"] * 70, columns=list(SLUGS))
    _, _, error = await alone("index", "--csv", file)
    (line,) = error.splitlines()
    assert line.endswith("15 (Jumlah) dan 58 baris lain.")


async def test_import_and_preview_tell_what_was_passed_over_and_how_u8_was_read(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    file = written(tmp_path, *PEOPLE, *FOOTERS)
    asked = ("import", file, "--survey", "s", "--ignore-others", "--answered-on", "2026-03-02")
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        code, out, _ = await run(*asked, "--preview", "--mapping", "U8:pengaduan,U9:sarana", **where(http))
        assert (code, out.splitlines()[-1]) == (0, PASSED)
        for option, rows in (
            ("--preview", "2 baris, IKM"),
            ("--no-preview", "2 baris → s"),
            ("--no-preview", "2 baris ("),
        ):
            code, out, _ = await run(*asked, option, **where(http))
            assert code == 0
            assert out.splitlines()[-2:] == [PASSED, READ + "--mapping U8:pengaduan,U9:sarana"]
            assert rows in out
