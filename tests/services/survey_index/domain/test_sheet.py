"""A file of answers: read to the last cell, or each fault named by its row and column."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.sheet.labels import label_of
from services.survey_index.domain.sheet.rules import Answered
from services.survey_index.domain.sheet.unnumbered import UnnumberedRows
from services.survey_index.domain.span import Span
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, answers_by_code, in_order, sheet
from tests.services.survey_index.domain.reading import GOOD, HEADER, POSITIONS, places, read, rows

GOOD_ROWS = [
    Answered("R1", (1, 2, 3, 4, 1, 2, 3, 4, 1, None)),
    Answered("R2", (4, 3, 2, 1, 4, 3, 2, 1, 4, None)),
]


# -- what is good -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        "sep=;\r\n" + GOOD.replace(",", ";").replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD.replace(",", ";").replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.rstrip("\n"),
        GOOD.replace("R2", "\n\nR2") + "\n\n",
        GOOD.replace("R2", ",,,,,,,,,\nR2"),
        GOOD.replace("R1,1,2", '"R1"," 1 ", 2 '),
        GOOD.replace(HEADER, HEADER.upper()),
        GOOD.replace(HEADER, "respondent," + ",".join(POSITIONS)),
        GOOD.replace(HEADER, "Respondent," + ",".join(POSITIONS).lower()),
        GOOD.replace("sarana", "U8").replace("pengaduan", "U9"),
    ],
    ids=[
        "commas",
        "semicolons",
        "tabs",
        "bars",
        "a separator that Excel is told",
        "a byte order mark",
        "CRLF",
        "as Excel saves it here",
        "CR",
        "no last line end",
        "blank lines",
        "a row of empty cells",
        "quotes and spaces",
        "capitals",
        "U1 to U9",
        "u1 to u9",
        "slugs and positions",
    ],
)
def test_good_file_is_read(content: str) -> None:
    assert rows(content) == GOOD_ROWS


def test_72_respondents_are_read() -> None:
    read_ = rows(RESPONDENTS_72.read_bytes())
    assert (len(read_), read_[0].respondent, len(answers_by_code(read_[0].answers))) == (72, "S002-01", 9)


def test_empty_cell_is_a_missing_answer_and_not_nought() -> None:
    content = f"{HEADER}\nR1,1,,3, ,1,2,3,4,\n"
    assert answers_by_code(rows(content)[0].answers) == {
        "persyaratan": 1,
        "waktu": 3,
        "produk": 1,
        "kompetensi": 2,
        "perilaku": 3,
        "sarana": 4,
    }


def test_column_of_recommendations_goes_from_0_to_10() -> None:
    content = sheet([{"nps": 0}, {"nps": 10}, {"waktu": 3}], extra=["nps"])
    assert [answers_by_code(row.answers) for row in rows(content)] == [{"nps": 0}, {"nps": 10}, {"waktu": 3}]
    assert places(sheet([{"nps": 11}], extra=["nps"])) == ["row 2, column nps"]


# -- each fault names its row and its column --------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["5", "0", "-1", '"3,5"', "3.5", "3.0", "1e0", "tiga", "²", "٣", "+3", "3 4", "44", "None"]
)
def test_cell_that_is_not_on_the_scale(cell: str) -> None:
    content = GOOD.replace("R2,4,3,2", f"R2,4,3,{cell}")
    (fault,) = read(content).faults
    assert fault.field == "row 3, column waktu"
    assert fault.expected == "a whole number from 1 to 4, or an empty cell"


def test_comma_as_decimal_sign_in_a_file_with_semicolons() -> None:
    assert places(GOOD.replace(",", ";").replace("R2;4;3;2", "R2;4;3,5;2")) == ["row 3, column prosedur"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", ["file"]),
        ("\n", ["file"]),
        (GOOD.replace(",pengaduan", "").replace(",1\n", "\n").replace(",4\n", "\n"), ["row 1, column U9 (pengaduan)"]),
        (GOOD.replace("respondent", "nama"), ["row 1, column nama", "row 1, column respondent"]),
        (GOOD.replace(HEADER, f"{HEADER},warna"), ["row 1, column warna"]),
        (GOOD.replace(HEADER, f"{HEADER},"), ["row 1, column (without a name)"]),
        (GOOD.replace(HEADER, f"{HEADER},waktu"), ["row 1, column waktu"]),
        (GOOD.replace(HEADER, f"{HEADER},U3"), ["row 1, column U3"]),
        (GOOD.replace(HEADER, f"{HEADER},respondent"), ["row 1, column respondent"]),
        (GOOD.replace(HEADER, f"{HEADER},U10"), ["row 1, column U10"]),
        (GOOD.replace("R2,4", "R2,4,4"), ["row 3"]),
        (GOOD.replace("R2,4", "R2"), ["row 3"]),
        (GOOD.replace("R2", "R1"), ["row 3, column respondent"]),
        (GOOD.replace("R2", ""), ["row 3, column respondent"]),
        (GOOD.replace("R2", "R" * 101), ["row 3, column respondent"]),
        (HEADER, ["row 2"]),
        (f"{HEADER}\n\n,,,,,,,,,\n", ["row 2"]),
        (GOOD.replace("R2", "R\0"), ["row 3, cell 1"]),
        (GOOD.replace("R2,4", "R2,ø").encode("cp1252"), ["row 3, cell 2"]),
        (GOOD.encode("utf-16"), ["row 1, cell 1"]),
        (GOOD.replace("R2", '"R2'), ["row 3"]),
        (GOOD.replace("R2", '"R"2'), ["row 3"]),
    ],
    ids=[
        "empty file",
        "empty line",
        "missing column",
        "no respondent",
        "unknown column",
        "column without a name",
        "duplicated column",
        "duplicated by position",
        "respondent twice",
        "no such position",
        "a cell too many",
        "a cell too few",
        "repeated respondent",
        "respondent without a number",
        "respondent too long",
        "no rows",
        "only empty rows",
        "zero byte",
        "Windows-1252",
        "UTF-16",
        "unclosed quote",
        "quote within a cell",
    ],
)
def test_fault_is_named(content: str | bytes, where: list[str]) -> None:
    assert places(content) == where


def test_repeated_respondent_is_told_where_he_was_before() -> None:
    (fault,) = read(GOOD.replace("R2", "R1")).faults
    assert fault.message == "is the respondent of row 2 again"


def test_every_fault_is_told_at_once_up_to_fifty() -> None:
    assert places(f"{HEADER}\nR1,9,1,1,1,1,1,1,1,9\n\nR2,1,1\nR1,1,1,1,1,1,1,1,1,7\n") == [
        "row 2, column persyaratan",
        "row 2, column pengaduan",
        "row 4",
        "row 5, column respondent",
        "row 5, column pengaduan",
    ]
    assert len(places(HEADER + "\n" + "\n".join(f"R{n},9,9,9,9,9,9,9,9,9" for n in range(30)))) == 50


def test_fault_never_quotes_what_was_in_the_cell() -> None:
    faults = read(GOOD.replace("R2,4", "R2,Rahasia")).faults
    assert faults
    assert "Rahasia" not in repr(faults)


def test_number_without_end_is_not_on_the_scale() -> None:
    assert places(GOOD.replace("R2,4", "R2," + "9" * 5_000)) == ["row 3, column persyaratan"]


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (GOOD.replace("R1", '"R\n\n1"').replace("R2,4", '"R,2",ø').encode("cp1252"), "row 3, cell 2"),
        (GOOD.replace("R1", '"R\n\n1"').replace("R2,4", '"R,2",\0'), "row 3, cell 2"),
        (GOOD.replace("R1", '"R\n\n1"').replace("R2", '"R2'), "row 3"),
    ],
    ids=["Windows-1252", "zero byte", "unclosed quote"],
)
def test_what_cannot_be_read_is_named_as_a_spreadsheet_counts(bad: str | bytes, where: str) -> None:
    assert places(bad) == [where]


def test_line_break_within_a_cell_does_not_move_the_rows_below() -> None:
    assert places(GOOD.replace("R1", '"R\n1"').replace("R2,4", "R2,5")) == ["row 3, column persyaratan"]


# -- what a file may tell beside the answers --------------------------------------------------------------------

FACTS = "responden,Tanggal,layanan,kanal,usia,Jenis Kelamin,pendidikan,pekerjaan,saran,saran_tentang,"
PERSON = "R1,2020-03-31,AK.1,loket,25,Laki-laki,SLTA/SMA/Sederajat,pegawai_swasta,Lebih cepat,waktu,"


def with_facts(person: str = PERSON) -> str:
    return f"{FACTS}{','.join(SLUGS)}\n{person}4,4,4,4,4,4,4,4,4\n"


def test_facts_are_read_by_their_indonesian_names_and_codes_by_either_name() -> None:
    (row,) = rows(with_facts())
    assert (row.day, row.service, row.channel, row.age) == (date(2020, 3, 31), "AK.1", "loket", 25)
    assert (row.sex, row.education, row.occupation) == ("L", "sma", "pegawai_swasta")
    assert (row.comment, row.comment_about) == ("Lebih cepat", "waktu")


@pytest.mark.parametrize(
    ("right", "wrong", "column"),
    [
        ("2020-03-31", "Maret", "Tanggal"),
        ("2020-03-31", "2020-02-30", "Tanggal"),
        ("2020-03-31", "2019-12-31", "Tanggal"),
        ("2020-03-31", "2020-07-01", "Tanggal"),
        ("25", "17", "usia"),
        ("25", "121", "usia"),
        ("25", "dua puluh", "usia"),
        ("Laki-laki", "pria", "Jenis Kelamin"),
        ("SLTA/SMA/Sederajat", "SMK", "pendidikan"),
        ("pegawai_swasta", "swasta", "pekerjaan"),
        ("Lebih cepat", "x" * 2_001, "saran"),
        (",waktu,", ",parkir,", "saran_tentang"),
        ("AK.1", "x" * 101, "layanan"),
    ],
)
def test_fact_that_the_survey_cannot_take_is_named(right: str, wrong: str, column: str) -> None:
    content = with_facts(PERSON.replace(right, wrong))
    faults = read(content, first=date(2020, 1, 1), last=date(2020, 6, 30), min_age=18).faults
    assert [fault.field for fault in faults] == [f"row 2, column {column}"]


def test_columns_that_nobody_knows_are_passed_over_but_not_answers_without_a_question() -> None:
    content = GOOD.replace(HEADER, f"{HEADER},loket").replace("4,1\n", "4,1,x\n").replace("1,4\n", "1,4,x\n")
    assert read(content, ignore_others=True).faults == []
    other = content.replace("loket", "U10")
    assert [fault.field for fault in read(other, ignore_others=True).faults] == ["row 1, column U10"]


def test_every_fact_may_be_left_empty() -> None:
    (row,) = read(with_facts("R1,,,,,,,,,,"), answered_on=Span(date(2020, 3, 1), date(2020, 3, 31))).rows
    assert (row.day, row.age, row.sex, row.comment) == (None, None, "", "")


# -- what holds for every file ----------------------------------------------------------------------------------

ANSWERS = st.dictionaries(st.sampled_from(SLUGS), st.integers(1, 4), min_size=1) | st.fixed_dictionaries(
    dict.fromkeys(SLUGS, st.integers(1, 4)), optional={"nps": st.integers(0, 10)}
)
RESPONDENTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


NAMES = RESPONDENTS.map(str.strip).filter(lambda name: name and label_of(name) is None)


def in_doubt(names: Iterable[str]) -> Sequence[int]:
    """The rows of those who may be no respondents, among others with numbers."""
    found = UnnumberedRows()
    for row, name in enumerate(names):
        found.look_at(row, name)
    return found.doubtful


def write(header: Sequence[str], people: Mapping[str, Mapping[str, Any]], **dialect: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, **dialect)
    writer.writerow(header)
    for respondent, answers in people.items():
        writer.writerow([respondent if column == "respondent" else answers.get(column, "") for column in header])
    return text.getvalue()


@given(
    people=st.dictionaries(NAMES, ANSWERS, min_size=1, max_size=6).filter(lambda people: not in_doubt(people)),
    header=st.permutations(["respondent", *SLUGS, "nps"]),
    delimiter=st.sampled_from(",;"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_however_columns_are_ordered_and_lines_written_the_rows_are_the_same(
    people: dict[str, dict[str, int]], header: list[str], delimiter: str, end: str, mark: str
) -> None:
    content = mark + write(header, people, delimiter=delimiter, lineterminator=end)
    assert rows(content) == [Answered(respondent, in_order(answers)) for respondent, answers in people.items()]


@given(content=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: HEADER.encode() + b"\n" + tail))
def test_whatever_comes_there_are_rows_or_faults_and_every_answer_is_on_the_scale(content: bytes) -> None:
    read_ = read(content)
    assert read_.rows or read_.faults
    for row in read_.rows:
        assert set(row.answers) <= {None, 1, 2, 3, 4}
