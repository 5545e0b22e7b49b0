"""Lampiran: the sheet "pengolahan per responden dan per unsur", with the sums that the figures come from."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from services.survey_index.domain.instruments import Question
from services.survey_index.domain.skm import ElementIndex, Index, half_up
from services.survey_index.report.document import Block, Cell, Paragraph, Sheet
from services.survey_index.report.facts import Report
from services.survey_index.report.questionnaire import codes_of
from services.survey_index.report.wording import NOTHING, count, figure, plain

_MOST_QUESTIONS = 22
"""As many columns as a sheet of paper takes; a longer questionnaire goes on in another sheet."""
_SHOWN: dict[int | None, str] = {None: NOTHING} | {value: str(value) for value in range(11)}

Places = Sequence[tuple[int, Question]]
"""Questions with their places in a row's answers."""


def appendix(report: Report) -> Sequence[Block]:
    """The sheets, or why there is none."""
    if not report.rows:
        return [Paragraph("Belum ada jawaban responden untuk diolah.")]
    numbers = [plain(label) for label in report.labels]
    note = "" if report.has_own_numbers else " Nomor responden adalah nomor urut dalam daftar ini."
    groups = list(_groups(report))
    blocks: list[Block] = [
        Paragraph(
            "Setiap baris adalah satu responden dan setiap kolom satu pertanyaan; kode kolom dijelaskan pada BAB II. "
            f"Tanda “{NOTHING}” berarti tidak dijawab.{note}"
        )
    ]
    for place, group in enumerate(groups, start=1):
        part = f" (bagian {place} dari {len(groups)})" if len(groups) > 1 else ""
        blocks.append(_sheet(report, numbers, group, part, is_last=place == len(groups)))
    return blocks


def _groups(report: Report) -> Iterator[Places]:
    """The questions in sheets; an element is never torn apart."""
    group: list[tuple[int, Question]] = []
    for element in report.instrument.elements:
        own = [(place, q) for place, q in enumerate(report.instrument.questions) if q.element == element.slug]
        if group and len(group) + len(own) > _MOST_QUESTIONS:
            yield group
            group = []
        group = [*group, *own]
    yield group


def _sheet(report: Report, numbers: Sequence[str], group: Places, part: str, *, is_last: bool) -> Sheet:
    codes = codes_of(report.instrument)
    places = [place for place, _ in group]
    return Sheet(
        f"Pengolahan per responden dan per unsur pelayanan{part}",
        ("No.", *(codes[question.code] for _, question in group)),
        [
            (number, *[_SHOWN[row.answers[place]] for place in places])
            for number, row in zip(numbers, report.rows, strict=True)
        ],
        [*_sums(report, group), *_averages(report, group), *(_indices(report, len(group)) if is_last else [])],
    )


def _sums(report: Report, group: Places) -> Iterator[Sequence[Cell]]:
    """Sums, filled answers and, where an element has several questions, the average of each question."""
    columns = [[value for row in report.rows if (value := row.answers[place]) is not None] for place, _ in group]
    yield [Cell("Jumlah nilai"), *(Cell(count(sum(values))) for values in columns)]
    yield [Cell("Jumlah terisi"), *(Cell(count(len(values))) for values in columns)]
    if len({question.element for _, question in group}) < len(group):
        averages = [Fraction(sum(values), len(values)) if values else None for values in columns]
        yield [Cell("Rata-rata"), *(Cell(_four(average)) for average in averages)]


def _averages(report: Report, group: Places) -> Iterator[Sequence[Cell]]:
    """NRR and weighted NRR of each element, over the columns of its questions."""
    measured = (*report.index.elements, *(report.ipak.elements if report.ipak else ()))
    found = {element.slug: element for element in measured}
    if not found:
        return
    widths: dict[str, int] = {}
    for _, question in group:
        widths[question.element] = widths.get(question.element, 0) + 1
    weighted = {slug: None if element.nrr is None else element.nrr * element.weight for slug, element in found.items()}
    yield [Cell("NRR"), *(Cell(_four(_nrr(found.get(slug))), width) for slug, width in widths.items())]
    yield [Cell("NRR tertimbang"), *(Cell(_four(weighted.get(slug)), width) for slug, width in widths.items())]


def _nrr(element: ElementIndex | None) -> Fraction | None:
    return element.nrr if element else None


def _four(value: Fraction | None) -> str:
    return figure(None if value is None else half_up(value, 4), 4)


def _indices(report: Report, columns: int) -> Iterator[Sequence[Cell]]:
    if report.index.elements:
        yield [Cell("IKM"), Cell(_product(report.index), columns)]
    if report.ipak:
        yield [Cell("IPAK"), Cell(_product(report.ipak), columns)]


def _product(index: Index) -> str:
    """What the index is the product of: the sum of the weighted NRR and 25."""
    if index.exact is None or index.band is None:
        return NOTHING
    return f"{_four(index.exact / 25)} × 25 = {figure(index.index)} (mutu {index.band.grade}, {index.band.performance})"
