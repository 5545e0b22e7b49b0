"""Who answered, how they were chosen, what they suggested, and what is done about it."""

from collections.abc import Mapping

import pytest

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.profile import PROFILE, ProfileField, code_lists
from services.survey_index.report.chapters import chapters
from services.survey_index.report.document import (
    Chart,
    Heading,
    Items,
    Sheet,
    Table,
)
from services.survey_index.report.facts import Row, profile_of
from tests.services.survey_index.report.given import (
    SKM,
    follow_up,
    many,
    people,
    questionnaire,
    report_72,
    report_of,
    report_of_everything,
    rows_72,
)
from tests.services.survey_index.report.reading import blocks_of, table, whole_text

# -- who answered -----------------------------------------------------------------------------------------------


def test_profile_has_a_table_a_chart_and_the_largest_group() -> None:
    document = chapters(report_72())
    sex = table(document, "menurut jenis kelamin")
    assert list(sex.rows) == [("1", "Laki-laki", "48", "66,67%"), ("2", "Perempuan", "24", "33,33%")]
    assert "kelompok terbesar adalah SLTA/SMA/Sederajat, yaitu 44 responden (61,11%)" in whole_text(document)
    charts = [chart.title for chart in blocks_of(document, Chart)]
    assert charts[:3] == [
        "Gambar 3.1. Responden menurut jenis kelamin",
        "Gambar 3.2. Responden menurut pendidikan",
        "Gambar 3.3. Responden menurut pekerjaan",
    ]


def test_groups_of_the_same_size_are_named_together_and_rounding_is_owned() -> None:
    text = whole_text(chapters(report_72()))
    assert "Pegawai Swasta, Wiraswasta/Wirausaha, dan Lainnya, yaitu masing-masing 24 responden (33,33%)" in text
    assert "Karena pembulatan, jumlah persentase tiap kelompok tidak tepat 100%." in text


def test_who_did_not_tell_is_counted_and_is_no_group() -> None:
    told = [*people(3), *[dict.fromkeys(PROFILE, "")] * 69]
    text = whole_text(chapters(report_72(profile=profile_of(told, code_lists()["s002_2020"]))))
    assert (
        "kelompok terbesar adalah Laki-laki, yaitu 2 responden (2,78%). Sebanyak 69 responden tidak mengisinya." in text
    )


@pytest.mark.parametrize("profile", [{}, profile_of([dict.fromkeys(PROFILE, "")] * 72, code_lists()["s002_2020"])])
def test_profile_of_which_nobody_told_anything_is_no_table(profile: object) -> None:
    document = chapters(report_72(profile=profile))
    assert "Data yang diolah tidak memuat data diri responden." in whole_text(document)
    assert not [block for block in blocks_of(document, Table) if "Responden menurut" in block.title]


def test_what_is_published_hides_small_numbers() -> None:
    told: list[Mapping[ProfileField, str]] = [
        *people(71),
        {"sex": "L", "education": "s2_s3", "occupation": "asn"},
    ]
    document = chapters(report_72(profile=profile_of(told, code_lists()["s002_2020"])))
    published = {row[0]: row[1] for row in table(document, "dipublikasikan").rows}
    assert "S2/S3 *" in published["Pendidikan"]
    assert published["Jenis kelamin"] == "Laki-laki 49; Perempuan 23"
    few = chapters(report_of(SKM, rows_72()[:4]))
    assert (
        "Ada angka yang berasal dari kurang dari 5 orang, sehingga hasil survei ini tidak dipublikasikan."
        in whole_text(few)
    )


def test_what_few_people_stand_for_is_not_in_the_part_that_is_published() -> None:
    three = builtin()["csat3"]
    for few, told in ((3, "*"), (40, "40,00%")):
        rows = [Row(str(number), [3 if number < few else 1]) for number in range(100)]
        block = table(chapters(report_of(three, rows)), "untuk dipublikasikan")
        assert ("Kepuasan pelanggan (CSAT)", told) in list(block.rows)
    four, five = (chapters(report_of(builtin()["nps"], [Row(str(n), [10]) for n in range(count)])) for count in (4, 5))
    assert "sehingga hasil survei ini tidak dipublikasikan" in whole_text(four)
    assert ("Net Promoter Score (NPS)", "100,00") in list(table(five, "untuk dipublikasikan").rows)


# -- suggestions and plans --------------------------------------------------------------------------------------


def test_suggestions_stand_under_the_element_that_they_are_about() -> None:
    document = chapters(report_72())
    parts = [heading.text for heading in blocks_of(document, Heading) if heading.level == 3]
    assert parts[-3:] == ["Waktu penyelesaian (2 saran)", "Sarana dan prasarana (1 saran)", "Umum (1 saran)"]
    assert ["Antrean pagi terlalu lama.", "Mohon loket ditambah pada hari Senin."] in [
        items.items for items in blocks_of(document, Items)
    ]


