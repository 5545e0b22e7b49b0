"""The document on A4, set by Typst from its wheel: no program, no font and no network of the machine is needed."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Literal

import orjson
import typst

from services.survey_index.report.charts import TEMPLATES, fonts, forget
from services.survey_index.report.document import Block, Document, Heading, Sheet, kind_of

_LINE_POINTS, _WIDE_LINE_POINTS = 464, 711
"""How long a line is on A4 upright and lying, inside the margins of the template."""
_UPRIGHT_COLUMNS = 14
_DENSE_FROM_ROWS = 200
_LINES_A_CELL = 10
_DENSE_POINTS, _LEAST_POINTS = 6.6, 5.4
_PICTURES = re.compile("[\U00010000-\U0010ffff\u2600-\u27bf\ufe0f\u200d]+")
_PICTURE = "□"
"""What stands for emoji, which no font of the wheel has; the page and the workbook have them."""
_GUTTER_POINTS, _INSET_POINTS, _ADVANCE = 10, 5, 0.602
"""The room between the columns of a dense sheet and inside of each, and how wide its figures are for their height."""


def to_pdf(document: Document) -> bytes:
    """The document as a tagged PDF (PDF/UA-1), the same bytes for the same document."""
    blocks = list(document.blocks)
    chapters = [place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.level == 1]
    last = chapters[-1] if chapters else len(blocks)
    is_wide = any(isinstance(block, Sheet) and len(block.header) > _UPRIGHT_COLUMNS for block in blocks[last:])
    report = {
        "title": document.title,
        "subtitle": document.subtitle,
        "headline": document.headline,
        "facts": document.facts,
        "author": document.author,
        "made_on": document.made_on,
        "wide": is_wide,
        "body": [_set(block, is_wide=False) for block in blocks[:last]],
        "appendix": [_set(block, is_wide=is_wide) for block in blocks[last:]],
    }
    said = {"report": _PICTURES.sub(_PICTURE, orjson.dumps(report).decode())}
    made = datetime.combine(document.made_on, time(), UTC)
    try:
        return _typeset(said, made, "ua-1")
    except typst.TypstError:  # a letter that no font has is a fault under PDF/UA; it is printed as a box, unclaimed
        return _typeset(said, made, None)
    finally:
        forget()


def _typeset(data: dict[str, str], made: datetime, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        TEMPLATES / "report.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        format="pdf",
        sys_inputs=data,
        pdf_standards=standard,
        timestamp=made,
    )


def _set(block: Block, *, is_wide: bool) -> tuple[str, Any]:
    """A block with the name of what sets it in the template."""
    if isinstance(block, Sheet) and len(block.rows) >= _DENSE_FROM_ROWS:
        return "dense_sheet", _dense(block, _WIDE_LINE_POINTS if is_wide else _LINE_POINTS)
    return kind_of(block), block


def _dense(sheet: Sheet, line_points: float) -> Mapping[str, Any]:
    """The sheet as lines of equally wide figures, and how many columns of them stand side by side."""
    first = max(len(row[0]) for row in (sheet.header, *sheet.rows))
    others = max(map(len, sheet.header[1:])) + 1
    lines = [_line(row, first, others) for row in sheet.rows]
    head = _line(sheet.header, first, others)
    across, points = _fit(len(head), line_points)
    return {
        "title": sheet.title,
        "header": sheet.header,
        "totals": sheet.totals,
        "head": head,
        "lines": ["\n".join(lines[at : at + _LINES_A_CELL]) for at in range(0, len(lines), _LINES_A_CELL)],
        "size": points,
        "across": across,
    }


def _fit(characters: int, line_points: float) -> tuple[int, float]:
    """How many columns of so many characters fit into a line, and the size of the characters then."""
    between = _GUTTER_POINTS + _INSET_POINTS
    least = characters * _ADVANCE * _LEAST_POINTS
    across = max(1, int((line_points + _GUTTER_POINTS) / (least + between)))
    room = (line_points + _GUTTER_POINTS) / across - between
    return across, min(_DENSE_POINTS, room / (characters * _ADVANCE))


def _line(cells: Sequence[str], first: int, width: int) -> str:
    return cells[0].ljust(first) + "".join(cell.rjust(width) for cell in cells[1:])
