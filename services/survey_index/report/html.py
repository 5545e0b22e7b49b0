"""The document as one page that needs nothing else: style and charts are in it, and it prints as it should."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.survey_index.report.charts import TEMPLATES, forget, to_svg
from services.survey_index.report.document import Chart, Document, kind_of


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def to_html(document: Document) -> str:
    """The document as a page. What citizens wrote is escaped like every other text."""
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    drawn = {chart.title: Markup(to_svg(chart, f"c{place}")) for place, chart in enumerate(charts, start=1)}  # noqa: S704
    forget()
    blocks = [(kind_of(block), block) for block in document.blocks]
    return _environment().get_template("report.html").render(document=document, blocks=blocks, drawn=drawn)
