"""One report in any of its forms. The libraries that draw and print are loaded when the first one is made."""

from collections.abc import Callable, Mapping
from typing import Literal

from services.survey_index.report.facts import Report

Form = Literal["html", "pdf", "xlsx"]
FORMS: tuple[Form, ...] = ("html", "pdf", "xlsx")
MEDIA_TYPES: Mapping[Form, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def print_report(report: Report, form: Form) -> bytes:
    """The report as a file."""
    return _PRINTERS[form](report)


def _html(report: Report) -> bytes:
    from services.survey_index.report.chapters import chapters
    from services.survey_index.report.html import to_html

    return to_html(chapters(report)).encode()


def _pdf(report: Report) -> bytes:
    from services.survey_index.report.chapters import chapters
    from services.survey_index.report.pdf import to_pdf

    return to_pdf(chapters(report))


def _xlsx(report: Report) -> bytes:
    from services.survey_index.report.xlsx import to_xlsx

    return to_xlsx(report)


_PRINTERS: Mapping[Form, Callable[[Report], bytes]] = {"html": _html, "pdf": _pdf, "xlsx": _xlsx}
