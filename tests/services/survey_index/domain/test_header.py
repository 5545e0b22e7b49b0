"""What the columns of a file mean: by their names, or by a mapping."""

import pytest

from services.survey_index.domain.sheet.header import read_mapping
from tests.services.survey_index.conftest import ASKED, SLUGS, answers_by_code, sheet
from tests.services.survey_index.domain.reading import GOOD, POSITIONS, places, read, rows

SWAPPED = "U8:pengaduan,U9:sarana"


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (None, {}),
        ("", {}),
        ("U8:pengaduan,U9:sarana", {"u8": "pengaduan", "u9": "sarana"}),
        (" U8 : pengaduan , U9:sarana, ", {"u8": "pengaduan", "u9": "sarana"}),
        ("Harga:biaya", {"harga": "biaya"}),
        ("JK:sex,Tgl:tanggal,Loket:-", {"jk": "sex", "tgl": "day", "loket": "-"}),
    ],
)
def test_mapping_is_read(text: str | None, mapping: dict[str, str]) -> None:
    columns, faults = read_mapping(text, ASKED)
    assert ({column.casefold(): slug for column, slug in columns.items()}, faults) == (mapping, [])


@pytest.mark.parametrize("text", ["U8", "U8:", ":sarana", "U8=sarana", "U8:parkir", "U8:day"])
def test_mapping_that_is_not_understood(text: str) -> None:
    _, faults = read_mapping(text, ASKED)
    assert [fault.field for fault in faults] == ["mapping"]


def test_mapping_names_what_is_told_of_a_respondent_and_what_is_passed_over() -> None:
    content = f"rid,JK,education,loket,{','.join(SLUGS)}\nR7,P,S2 Keatas,9,{','.join('3' * 9)}\n"
    (row,) = rows(content, "rid:respondent,JK:jenis_kelamin,education:-,loket:-")
    assert (row.respondent, row.sex, row.education) == ("R7", "P", "")
    assert places(content, "rid:respondent,JK:sex,education:-") == ["row 1, column loket"]
    assert places(content, "rid:respondent,JK:sex,loket:-") == ["row 2, column education"]
    assert places(content, "rid:respondent,JK:education,loket:-,education:sex") == (
        ["row 2, column JK", "row 2, column education"]
    )
    assert places(content, "rid:respondent,JK:education,loket:-") == ["row 1, column education"]


def test_two_columns_may_not_ask_for_the_same_element() -> None:
    assert places(sheet([{"U8": 1}], POSITIONS), "U8:pengaduan")[0] == "row 1, column U9"


def test_mapping_counts_however_the_header_is_written() -> None:
    content = sheet([{"u8": 1, "u9": 4}], [position.lower() for position in POSITIONS])
    assert answers_by_code(rows(content, SWAPPED)[0].answers) == {"sarana": 4, "pengaduan": 1}


def test_mapping_of_a_column_that_the_file_has_not_is_a_fault() -> None:
    assert places(GOOD, "Kolom 8:pengaduan") == ["mapping"]
    assert places(GOOD, "U8:sarana;U9:biaya") == ["mapping"]


def test_column_may_have_a_colon_in_its_name_and_a_fact_be_called_as_a_header_calls_it() -> None:
    content = f"respondent,Umur: (tahun),JK,{','.join(SLUGS)}\nR7,40,P,{','.join('3' * 9)}\n"
    (row,) = rows(content, "Umur: (tahun):usia,JK:Jenis Kelamin")
    assert (row.age, row.sex) == (40, "P")


def test_fault_of_the_header_stays_short_however_long_the_header_is() -> None:
    content = ",".join(["respondent", *SLUGS, *(f"kolom {n} " + "x" * 500 for n in range(2_000))]) + "\n"
    found = read(content, ",".join(f"z{n}:-" for n in range(40)), ignore_others=True).faults
    assert [fault.field for fault in found] == ["mapping"]
    assert len(str(found)) < 2_000
    assert all(len(str(fault)) < 400 for fault in read(content).faults)


def test_mapping_says_what_a_column_means_where_the_order_differs() -> None:
    content = sheet([{"U8": 1, "U9": 4}], POSITIONS)
    assert answers_by_code(rows(content)[0].answers) == {"sarana": 1, "pengaduan": 4}
    assert answers_by_code(rows(content, SWAPPED)[0].answers) == {"sarana": 4, "pengaduan": 1}


def test_mapping_may_name_any_column() -> None:
    content = sheet([{"Harga": 3}], ["Harga" if slug == "biaya" else slug for slug in SLUGS])
    assert places(content) == ["row 1, column Harga", "row 1, column U4 (biaya)"]
    assert answers_by_code(rows(content, "Harga:biaya")[0].answers) == {"biaya": 3}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('"Mudah, cepat, murah?":prosedur', {"Mudah, cepat, murah?": "prosedur"}),
        ('U1:waktu, "Mudah, cepat: ya?":prosedur ,U2:-', {"U1": "waktu", "Mudah, cepat: ya?": "prosedur", "U2": "-"}),
        ('"Mudah\ncepat":prosedur', {"Mudah cepat": "prosedur"}),
    ],
)
def test_column_whose_name_has_a_comma_is_mapped_in_quotation_marks(text: str, columns: dict[str, str]) -> None:
    assert read_mapping(text, ASKED) == (columns, [])
