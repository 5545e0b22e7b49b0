"""Charts as SVG, drawn by Typst: it sets the labels, so they wrap and never run out of the picture."""

from functools import cache
from pathlib import Path

import orjson
import typst
from markupsafe import Markup

from services.survey_index.report.document import Chart

TEMPLATES = Path(__file__).parents[1] / "templates"
_FORGETS_AFTER = 10


@cache
def fonts() -> typst.Fonts:
    """The fonts that Typst brings in its wheel (Libertinus, DejaVu Sans Mono); never the machine's."""
    return typst.Fonts(include_system_fonts=False)


def to_svg(chart: Chart, name: str) -> str:
    """The chart as an SVG element for a page, with the same bytes for the same chart. `name` keeps its identifiers
    apart from those of the page's other charts.
    """
    drawn = typst.compile(
        TEMPLATES / "chart_alone.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        format="svg",
        sys_inputs={"chart": orjson.dumps(chart).decode()},
    ).decode()
    told = Markup('<svg role="img" aria-label="{}" ').format(chart.description)
    return drawn.replace("<svg ", told, 1).replace('id="', f'id="{name}-').replace('href="#', f'href="#{name}-')


def forget() -> None:
    """Lets Typst's memory of a document go. It keeps what its last ten compilations used: of a report of 10,000 rows
    these are 200 MB, so a process that makes many would grow by gigabytes.
    """
    for _ in range(_FORGETS_AFTER):
        typst.compile(b".", font_paths=fonts(), format="svg")
