"""What a report says of who was asked and how answers came: what was counted, and nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from services.survey_index.domain.span import DaysTaken
from services.survey_index.models import CaseOutcome, Selection
from services.survey_index.report.chapters import chapters
from services.survey_index.report.facts import AnswerFile, Checked, Origins
from tests.services.survey_index.report.given import report_72
from tests.services.survey_index.report.reading import whole_text


def report_text(origins: Origins, selection: Selection = "everybody") -> str:
    return whole_text(chapters(report_72(origins=origins, selection=selection)))


DAYS = DaysTaken(first=date(2020, 6, 1), last=date(2020, 6, 30), column="tanggal", by_column=8, by_answered_on=2)
ENDED = "urusan yang selesai selama survei berjalan"
ALL_ASKED = "Semua yang urusannya selesai selama survei berjalan dan yang dapat dihubungi diminta mengisi survei"


@pytest.mark.parametrize(
    ("selection", "cases", "sentence"),
    [
        ("everybody", {"invited": 40}, f"{ALL_ASKED} (40 undangan)."),
        (
            "everybody",
            {"invited": 40, "no_address": 3, "not_running": 7},
            f"{ALL_ASKED} (40 undangan); 3 tidak mempunyai alamat untuk dihubungi.",
        ),
        (
            "everybody",
            {"invited": 40, "asked_recently": 5},
            f"Dari 45 {ENDED}, 40 orangnya diundang; 5 tidak diundang lagi karena belum lama berselang sudah diminta.",
        ),
        (
            "simple_random",
            {"invited": 40, "not_drawn": 60},
            f"Dari 100 {ENDED}, 40 dipilih secara acak sederhana (simple random sampling) dan orangnya diundang; "
            "60 tidak terpilih.",
        ),
        ("everybody", {"other_unit": 9}, "tidak ada urusan yang tercatat selesai, sehingga tidak ada yang diundang."),
        ("nobody", {"nobody_is_asked": 9}, "Survei ini tidak mengirim undangan."),
    ],
)
def test_invitations_are_told_by_what_became_of_the_cases(
    selection: Selection, cases: dict[CaseOutcome, int], sentence: str
) -> None:
    assert sentence in report_text(Origins(invited=12, cases=cases), selection)


def test_everybody_was_asked_is_said_only_where_it_was_so() -> None:
    for origins in (
        Origins(invited=72),  # of a part of the survey nobody counted the cases
        Origins(files=[AnswerFile(72, name="kertas.csv")]),
        Origins(invited=70, cases={"invited": 70, "asked_recently": 2}),
        Origins(direct=72, cases={}),
    ):
        assert "diminta mengisi" not in report_text(origins)


def test_answers_of_several_ways_are_told_apart() -> None:
    files = [
        AnswerFile(10, imported_on=date(2020, 7, 1), days=DAYS),
        AnswerFile(20, imported_on=date(2020, 7, 2)),
    ]
    text = report_text(Origins(invited=40, direct=2, files=files))
    assert (
        "Dari 72 responden yang diolah, 40 menjawab melalui undangan; 2 menjawab melalui aplikasi, telepon, loket, "
        "atau petugas; dan 30 berasal dari 2 berkas yang diimpor:"
    ) in text
    assert (
        "berkas yang diimpor pada 1 Juli 2020: 10 responden, jawaban bertanggal 1 Juni 2020 sampai dengan 30 Juni 2020 "
        "(menurut kolom “tanggal”, yang kosong di kolom itu menurut yang menyerahkan berkas)"
    ) in text
    assert "berkas yang diimpor pada 2 Juli 2020: 20 responden" in text
    assert "Cara memilih responden yang jawabannya berasal dari berkas tidak dicatat." in text


def test_answers_of_one_way_alone_are_told_in_one_sentence() -> None:
    assert "Semua responden yang diolah (72 orang) menjawab melalui undangan." in report_text(Origins(invited=72))


def test_file_alone_is_named_and_nobody_is_said_to_have_been_asked() -> None:
    text = report_text(Origins(files=[AnswerFile(72, name="jawaban.csv")]))
    assert "Data berasal dari berkas “jawaban.csv”: 72 responden." in text
    assert "undang" not in text


def test_long_list_of_files_is_cut_and_says_so() -> None:
    text = report_text(Origins(files=[AnswerFile(2, imported_on=date(2020, 7, 1))] * 36))
    assert "berasal dari 36 berkas yang diimpor, di antaranya:" in text
    assert text.count("berkas yang diimpor pada 1 Juli 2020") == 20


def test_who_was_asked_again_is_told_where_somebody_was() -> None:
    report = report_72()
    assert "Pemeriksaan ulang" not in whole_text(chapters(replace(report, checked=Checked())))
    text = whole_text(chapters(replace(report, checked=Checked(confirmed=11, differs=2, not_reached=1))))
    assert "kepada 14 responden: 11 sesuai, 2 berbeda, dan 1 tidak dapat dihubungi." in text
