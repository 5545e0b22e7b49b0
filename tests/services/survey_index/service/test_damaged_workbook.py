"""What is no workbook, or a damaged one: a fault of the file, never an exception."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.survey_index.domain.profile import code_lists
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from services.survey_index.service.workbook import xlsx_rows
from tests.services.survey_index.service.workbooks import (
    SKM,
    in_sheet,
    only_fault,
    read,
    rewritten,
    with_shared_strings,
    workbook,
)


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "."), text)
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no workbook"),
        (b"respondent,U1\nR1,1\n", "is no workbook"),
        (workbook()[:-200], "is no workbook"),
        (OLE, "is a workbook of the old kind (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        (zipped(notes__txt="not a workbook"), "is an archive, but no workbook"),
        (
            rewritten(workbook(), "[Content_Types].xml", lambda text: text.replace("sheet.main+xml", "other+xml")),
            "is an archive, but no workbook",
        ),
    ],
    ids=["nothing", "a CSV file", "half a file", "old .xls", "a password", "another archive", "another document"],
)
def test_what_is_no_workbook_is_one_fault_of_the_file(content: bytes, message: str) -> None:
    found, expected = only_fault(content)
    assert found == message
    assert ".xlsx" in expected


def test_bomb_is_refused_by_its_table_of_contents() -> None:
    """It is not unpacked to find out: its parts, if read, would be no XML and another fault."""
    zeros = "\0" * 30_000_000
    assert "larger" in only_fault(rewritten(workbook(), "xl/styles.xml", lambda _: zeros))[0]


def test_many_parts_that_are_large_together_are_refused() -> None:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(21):
            archive.writestr(f"xl/media/{number}.txt", "\0" * 9_900_000)
    assert "larger" in only_fault(file.getvalue())[0]


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/core.xml"]
)
def test_entities_are_refused_in_any_part(part: str) -> None:
    def attacked(text: str) -> str:
        head, declared, rest = text.rpartition("?>")
        return head + declared + ENTITIES + rest

    assert only_fault(rewritten(with_shared_strings(), part, attacked))[0] == "declares XML entities"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sheetData>", "<sheetData"),
        ('r="B2"', 'r="ZZZZZZ2"'),
        ('r="B2"', 'r="B2B"'),
        ('<row r="2"', '<row r="999999999"'),
        ('<row r="2"', '<row r="two"'),
        ('r="A2" t="s"><v>10</v>', 'r="A2" t="s"><v>999</v>'),
        ("<v>3</v>", "<v>three</v>"),
    ],
)
def test_damaged_sheet_is_a_fault_and_no_exception(old: str, new: str) -> None:
    damaged = in_sheet(with_shared_strings(), old, new)
    faults = Faults()
    rules = Rules(SKM, code_lists()["s002_2020"], needs_days=False)
    assert list(read_rows(xlsx_rows(damaged, faults), rules, faults)) == []
    assert [fault.field for fault in faults] == ["file"]


@given(st.data())
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore")
def test_no_damage_to_any_part_is_an_exception(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(with_shared_strings())) as archive:
        part = data.draw(st.sampled_from(sorted(archive.namelist())))
        text = archive.read(part).decode()
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(len(text), first + 20)))
    instead = data.draw(st.text(st.sampled_from('<>/="&;[]0123456789ABrst'), max_size=10))
    read(rewritten(with_shared_strings(), part, lambda _: text[:first] + instead + text[last:]))


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_no_bytes_at_all_are_an_exception(noise: bytes) -> None:
    whole = with_shared_strings()
    for content in (noise, b"PK\x03\x04" + noise, whole[: len(noise) * 20] + noise, whole[:-22] + noise + whole[-22:]):
        read(content)
