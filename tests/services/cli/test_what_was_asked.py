"""`satuatap survey report --csv`: what the report of a file alone says of its questionnaire, and by which bands."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.survey import app
from services.survey_index.domain.instruments import builtin
from tests.services.survey_index.conftest import SLUGS

OWN = "Apakah petugas kami ramah?"
STANDARD = "Bagaimana pendapat Anda tentang perilaku petugas"


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Three respondents with the header of most questionnaires."""
    file = tmp_path / "jawaban.csv"
    header = "respondent," + ",".join(f"U{place}" for place in range(1, 10))
    file.write_text("\n".join([header, *(f"R{number},3,3,2,4,3,3,3,3,4" for number in range(3))]))
    return file


@pytest.fixture
def wording(tmp_path: Path) -> Path:
    """A unit's own questions, by U1, U2, … and by slug."""
    file = tmp_path / "bunyi.csv"
    names = ["U1", "U2", *SLUGS[2:]]
    rows = [f"{name},{OWN if name == 'perilaku' else f'Pertanyaan {name}?'},Tidak,Kurang,Cukup,Ya" for name in names]
    file.write_text("\n".join(["element,question,1,2,3,4", *rows]))
    return file


def page(answers: Path, *options: str | Path) -> str:
    """The report as a page, its lines joined."""
    out = answers.parent / "laporan"
    code, _, error = run("report", "--csv", answers, "--out", out, *options)
    assert code == 0, error
    return " ".join((out / "skm-jawaban.html").read_text().split())


def test_questions_of_a_file_of_which_nothing_is_said_are_not_printed(answers: Path) -> None:
    text = page(answers)
    assert STANDARD not in text
    assert "Diandaikan" in text
    assert "Data berasal dari berkas “jawaban.csv”: 3 responden." in text
    assert "undang" not in text.partition("Responden dan Sampel")[2].partition("Pengolahan Data")[0]


def test_questions_are_printed_where_the_questionnaire_is_named(answers: Path) -> None:
    text = page(answers, "--instrument", "skm14_2017")
    assert STANDARD in text
    assert "Menurut yang menyusun laporan, kuesioner yang dipakai adalah SKM" in text
    text = page(answers, "--elements", ",".join(SLUGS))
    assert STANDARD in text
    assert "adalah bunyi baku untuk unsur itu" in text


def test_questions_are_printed_where_the_header_of_the_file_has_them(answers: Path) -> None:
    questions = [question for question in builtin()["skm14_2017"].questions if question.measure == "ikm"]
    sentences = [f"U{n}. {question.text.text.id}" for n, question in enumerate(questions, start=1)]
    _, *rows = answers.read_text().splitlines()
    for names, is_printed in ((sentences, True), ([*sentences[:8], questions[8].code], False)):
        answers.write_text("\n".join([f"respondent;{';'.join(names)}", *(row.replace(",", ";") for row in rows)]))
        text = page(answers)
        assert (STANDARD in text, "Pertanyaan dikenali dari kepala kolom" in text) == (is_printed, is_printed)
        assert "Sangat mahal" not in text


def test_questions_of_a_unit_are_printed_as_they_read(answers: Path, wording: Path) -> None:
    text = page(answers, "--wording", wording)
    assert OWN in text
    assert STANDARD not in text
    assert "kuesioner yang dipakai adalah Kuesioner unit sendiri, versi 1 (sumber: bunyi.csv)" in text


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("element,question", "unsur,question", "row 1"),
        ("waktu,Pertanyaan waktu?,Tidak,Kurang,Cukup,Ya\n", "", "element"),
        ("waktu,", "U2,", "row 4, column element"),
        ("waktu,", "kecepatan,", "row 4, column element"),
        ("Pertanyaan waktu?,Tidak", "Pertanyaan waktu?,", "row 4"),
        ("Pertanyaan waktu?", "x" * 301, "row 4"),
    ],
)
def test_wording_with_a_fault_is_named_and_nothing_is_written(
    answers: Path, wording: Path, old: str, new: str, where: str
) -> None:
    wording.write_text(wording.read_text().replace(old, new, 1))
    code, _, error = run("report", "--csv", answers, "--out", answers.parent / "laporan", "--wording", wording)
    assert code == 1
    assert where in error
    assert not (answers.parent / "laporan").exists()


def test_wording_that_is_not_there_is_named(answers: Path) -> None:
    code, _, error = run("report", "--csv", answers, "--out", answers.parent, "--wording", answers.parent / "none")
    assert (code, "wording" in error) == (1, True)


def test_edition_is_the_instruments_own_and_another_is_said(answers: Path, tmp_path: Path) -> None:
    file = tmp_path / "lama.csv"
    header = "respondent," + ",".join(f"U{place}" for place in range(1, 15))
    file.write_text(f"{header}\nR1{',3' * 14}")
    _, out, _ = run("index", "--csv", file, "--instrument", "kep25_2004", "--json")
    found = json.loads(out)
    assert (found["edition"], found["instrument_edition"]) == ("kep25_2004", "kep25_2004")
    _, out, _ = run("index", "--csv", file, "--instrument", "kep25_2004")
    assert "Kategori yang termasuk" not in out
    _, out, _ = run("index", "--csv", answers, "--edition", "kep25_2004")
    assert "Kategori yang termasuk kuesioner ini (skm14_2017): permenpanrb14_2017." in out


def test_priorities_are_as_many_as_are_asked_for(answers: Path) -> None:
    assert "perbaikan diutamakan pada 1 unsur" in page(answers, "--priorities", "1")
