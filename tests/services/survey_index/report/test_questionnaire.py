"""What a report says was asked: questions and scale words only where they are known to be the survey's own."""

import pytest

from services.survey_index.domain.instruments import REGULATION_ORDER
from services.survey_index.report.chapters import chapters
from services.survey_index.report.document import Table
from services.survey_index.report.facts import Questionnaire, Row
from tests.services.survey_index.report.given import NEW, OLD, SKM, report_72, report_of, rows_72
from tests.services.survey_index.report.reading import blocks_of, whole_text

QUESTION, WORD = "Bagaimana pendapat Anda tentang perilaku petugas", "Sangat mahal"


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ("recorded", "Kuesioner yang dipakai adalah SKM, Peraturan Menteri PANRB Nomor 14 Tahun 2017, versi 1"),
        ("named", "Menurut yang menyusun laporan, kuesioner yang dipakai adalah SKM, Peraturan Menteri PANRB"),
        ("ordered", "adalah bunyi baku untuk unsur itu"),
    ],
)
def test_questionnaire_that_is_known_is_printed(known: Questionnaire, sentence: str) -> None:
    text = whole_text(chapters(report_72(questionnaire=known)))
    assert sentence in text
    assert QUESTION in text
    assert WORD in text
    assert "Diandaikan" not in text


def test_questions_that_the_header_of_a_file_has_are_printed_without_their_scales() -> None:
    text = whole_text(chapters(report_72(questionnaire="sentences")))
    assert "Pertanyaan dikenali dari kepala kolom berkas jawaban" in text
    assert (QUESTION in text, WORD in text) == (True, False)


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ("assumed", "Tidak dicatat kuesioner mana yang dipakai. Diandaikan bahwa"),
        ("mapped", "adalah menurut yang menyerahkan berkas jawaban, sejauh disebutkannya"),
        ("columns", "dikenali dari nama kolom berkas"),
    ],
)
def test_questionnaire_that_nobody_named_is_not_printed_but_its_elements_are(
    known: Questionnaire, sentence: str
) -> None:
    document = chapters(report_72(questionnaire=known))
    text = whole_text(document)
    assert sentence in text
    assert QUESTION not in text
    assert WORD not in text
    assert "Kuesioner yang dipakai adalah" not in text
    (table,) = [block for block in blocks_of(document, Table) if "Unsur yang dinilai" in block.title]
    assert [row[1] for row in table.rows] == [element.name.id for element in SKM.elements]


SWAPPED = "unsur kedelapan adalah Penanganan pengaduan, saran dan masukan dan unsur kesembilan Sarana dan prasarana"


@pytest.mark.parametrize(
    ("known", "tells"),
    [
        ("assumed", True),
        ("mapped", True),
        ("columns", False),
        ("sentences", False),
        ("ordered", False),
        ("named", False),
        ("recorded", False),
    ],
)
def test_order_that_was_assumed_is_not_called_the_regulations(known: Questionnaire, tells: bool) -> None:
    text = whole_text(chapters(report_72(questionnaire=known)))
    assert "urutan menurut SKM" not in text
    assert (SWAPPED in text) is tells


def test_order_of_a_questionnaire_that_has_the_regulations_is_not_told_apart_from_it() -> None:
    asked = SKM.in_order(REGULATION_ORDER)
    rows = [Row(row.respondent, [*row.answers[:7], row.answers[8], row.answers[7]]) for row in rows_72()]
    text = whole_text(chapters(report_of(asked, rows, questionnaire="assumed")))
    assert "Diandaikan bahwa" in text
    assert "sendiri, unsur kedelapan" not in text


def test_edition_of_the_questionnaire_is_told_where_another_one_grades() -> None:
    sentence = (
        "Kategori yang termasuk kuesioner ini adalah kategori menurut Peraturan Menteri PANRB Nomor 14 Tahun 2017;"
    )
    assert sentence in whole_text(chapters(report_72(OLD)))
    assert "Kategori yang termasuk kuesioner ini" not in whole_text(chapters(report_72(NEW)))
