"""The report on paper, read back from the file."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.period import Period
from services.survey_index.report.chapters import chapters
from services.survey_index.report.document import Block, Document, Fact, Heading, Paragraph
from services.survey_index.report.facts import Report
from services.survey_index.report.pdf import to_pdf
from tests.services.survey_index.report.given import (
    OLD,
    SKM,
    UNIT,
    follow_up,
    many,
    questionnaire,
    report_72,
    report_of,
    report_of_everything,
)


def printed(report: Report) -> PdfReader:
    return PdfReader(io.BytesIO(to_pdf(chapters(report))))


def pages(reader: PdfReader) -> list[str]:
    """The text of each page, its lines joined."""
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def text(reader: PdfReader) -> str:
    return " ".join(pages(reader))


def claims_to_be_accessible(reader: PdfReader) -> bool:
    metadata = reader.xmp_metadata
    return metadata is not None and b"pdfuaid" in metadata.stream.get_data()


@pytest.fixture(scope="module")
def report_on_paper() -> PdfReader:
    return printed(report_72())


def test_cover_has_the_box(report_on_paper: PdfReader) -> None:
    cover = pages(report_on_paper)[0]
    for words in ("Laporan Hasil Survei", "87,73", "Mutu pelayanan B", "Baik", "Jumlah responden 72", UNIT):
        assert words in cover
    assert "Halaman" not in cover


def test_paper_tells_the_figures_and_every_element(report_on_paper: PdfReader) -> None:
    told = text(report_on_paper)
    for words in ("240 72 3,3333 83,33 B Baik", "97,57 (A)", "291", "66,67%", "3,5093 × 25 = 87,73", "75,00%"):
        assert words in told
    assert all(element.name.id in told for element in SKM.elements)


def test_grade_is_that_of_the_edition() -> None:
    assert "dengan mutu pelayanan A dan kinerja Sangat Baik" in text(printed(report_72(OLD)))


def test_pages_are_a4_and_numbered_and_as_many_as_the_matter_needs(report_on_paper: PdfReader) -> None:
    found = pages(report_on_paper)
    assert 10 <= len(found) <= 14
    assert all(f"Halaman {number} dari {len(found)}" in page for number, page in enumerate(found[1:], start=2))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in report_on_paper.pages} == {(595, 842)}


def test_table_of_contents_leads_to_the_chapters(report_on_paper: PdfReader) -> None:
    found = pages(report_on_paper)
    contents = next(page for page in found if "DAFTAR ISI" in page)
    for number, chapter in enumerate(["BAB I PENDAHULUAN", "BAB II METODOLOGI", "BAB V KESIMPULAN"]):
        place = next(place for place, page in enumerate(found, start=1) if chapter in page)
        title = ["BAB I Pendahuluan", "BAB II Metodologi", "BAB V Kesimpulan"][number]
        assert contents.partition(title)[2].lstrip(" .").startswith(str(place))
    assert "BAB I Pendahuluan" in {str(item["/Title"]) for item in report_on_paper.outline if isinstance(item, dict)}


def test_file_says_what_it_is(report_on_paper: PdfReader) -> None:
    metadata = report_on_paper.metadata
    assert metadata is not None
    assert metadata.title == f"Laporan Hasil Survei Kepuasan Masyarakat: Survei Layanan Kartu AK.1, {UNIT}"
    assert metadata.author == UNIT
    assert metadata.creation_date is not None
    assert metadata.creation_date.date() == date(2020, 7, 16)
    assert str(report_on_paper.root_object["/Lang"]).startswith("id")
    assert claims_to_be_accessible(report_on_paper)


def test_same_report_is_the_same_file() -> None:
    assert to_pdf(chapters(report_72())) == to_pdf(chapters(report_72()))


HOSTILE = [
    '#panic("celaka") #import "@preview/paket:1.0.0" @rujukan',
    "$ x^2 $ dan *tebal* _miring_ `mentah` = judul",
    "<script>alert(1)</script> &amp; <label>",
    r"\ \n \u{41} // komentar /* blok */ ~ -- ---",
    "- butir",
    "{{ 7*7 }} {% raw %}",
]


def test_what_a_citizen_wrote_is_text_and_never_markup() -> None:
    report = report_72(suggestions={"waktu": HOSTILE}, title="Judul #1 *<b>* $x$", unit=r"Dinas \ & @Rekan")
    told = text(printed(report))
    assert all(words in told for words in [*HOSTILE, "Judul #1 *<b>* $x$", r"Dinas \ & @Rekan"])


def test_box_stands_for_emoji_which_no_font_of_the_wheel_has() -> None:
    reader = printed(report_72(suggestions={"": ["Petugas ramah 🙏 👍🏽"]}))
    assert "Petugas ramah □ □" in text(reader)
    assert claims_to_be_accessible(reader)


def test_control_characters_and_turns_of_direction_are_left_out() -> None:
    assert "bel dan [31m merah kanan" in text(
        printed(report_72(suggestions={"": ["bel\x07dan\x1b[31m merah\u202e kanan"]}))
    )


def test_document_that_nobody_cleaned_is_printed_all_the_same() -> None:
    blocks: list[Block] = [Heading(1, "Judul"), Paragraph("bel\x07 esc\x1b \u202eterbalik"), Paragraph("")]
    unclean = Document("Judul", [], Fact("a", "b"), [], "", date(2020, 7, 16), blocks)
    assert len(PdfReader(io.BytesIO(to_pdf(unclean))).pages) >= 2


def test_letter_that_no_font_has_costs_the_claim_and_not_the_report() -> None:
    reader = printed(report_72(suggestions={"": ["ditulis 汉"]}))
    assert "ditulis" in text(reader)
    assert not claims_to_be_accessible(reader)


@pytest.mark.parametrize("word", ["a" * 500, "https://contoh.example/" + "jalan/" * 80])
def test_word_that_is_longer_than_a_line_is_broken(word: str) -> None:
    plan = follow_up("waktu", word, planned=1, realised=1)
    reader = printed(report_72(suggestions={"waktu": [word]}, follow_ups=[plan], title=word[:200]))
    pieces = [piece for page in reader.pages for piece in page.extract_text().split()]
    assert max(map(len, pieces)) < 130
    assert text(reader).replace(" ", "").count(word) >= 2


def test_survey_without_answers_is_a_short_report() -> None:
    reader = printed(report_of(SKM, [], period=Period()))
    assert 7 <= len(reader.pages) <= 10
    assert "belum ada jawaban yang diolah" in text(reader)


def test_head_of_a_long_table_stands_on_every_page_of_it() -> None:
    found = pages(printed(report_of(SKM, many(150))))
    sheets = [page for page in found if "R000" in page or "R001" in page]
    assert len(sheets) >= 2
    assert all("U1 U2 U3 U4 U5 U6 U7 U8 U9" in page for page in sheets)


def test_very_long_survey_is_set_tight_with_every_respondent_and_its_sums() -> None:
    reader = printed(report_of(SKM, many(2_000)))
    told = text(reader)
    assert len(reader.pages) <= 25
    assert all(f"R{number:05d}" in told for number in range(1, 2_001))
    assert "jumlah dan nilai rata-rata" in told
    row = next(row for row in many(2) if row.respondent == "R00002")
    assert " ".join(["R00002", *("-" if value is None else str(value) for value in row.answers)]) in told


@pytest.mark.parametrize("respondents", [40, 300])
def test_sheet_of_many_questions_lies_on_its_side(respondents: int) -> None:
    online = builtin()["skm_online"]
    reader = printed(report_of(online, many(respondents, online)))
    last = reader.pages[-1]
    assert last.mediabox.width > last.mediabox.height
    assert reader.pages[2].mediabox.width < reader.pages[2].mediabox.height


@pytest.mark.parametrize(
    "report",
    [
        report_of_everything(),
        report_of(questionnaire(40), many(250, questionnaire(40))),
        report_of(builtin()["csat3"], many(30, builtin()["csat3"])),
        report_72(profile={}, suggestions={}, follow_ups=[], period=Period(), unit=""),
    ],
    ids=["everything", "forty elements", "satisfaction alone", "bare"],
)
def test_every_kind_of_report_is_printed(report: Report) -> None:
    reader = printed(report)
    told = text(reader)
    assert all(element.name.id in told for element in report.instrument.elements)
    assert claims_to_be_accessible(reader)
