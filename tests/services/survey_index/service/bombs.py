"""Files that are small as they come, and large when they are opened."""

import io
import random
import struct
import zipfile

from tests.services.survey_index.service.workbooks import in_sheet, rewritten, with_shared_strings, workbook

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
BOOK = "xl/workbook.xml"


def ballast(size: int = 200_000) -> str:
    """A comment that cannot be squeezed: a part with it may be large unpacked, and look as if it had a right to be."""
    return f"<!--{random.Random(1).randbytes(size // 2).hex()}-->"


def swollen(part: str, before: str, more: str, content: bytes | None = None) -> bytes:
    """A workbook with `more` in one of its parts, before a piece that is there."""

    def change(text: str) -> str:
        assert before in text
        return text.replace(before, more + before, 1) + ballast()

    return rewritten(with_shared_strings() if content is None else content, part, change)


def row_of_empty_cells() -> bytes:
    """150 KB that unpack to 30 MB: one row."""
    return swollen(SHEET, "<sheetData>", '<sheetData><row r="1">' + '<c r="A1"/>' * 2_700_000 + "</row></sheetData>")


def long_read() -> bytes:
    """A few KB that take many seconds to read: the last cell stands in the last row, and is within every bound."""
    far = '<row r="1048576"><c r="R1048576"><v>1</v></c></row></sheetData>'
    return in_sheet(workbook(), "</sheetData>", far)


def of_many_parts(number: int) -> bytes:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for sheet in range(number):
            archive.writestr(f"xl/worksheets/more{sheet}.xml", "<worksheet/>")
    return file.getvalue()


def packed_otherwise() -> bytes:
    """A workbook that is packed by bzip2, of which `zipfile` unpacks as much as there is at once."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return file.getvalue()


def with_lying_sizes() -> bytes:
    """The row of empty cells, of which the table of contents says that it has 1,000 bytes."""
    content = bytearray(row_of_empty_cells())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<L", archive.getinfo(SHEET).file_size)
    lie = struct.pack("<L", 1_000)
    assert content.count(size) == 2
    return bytes(content.replace(size, lie))


LAUGHS = "<!DOCTYPE lolz [<!ENTITY l0 'lol'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


def billion_laughs(part: str) -> bytes:
    """A part that says 3 GB of "lol" in a KB."""

    def change(text: str) -> str:
        head, declared, rest = text.rpartition("?>")
        return f"{head}{declared}{LAUGHS}]>{rest.replace('</', '&l9;</', 1)}"

    return rewritten(with_shared_strings(), part, change)
