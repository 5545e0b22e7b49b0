"""The report as a page: whole, escaped, readable without eyes, and in need of nothing else."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from services.survey_index.domain.period import Period
from services.survey_index.report.chapters import chapters
from services.survey_index.report.html import to_html
from tests.services.survey_index.report.given import OLD, SKM, many, report_72, report_of, report_of_everything

_VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text. Refuses tags that do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def tags(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page_72() -> Page:
    return Page(to_html(chapters(report_72())))


def test_page_tells_the_figures_and_every_element(page_72: Page) -> None:
    for words in ("87,73", "1 Januari 2020 sampai dengan 30 Juni 2020", "97,57", "3,3056", "3,5093 × 25 = 87,73"):
        assert words in page_72.text
    assert all(element.name.id in page_72.text for element in SKM.elements)
    assert "S002-72" in page_72.text


def test_grade_is_that_of_the_edition() -> None:
    assert "dengan mutu pelayanan A dan kinerja Sangat Baik" in Page(to_html(chapters(report_72(OLD)))).text


def test_page_is_indonesian_with_one_title_and_a_way_to_each_part(page_72: Page) -> None:
    assert page_72.tags("html") == [{"lang": "id"}]
    assert len(page_72.tags("h1")) == len(page_72.tags("main")) == 1
    identifiers = Counter(attributes["id"] for _, attributes in page_72.elements if "id" in attributes)
    assert max(identifiers.values()) == 1
    ways = {attributes["href"] for attributes in page_72.tags("a")}
    assert len(ways) >= 20
    assert ways <= {f"#{identifier}" for identifier in identifiers}


def test_every_table_has_a_caption_and_heads_that_say_what_they_head(page_72: Page) -> None:
    assert len(page_72.tags("caption")) == len(page_72.tags("table"))
    assert {head.get("scope") for head in page_72.tags("th")} == {"col", "row"}


def test_every_chart_has_words_and_a_caption(page_72: Page) -> None:
    charts = page_72.tags("svg")
    assert len(charts) == len(page_72.tags("figcaption")) == 4
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    assert "U4 Biaya/tarif 97,57 (A)" in " ".join((charts[3]["aria-label"] or "").split())


def test_page_needs_nothing_from_elsewhere(page_72: Page) -> None:
    assert not [tag for tag, _ in page_72.elements if tag in ("script", "link", "img", "iframe", "object")]
    referred = [
        value
        for _, attributes in page_72.elements
        for name, value in attributes.items()
        if name in ("href", "src", "xlink:href", "srcset", "action")
    ]
    assert all(value is not None and value.startswith("#") for value in referred)
    source = to_html(chapters(report_72()))
    assert "url(" not in source
    assert "@import" not in source


def test_what_a_citizen_wrote_is_text_and_never_markup() -> None:
    said = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&amp; {{ 7*7 }} {% raw %}"]
    report = report_72(suggestions={"waktu": said}, title="<b>Judul</b>", unit="Dinas & <i>Rekan</i>")
    page = Page(to_html(chapters(report)))
    assert not [tag for tag, _ in page.elements if tag in ("script", "img", "b", "i")]
    assert all(text in page.text for text in [*said, "<b>Judul</b>", "Dinas & <i>Rekan</i>"])


def test_same_report_is_the_same_page() -> None:
    assert to_html(chapters(report_72())) == to_html(chapters(report_72()))


def test_survey_without_answers_is_a_page_without_charts() -> None:
    page = Page(to_html(chapters(report_of(SKM, [], period=Period()))))
    assert not page.tags("svg")
    assert "belum ada jawaban yang diolah" in page.text


def test_cells_over_several_questions_are_as_wide_as_they() -> None:
    page = Page(to_html(chapters(report_of_everything())))
    assert {"2", "21"} <= {cell.get("colspan") for cell in page.tags("td")}


def test_long_survey_has_every_respondent() -> None:
    page = to_html(chapters(report_of(SKM, many(1_000))))
    assert len(re.findall(r'<th scope="row">R\d{5}</th>', page)) == 1_000
