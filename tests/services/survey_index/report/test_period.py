"""The period as the cover and the chapters tell it."""

from datetime import date

import pytest

from services.survey_index.domain.period import Kind, Period
from services.survey_index.report.chapters import chapters
from tests.services.survey_index.report.given import SKM, many, report_of
from tests.services.survey_index.report.reading import whole_text

FIRST, LAST = date(2020, 1, 1), date(2020, 6, 30)
ANSWERS = Period("answers", date(2020, 1, 6), date(2020, 6, 26))
SPAN = "1 Januari 2020 sampai dengan 30 Juni 2020"


@pytest.mark.parametrize(
    ("kind", "label", "sentence"),
    [
        (
            "opened_to_closed",
            "Periode survei (dibuka sampai ditutup)",
            "Survei dibuka pada 1 Januari 2020 dan ditutup pada 30 Juni 2020. Jawaban pertama bertanggal 6 Januari "
            "2020 dan jawaban terakhir bertanggal 26 Juni 2020.",
        ),
        (
            "opened",
            "Periode survei (dibuka sampai hari laporan, belum ditutup)",
            "Survei dibuka pada 1 Januari 2020 dan belum ditutup pada hari laporan ini disusun, 30 Juni 2020.",
        ),
        (
            "answers",
            "Periode jawaban (pertama sampai terakhir)",
            "Jawaban pertama bertanggal 1 Januari 2020 dan jawaban terakhir bertanggal 30 Juni 2020. Hari pembukaan "
            "survei tidak dicatat.",
        ),
        (
            "told",
            "Periode jawaban (hari tiap jawaban tidak semuanya dicatat)",
            "Jawaban diberikan antara 1 Januari 2020 dan 30 Juni 2020; hari tiap jawaban tidak semuanya dicatat. Hari "
            "pembukaan survei tidak dicatat.",
        ),
        (
            "part",
            "Periode yang dilaporkan (sebagian dari survei)",
            f"Laporan ini memuat jawaban dari sebagian masa survei, yaitu {SPAN}.",
        ),
    ],
)
def test_period_is_told_with_what_its_days_are(kind: Kind, label: str, sentence: str) -> None:
    document = chapters(report_of(SKM, many(9), period=Period(kind, FIRST, LAST), answers=ANSWERS))
    assert (document.facts[-1].label, document.facts[-1].value) == (label, SPAN)
    assert sentence in whole_text(document)


def test_period_that_nobody_wrote_down_is_not_told() -> None:
    document = chapters(report_of(SKM, many(9), period=Period()))
    assert document.facts[-1].value == "tanggal jawaban tidak diketahui"
    assert "Tanggal jawaban tidak diketahui." in whole_text(document)
    assert "Belum ada jawaban yang tercatat." in whole_text(chapters(report_of(SKM, [], period=Period())))


def test_respondents_of_a_span_that_the_report_cuts_are_told() -> None:
    report = report_of(SKM, many(9), period=Period("part", FIRST, LAST), answers=ANSWERS, astride=12)
    assert "ada 12 responden yang hanya diketahui menjawab dalam rentang hari yang melampaui bagian ini" in whole_text(
        chapters(report)
    )