def test_suggestion_that_shows_nothing_is_none() -> None:
    assert "Data yang diolah tidak memuat saran" in whole_text(
        chapters(report_72(suggestions={"waktu": [" \n", "\u200b"]}))
    )


def test_plan_has_its_progress() -> None:
    plans = [
        follow_up("waktu", "Menambah loket", planned=4, realised=3),
        follow_up("", "Belum direncanakan", planned=0, realised=0),
        follow_up("sarana", "Menambah kursi", planned=3, realised=4),
    ]
    document = chapters(report_72(follow_ups=plans))
    rows = table(document, "Rencana tindak lanjut").rows
    assert [(row[1], row[-1]) for row in rows] == (
        [("Waktu penyelesaian", "75,00%"), ("Umum", "-"), ("Sarana dan prasarana", "133,33%")]
    )
    assert rows[0][4] == "31 Des 2020"
    assert "memuat 3 tindakan; 1 di antaranya sudah terealisasi sesuai dengan rencana" in whole_text(document)
    assert (
        "belum memiliki rencana tindak lanjut: Produk spesifikasi jenis pelayanan; Persyaratan; dan Sistem"
        in whole_text(document)
    )


def test_without_a_plan_it_says_so() -> None:
    assert "Belum ada rencana tindak lanjut yang dicatat" in whole_text(chapters(report_72(follow_ups=[])))


# -- the sheet --------------------------------------------------------------------------------------------------


def test_sheet_has_every_respondent_and_the_sums_that_the_index_comes_from() -> None:
    (sheet,) = blocks_of(chapters(report_72()), Sheet)
    assert sheet.header == ("No.", "U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8", "U9")
    assert sheet.rows[1] == ("S002-02", "3", "1", "4", "4", "1", "3", "2", "3", "3")
    assert len(sheet.rows) == 72
    sums = {row[0].text: [cell.text for cell in row[1:]] for row in sheet.totals}
    assert sums["Jumlah nilai"] == ["240", "240", "238", "281", "239", "262", "254", "245", "275"]
    assert set(sums["Jumlah terisi"]) == {"72"}
    assert sums["NRR"][3] == "3,9028"
    assert sums["NRR tertimbang"][3] == "0,4336"
    assert sums["IKM"] == ["3,5093 × 25 = 87,73 (mutu B, Baik)"]


def test_missing_answer_is_a_dash_and_divides_nothing() -> None:
    (sheet,) = blocks_of(chapters(report_of(SKM, [Row("1", [4, None, *[3] * 7]), Row("2", [3, 2, *[3] * 7])])), Sheet)
    assert sheet.rows[0][:4] == ("1", "4", "-", "3")
    assert [cell.text for cell in sheet.totals[1]][1:3] == ["2", "1"]
    assert [cell.text for cell in sheet.totals[2]][1:3] == ["3,5000", "2,0000"]


def test_several_questions_have_one_nrr_over_their_columns() -> None:
    (sheet,) = blocks_of(chapters(report_of_everything()), Sheet)
    sums = {row[0].text: row[1:] for row in sheet.totals}
    assert sheet.header[1:4] == ("U1.1", "U1.2", "U2.1")
    assert sums["NRR"][0].columns == 2
    assert len(sums["Rata-rata"]) == len(sheet.header) - 1
    assert {"IKM", "IPAK"} <= sums.keys()
    assert [cell.text for cell in sums["NRR tertimbang"][-2:]] == ["-", "-"]


def test_long_questionnaire_goes_on_in_another_sheet() -> None:
    sheets = blocks_of(chapters(report_of(questionnaire(40), many(30, questionnaire(40)))), Sheet)
    assert [len(sheet.header) - 1 for sheet in sheets] == [22, 18]
    assert "(bagian 1 dari 2)" in sheets[0].title
    assert ["IKM" in {row[0].text for row in sheet.totals} for sheet in sheets] == [False, True]


@pytest.mark.parametrize("number", ["018f3a1e-7c1d-7b7e-9d58-0123456789ab", "08120000001", "a@b.example"])
def test_number_that_is_long_or_may_be_the_citizens_own_makes_place_for_his_place(number: str) -> None:
    document = chapters(report_of(SKM, [Row(number, [3] * 9), Row("A-7", [3] * 9)]))
    (sheet,) = blocks_of(document, Sheet)
    assert [row[0] for row in sheet.rows] == ["1", "2"]
    assert "Nomor responden adalah nomor urut dalam daftar ini." in whole_text(document)
