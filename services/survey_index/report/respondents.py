"""Who answered: the tables, charts and sentences of the profile."""

from collections.abc import Collection, Sequence

from services.survey_index.domain.profile import FIELD_NAMES, PROFILE, ProfileField
from services.survey_index.report.document import Bar, Block, Cell, Chart, Heading, Paragraph, Table
from services.survey_index.report.facts import Report, Share
from services.survey_index.report.wording import count, listed, percent, plain

_NO_ANSWERS = (
    "Sampai laporan ini disusun belum ada jawaban yang diolah, sehingga profil responden, nilai rata-rata, indeks, dan "
    "mutu pelayanan belum dapat ditetapkan."
)


def respondents(report: Report) -> Sequence[Block]:
    """The profile, field by field. A field of which nobody told anything is left out."""
    if not report.index.n:
        return [Paragraph(_NO_ANSWERS)]
    blocks: list[Block] = [Paragraph(f"Jawaban yang diolah berasal dari {count(report.index.n)} responden.")]
    told = [block for field in PROFILE if is_told(report, field) for block in _field(report, field)]
    return [*blocks, *(told or [Paragraph("Data yang diolah tidak memuat data diri responden.")])]


def is_told(report: Report, field: ProfileField) -> bool:
    """Whether anybody told this of himself."""
    codes = _codes(report, field)
    return any(share.count for share in report.profile.get(field, ()) if share.name in codes)


def _codes(report: Report, field: ProfileField) -> Collection[str]:
    return {known.name.id for known in report.code_list.of(field)}


def _field(report: Report, field: ProfileField) -> Sequence[Block]:
    name, shares, codes = FIELD_NAMES[field], report.profile[field], _codes(report, field)
    sentence = _sentence(name, shares, codes)
    n = sum(share.count for share in shares)
    rounded = sum(share.percent for share in shares if share.percent is not None)
    note = " Karena pembulatan, jumlah persentase tiap kelompok tidak tepat 100%." if rounded != 100 else ""
    return [
        Heading(3, f"Responden Menurut {name.title()}"),
        Table(
            f"Responden menurut {name.lower()}",
            ("No.", name, "Jumlah", "Persentase"),
            [
                (str(place), plain(share.name), count(share.count), percent(share.percent))
                for place, share in enumerate(shares, start=1)
            ],
            ("right", "left", "right", "right"),
            (0, 4, 1, 1.2),
            totals=[(Cell("Jumlah", 2), Cell(count(n)), Cell("100%"))],
            names=1,
        ),
        Paragraph(sentence + note),
        Chart(
            f"Responden menurut {name.lower()}",
            [
                Bar(plain(share.name), share.count, f"{count(share.count)} ({percent(share.percent)})")
                for share in shares
            ],
            0,
            max(share.count for share in shares),
            sentence,
        ),
    ]


def _sentence(name: str, shares: Sequence[Share], codes: Collection[str]) -> str:
    """The largest group of those who told, the equally large together, and how many did not tell."""
    told = [share for share in shares if share.name in codes]
    most = max(share.count for share in told)
    largest = [share for share in told if share.count == most]
    each = "masing-masing " if len(largest) > 1 else ""
    silent = sum(share.count for share in shares if share.name not in codes)
    rest = f" Sebanyak {count(silent)} responden tidak mengisinya." if silent else ""
    return (
        f"Menurut {name.lower()}, kelompok terbesar adalah {listed([plain(share.name) for share in largest])}, yaitu "
        f"{each}{count(most)} responden ({percent(largest[0].percent)}).{rest}"
    )
