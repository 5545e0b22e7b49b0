"""`satuatap topics`: what was learned from a file of examples is measured on those that were held out, kept as data,
and asked once it is activated.
"""

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.cli.topics.examples import Examples, examples_in
from services.cli.topics.report import Report, measured
from services.tickets.domain.topics import Learned, LinearModel

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SAID = {
    "upah": ("gaji kami belum dibayar", "lembur tidak dibayar perusahaan", "upah bulan ini dipotong"),
    "magang": ("mau daftar magang ke jepang", "rekomendasi magang belum keluar", "peserta magang minta surat"),
}


def file_of(folder: Path, repeats: int = 12) -> Path:
    """Examples, invented: each topic's sentences over and over, an hour after each other, and a row without a text."""
    file = folder / "examples.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["when", "text", "topic"])
        for hour in range(repeats * 6):
            label = ("upah", "magang")[hour % 2]
            rows.writerow([(BEGAN + timedelta(hours=hour)).isoformat(), SAID[label][hour // 2 % 3], label])
        rows.writerow([BEGAN.isoformat(), "  ", "upah"])
    return file


def trained(examples: Examples) -> tuple[LinearModel, Report]:
    pytest.importorskip("sklearn", reason="training needs the extra `train`")
    return measured(examples, by="cli:test", now=BEGAN)


def test_model_is_measured_on_the_newest_which_it_has_not_seen(tmp_path: Path) -> None:
    since = BEGAN + timedelta(hours=60)
    examples = examples_in(file_of(tmp_path), text="text", label="topic", time="when", hold_out_from=since)
    assert (len(examples.learned), len(examples.held_out), examples.passed_over) == (60, 12, 1)
    assert max(each.at for each in examples.learned if each.at) < since

    model, report = trained(examples)
    assert (report.learned, report.held_out, report.right, report.never_seen) == (60, 12, 12, 0)
    assert [share.of for share in report.coverage] == [1, 2, 3, 4, 6, 7, 8, 9, 10, 12]
    opinion = Learned(model).opinion("Gajinya blm dibayar juga pak")
    assert opinion is not None
    assert opinion.label == "upah"
    assert "bayar" in " ".join(opinion.because)


def test_model_has_no_word_that_stands_in_two_texts_alone(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    with file.open("a", encoding="utf-8") as opened:
        opened.writelines(f"2025-12-31T00:00:0{n},upah budiwati belum dibayar,upah\n" for n in range(2))
    model, _ = trained(examples_in(file, text="text", label="topic", time="when", hold_out_from=None))
    assert "belum bayar" in model.terms
    assert not [term for term in model.terms if "budiwati" in term]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--label", "agency"], "There is no column agency"),
        (["--hold-out-from", "2026-01-02"], "--hold-out-from needs --time"),
        (["--time", "text"], "has no moment"),
        (["--time", "when", "--hold-out-from", "2030-01-01"], "one that is held out"),
    ],
)
def test_file_that_teaches_nothing_is_refused_with_what_is_missing(
    tmp_path: Path, options: list[str], told: str
) -> None:
    ended = CliRunner().invoke(app, ["topics", "train", str(file_of(tmp_path)), *options], env={"COLUMNS": "300"})
    assert ended.exit_code == 2
    assert told in ended.output


async def test_model_is_kept_and_activated_by_its_version(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="training needs the extra `train`")
    code, printed = await run("topics", "train", str(file_of(tmp_path)), "--time", "when", "--keep")
    assert code == 0, printed
    assert "Right: 14 of 14 (100.0 %)." in printed
    assert "Kept as version 1." in printed
    assert await run("topics", "activate", "1") == (0, "Version 1 is asked.")
    _, listed = await run("topics", "models")
    assert "14 of 14" in listed
    assert "active" in listed.splitlines()[-2]
    code, printed = await run("topics", "activate", "2")
    assert (code, "There is no such model." in printed) == (2, True)
    assert await run("topics", "activate", "--none") == (0, "No model is asked any more.")


def test_agencies_of_a_city_are_found_for_its_newest_complaints(shared_data: Path) -> None:
    """docs/topics.md: three quarters to learn from, the rest held out by time."""
    file = shared_data / "complaints_surabaya.csv"
    since = datetime(2022, 12, 8, tzinfo=UTC)
    _, report = trained(examples_in(file, text="text", label="agency", time="created_at", hold_out_from=since))
    half = report.coverage[4]
    assert report.right / report.held_out >= 0.71
    assert half.right / half.of >= 0.91


def test_asking_a_model_needs_nothing_that_training_needs() -> None:
    program = "import sys, services.tickets.main as _; print(sorted({'sklearn', 'scipy'} & sys.modules.keys()))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
