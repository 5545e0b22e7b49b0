"""A file of answers: read to the last cell, or each fault named by its row and column."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_index.domain.sheet import Answered, Sheet, read_csv, read_mapping
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM, sheet

POSITIONS = tuple(SKM.by_position())
HEADER = "respondent," + ",".join(SKM.slugs)
GOOD = f"{HEADER}\nR1,1,2,3,4,1,2,3,4,1\nR2,4,3,2,1,4,3,2,1,4\n"
GOOD_ROWS = [
    Answered("R1", dict(zip(SKM.slugs, (1, 2, 3, 4, 1, 2, 3, 4, 1), strict=True))),
    Answered("R2", dict(zip(SKM.slugs, (4, 3, 2, 1, 4, 3, 2, 1, 4), strict=True))),
]
SWAPPED = "U8:pengaduan,U9:sarana"


def read(text: str | bytes, mapping: str | None = None) -> Sheet:
    columns, faults = read_mapping(mapping, SKM)
    assert faults == []
    return read_csv(text.encode() if isinstance(text, str) else text, SKM, columns)


def rows(text: str | bytes, mapping: str | None = None) -> list[Answered]:
    """The rows of a file without faults."""
    read_ = read(text, mapping)
    assert read_.faults == []
    return read_.rows


def places(text: str | bytes, mapping: str | None = None) -> list[str]:
    """Where the faults are."""
    return [fault.field for fault in read(text, mapping).faults]


# -- what is good -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(",", ";"),
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
def test_a_good_file_is_read(content: str) -> None:
    assert rows(content) == GOOD_ROWS


def test_the_72_respondents_are_read() -> None:
    read_ = rows(RESPONDENTS_72.read_bytes())
    assert (len(read_), read_[0].respondent, len(read_[0].answers)) == (72, "S002-01", 9)


def test_a_mapping_says_what_a_column_means_where_the_order_differs() -> None:
    content = sheet([{"U8": 1, "U9": 4}], POSITIONS)
    assert rows(content)[0].answers == {"sarana": 1, "pengaduan": 4}
    assert rows(content, SWAPPED)[0].answers == {"sarana": 4, "pengaduan": 1}


def test_a_mapping_may_name_any_column() -> None:
    content = sheet([{"Harga": 3}], ["Harga" if slug == "biaya" else slug for slug in SKM.slugs])
    assert places(content) == ["row 1, column Harga", "row 1, column U4 (biaya)"]
    assert rows(content, "Harga:biaya")[0].answers == {"biaya": 3}


def test_an_empty_cell_is_a_missing_answer_and_not_nought() -> None:
    content = f"{HEADER}\nR1,1,,3, ,1,2,3,4,\n"
    assert rows(content)[0].answers == {
        "persyaratan": 1,
        "waktu": 3,
        "produk": 1,
        "kompetensi": 2,
        "perilaku": 3,
        "sarana": 4,
    }


def test_a_column_of_recommendations_goes_from_0_to_10() -> None:
    content = sheet([{"nps": 0}, {"nps": 10}, {}], extra=["nps"])
    assert [row.answers for row in rows(content)] == [{"nps": 0}, {"nps": 10}, {}]
    assert places(sheet([{"nps": 11}], extra=["nps"])) == ["row 2, column nps"]


# -- each fault names its row and its column --------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["5", "0", "-1", '"3,5"', "3.5", "3.0", "1e0", "tiga", "²", "٣", "+3", "3 4", "44", "None"]
)
def test_a_cell_that_is_not_on_the_scale(cell: str) -> None:
    content = GOOD.replace("R2,4,3,2", f"R2,4,3,{cell}")
    (fault,) = read(content).faults
    assert fault.field == "row 3, column waktu"
    assert fault.expected == "a whole number from 1 to 4, or an empty cell"


def test_a_comma_as_decimal_sign_in_a_file_with_semicolons() -> None:
    assert places(GOOD.replace(",", ";").replace("R2;4;3;2", "R2;4;3,5;2")) == ["row 3, column prosedur"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", ["row 1, column respondent"]),
        ("\n", ["row 1, column respondent"]),
        (GOOD.replace(",pengaduan", "").replace(",1\n", "\n").replace(",4\n", "\n"), ["row 1, column U9 (pengaduan)"]),
        (GOOD.replace("respondent", "umur"), ["row 1, column umur", "row 1, column respondent"]),
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
        (GOOD.replace("R2", "R\0"), ["row 3"]),
        (GOOD.replace("R2", "Sørensen").encode("cp1252"), ["row 3"]),
        (GOOD.encode("utf-16"), ["row 1"]),
        (GOOD.replace("R2", '"R2'), ["row 3"]),
        (GOOD.replace("R2", '"R"2'), ["row 3"]),
        (GOOD.replace(",", "\t"), ["row 1, column " + HEADER.replace(",", "\t"), "row 1, column respondent"]),
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
        "tabs",
    ],
)
def test_a_fault_is_named(content: str | bytes, where: list[str]) -> None:
    assert places(content) == where


def test_a_repeated_respondent_is_told_where_he_was_before() -> None:
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


def test_a_fault_never_quotes_what_was_in_the_cell() -> None:
    faults = read(GOOD.replace("R2,4", "R2,Rahasia")).faults
    assert faults
    assert "Rahasia" not in repr(faults)


def test_a_number_without_end_is_not_on_the_scale() -> None:
    assert places(GOOD.replace("R2,4", "R2," + "9" * 5_000)) == ["row 3, column persyaratan"]


def test_a_line_break_within_a_cell_does_not_move_the_rows_below() -> None:
    assert places(GOOD.replace("R1", '"R\n1"').replace("R2,4", "R2,5")) == ["row 3, column persyaratan"]


# -- mapping ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (None, {}),
        ("", {}),
        ("U8:pengaduan,U9:sarana", {"u8": "pengaduan", "u9": "sarana"}),
        (" U8 : pengaduan , U9:sarana, ", {"u8": "pengaduan", "u9": "sarana"}),
        ("Harga:biaya", {"harga": "biaya"}),
    ],
)
def test_a_mapping_is_read(text: str | None, mapping: dict[str, str]) -> None:
    columns, faults = read_mapping(text, SKM)
    assert ({column.casefold(): slug for column, slug in columns.items()}, faults) == (mapping, [])


@pytest.mark.parametrize(
    "text", ["U8", "U8:", ":sarana", "U8=sarana", "U8:parkir", "U8:respondent", "U8:sarana;U9:biaya"]
)
def test_a_mapping_that_is_not_understood(text: str) -> None:
    _, faults = read_mapping(text, SKM)
    assert [fault.field for fault in faults] == ["mapping"]


def test_two_columns_may_not_ask_for_the_same_element() -> None:
    assert places(sheet([{"U8": 1}], POSITIONS), "U8:pengaduan")[0] == "row 1, column U9"


def test_a_mapping_counts_however_the_header_is_written() -> None:
    content = sheet([{"u8": 1, "u9": 4}], [position.lower() for position in POSITIONS])
    assert rows(content, SWAPPED)[0].answers == {"sarana": 4, "pengaduan": 1}


def test_a_mapping_of_a_column_that_the_file_has_not_is_a_fault() -> None:
    assert places(GOOD, "Kolom 8:pengaduan") == ["mapping"]


# -- what holds for every file ----------------------------------------------------------------------------------

ANSWERS = st.dictionaries(st.sampled_from(SKM.slugs), st.integers(1, 4)) | st.fixed_dictionaries(
    dict.fromkeys(SKM.slugs, st.integers(1, 4)), optional={"nps": st.integers(0, 10)}
)
RESPONDENTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


def write(header: Sequence[str], people: Mapping[str, Mapping[str, Any]], **dialect: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, **dialect)
    writer.writerow(header)
    for respondent, answers in people.items():
        writer.writerow([respondent if column == "respondent" else answers.get(column, "") for column in header])
    return text.getvalue()


@given(
    people=st.dictionaries(RESPONDENTS.map(str.strip).filter(bool), ANSWERS, min_size=1, max_size=6),
    header=st.permutations(["respondent", *SKM.slugs, "nps"]),
    delimiter=st.sampled_from(",;"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_however_columns_are_ordered_and_lines_written_the_rows_are_the_same(
    people: dict[str, dict[str, int]], header: list[str], delimiter: str, end: str, mark: str
) -> None:
    content = mark + write(header, people, delimiter=delimiter, lineterminator=end)
    assert rows(content) == [Answered(respondent, answers) for respondent, answers in people.items()]


@given(content=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: HEADER.encode() + b"\n" + tail))
def test_whatever_comes_there_are_rows_or_faults_and_every_answer_is_on_the_scale(content: bytes) -> None:
    read_ = read(content)
    assert read_.rows or read_.faults
    for row in read_.rows:
        assert set(row.answers.values()) <= {1, 2, 3, 4}
