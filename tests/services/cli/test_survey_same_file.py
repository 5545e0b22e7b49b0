"""`satuatap survey import` of a file whose people are there already: the two ways on, in the officer's language."""

import re
from pathlib import Path

import pytest

from services.survey_index.main import build
from services.survey_index.settings import SurveyIndexSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.cli.test_survey import alone, run, where
from tests.services.survey_index.conftest import PUBLIC_URL, RESPONDENTS_72
from tests.serving import serving


def import_of(said: str) -> str:
    """The import that a command tells of."""
    found = re.search(r"\(impor (\S+)\)", said)
    assert found, said
    return found[1]


TO = ("--survey", "skm-2020", "--answered-on", "2026-03-02")


@pytest.fixture
def mended(tmp_path: Path) -> Path:
    """The 72 respondents, one of whom answered otherwise than it was typed first."""
    file = tmp_path / "perbaikan.csv"
    file.write_bytes(RESPONDENTS_72.read_bytes().replace(b"S002-07,3", b"S002-07,4"))
    return file


async def test_file_that_was_corrected_is_told_of_refused_and_takes_the_place_of_the_first(
    common: CommonSettings, clock: FrozenClock, mended: Path
) -> None:
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        there = where(http)
        _, out, _ = await run("import", RESPONDENTS_72, *TO, **there)
        first = import_of(out)
        ways_on = (
            "Bila berkas ini perbaikan dari impor itu: --replaces IMPORT; bila respondennya memang lain: --as-more."
        )
        code, out, _ = await run("import", mended, *TO, "--preview", **there)
        told = f"72 dari 72 nomor responden sudah ada dalam impor {first} (2026-03-13 02:00 UTC, 72 baris)."
        assert (code, told in out, ways_on in out) == (0, True, True), out
        code, out, error = await run("import", mended, *TO, **there)
        assert (code, out, error.count(first), ways_on in error) == (1, "", 2, True), error
        code, out, error = await run("import", mended, *TO, "--replaces", first, **there)
        assert (code, error) == (0, "")
        second = import_of(out)
        assert second != first
        assert f"Menggantikan impor {first}, yang sudah ditarik." in out.splitlines()
        code, out, _ = await run("imports", "--survey", "skm-2020", **{**there, "COLUMNS": "80"})
        assert (code, out.splitlines()[-2:]) == (0, ["Pengganti ← yang digantikan:", f"{second} ← {first}"])


async def test_file_of_others_is_counted_as_well(common: CommonSettings, clock: FrozenClock, mended: Path) -> None:
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        for file in (RESPONDENTS_72, mended):
            code, out, error = await run("import", file, *TO, "--as-more", **where(http))
            assert (code, out.startswith("72 baris → skm-2020 (impor "), "Menggantikan" in out) == (0, True, False), (
                error
            )


async def test_file_that_is_read_in_another_way_is_told_how_it_takes_the_place_of_the_first(
    common: CommonSettings, clock: FrozenClock
) -> None:
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        _, out, _ = await run("import", RESPONDENTS_72, *TO, **where(http))
        first = import_of(out)
        code, _, error = await run("import", RESPONDENTS_72, *TO[:3], "2026-03-03", **where(http))
        assert (code, "perbaikan dari impor itu: --replaces IMPORT.\n" in error, first in error) == (1, True, True)


async def test_preview_is_not_told_what_only_an_import_does(mended: Path) -> None:
    for choice in (("--as-more",), ("--replaces", "01a218e7-86ad-765d-b271-ca109078afb9")):
        code, _, error = await alone("import", mended, *TO, "--preview", *choice)
        assert (code, "which imports the file resembles" in error) == (2, True), error


async def test_preview_of_a_file_that_stands_says_so_and_is_told_the_way_on_when_it_is_read_in_another_way(
    common: CommonSettings, clock: FrozenClock
) -> None:
    async with serving(build(common, SurveyIndexSettings(public_url=PUBLIC_URL), clock)) as http:
        there = where(http)
        _, before, _ = await run("import", RESPONDENTS_72, *TO, "--preview", **there)
        _, out, _ = await run("import", RESPONDENTS_72, *TO, **there)
        first = import_of(out)
        code, again, error = await run("import", RESPONDENTS_72, *TO, "--preview", **there)
        not_yet, already = "; belum ada yang diimpor.", "; sudah pernah diimpor."
        assert [(not_yet in said, already in said) for said in (before, again)] == [(True, False), (False, True)]
        assert (code, "--replaces" in again) == (0, False), error
        code, _, error = await run("import", RESPONDENTS_72, *TO[:3], "2026-03-03", "--preview", **there)
        assert (code, "perbaikan dari impor itu: --replaces IMPORT.\n" in error, first in error) == (1, True, True)
