"""BAB V: the conclusions, and the summary that is hung up for everybody."""

from collections.abc import Sequence

from services.survey_index.domain.editions import EDITION_NAMES
from services.survey_index.domain.privacy import FEWEST, is_publishable, without_small_groups
from services.survey_index.domain.profile import FIELD_NAMES
from services.survey_index.domain.sampling import Adequacy
from services.survey_index.report.document import Block, Fact, Items, Paragraph, Section, Table
from services.survey_index.report.facts import Report
from services.survey_index.report.improvement import progress_sentence
from services.survey_index.report.key_facts import HIDDEN, key_facts, public_headline
from services.survey_index.report.method import unit_of
from services.survey_index.report.respondents import is_told
from services.survey_index.report.results import (
    csat_sentence,
    extremes_sentence,
    index_sentence,
    nps_sentence,
    priorities_sentence,
)
from services.survey_index.report.wording import count, day, plain


def conclusion(report: Report) -> Sequence[Section]:
    """The sections of the last chapter."""
    return [
        Section("Kesimpulan", [Items(_conclusions(report), numbered=True)]),
        Section("Ringkasan untuk Publikasi", [_publication(report)]),
        Section(
            "Penutup",
            [
                Paragraph(
                    f"Laporan ini disusun pada {day(report.made_on)} dari data yang tersimpan sampai dengan tanggal "
                    "tersebut. Hasilnya diharapkan menjadi dasar perbaikan pelayanan dan pembanding bagi survei "
                    "berikutnya."
                )
            ],
        ),
    ]


def _conclusions(report: Report) -> Sequence[str]:
    found: list[str] = []
    if report.index.elements:
        edition = EDITION_NAMES[report.edition]
        basis = f" Mutu ditetapkan menurut {edition}." if report.index.band else ""
        found.append(index_sentence(report.index, "Indeks Kepuasan Masyarakat (IKM)") + basis)
    if report.ranked:
        found.append(extremes_sentence(report))
        found.append(priorities_sentence(report))
    if report.ipak:
        found.append(index_sentence(report.ipak, "Indeks Persepsi Anti Korupsi (IPAK)"))
    if report.nps:
        found.append(nps_sentence(report.nps))
    if report.csat:
        found.append(csat_sentence(report.csat))
    return [*found, _adequacy(report), progress_sentence(report.follow_ups)]


def _adequacy(report: Report) -> str:
    found = report.adequacy
    if found.required is None:
        return (
            f"Jumlah responden adalah {count(found.reached)} orang; kecukupannya tidak dinilai karena jumlah populasi "
            "tidak dicatat."
        )
    enough = "sudah memenuhi" if found.is_enough else "belum memenuhi"
    return (
        f"Jumlah responden, {count(found.reached)} orang, {enough} sampel minimum {count(found.required)} orang untuk "
        f"populasi {count(found.population)} orang."
    )


def _sample_facts(sample: Adequacy) -> Sequence[Fact]:
    """How many of the needed sample answered, where it is known how many are needed."""
    if sample.required is None:
        return []
    told = f"{count(sample.reached)} dari {count(sample.required)} yang diperlukan"
    return [Fact("Kecukupan responden", f"{told} untuk populasi {count(sample.population)}")]


def _publication(report: Report) -> Block:
    """What is hung up for everybody: the index, who answered, and when, with no figure about fewer than five people
    (docs/domain.md, "What may be shown").
    """
    if report.index.n and not is_publishable(report.index):
        return Paragraph(
            f"Ada angka yang berasal dari kurang dari {FEWEST} orang, sehingga hasil survei ini tidak dipublikasikan."
        )
    facts = [
        Fact("Unit pelayanan", unit_of(report)),
        public_headline(report),
        *key_facts(report),
        *_sample_facts(report.adequacy),
        Fact("Tanggal laporan", day(report.made_on)),
    ]
    for field in ("sex", "education"):
        if is_told(report, field):
            counts = without_small_groups({plain(share.name): share.count for share in report.profile[field]})
            if not counts:
                continue
            told = (f"{name} {HIDDEN if number is None else count(number)}" for name, number in counts.items())
            facts.append(Fact(FIELD_NAMES[field], "; ".join(told)))
    return Table(
        "Ringkasan hasil survei untuk dipublikasikan (tanda * menggantikan jumlah kecil)",
        ("Uraian", "Hasil"),
        [(fact.label, fact.value) for fact in facts],
        ("left", "left"),
        (1, 2),
    )
