"""BAB IV: what citizens suggest, element by element, and what will be done about it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.survey_index.domain.skm import half_up
from services.survey_index.models import FollowUp
from services.survey_index.report.document import Block, Heading, Items, Paragraph, Section, Table
from services.survey_index.report.facts import Report
from services.survey_index.report.wording import NOTHING, count, listed, percent, plain, short_day

_ABOUT_NONE = "Umum"


def improvement(report: Report) -> Sequence[Section]:
    """BAB IV, section by section."""
    return [
        Section("Saran Responden per Unsur", _suggestions(report)),
        Section("Rencana Tindak Lanjut", _follow_ups(report)),
    ]


def progress_sentence(follow_ups: Sequence[FollowUp]) -> str:
    """How many actions there are and how many of them are done as planned."""
    if not follow_ups:
        return "Belum ada rencana tindak lanjut yang dicatat untuk laporan ini."
    done = sum(0 < action.planned <= action.realised for action in follow_ups)
    return (
        f"Rencana tindak lanjut memuat {count(len(follow_ups))} tindakan; {count(done)} di antaranya sudah terealisasi "
        "sesuai dengan rencana."
    )


def _names(report: Report) -> Mapping[str, str]:
    return {element.slug: plain(element.name.id) for element in report.instrument.elements}


def _suggestions(report: Report) -> Sequence[Block]:
    names = _names(report)
    told = {
        slug: found
        for slug in (*names, *(slug for slug in report.suggestions if slug not in names))
        if (found := [text for text in map(plain, report.suggestions.get(slug, ())) if text])
    }
    if not told:
        return [Paragraph("Data yang diolah tidak memuat saran, masukan, atau harapan tertulis dari responden.")]
    blocks: list[Block] = [
        Paragraph(
            f"Responden menyampaikan {count(sum(map(len, told.values())))} saran. Saran dikutip sebagaimana ditulis, "
            "tanpa nama penulisnya, dan dikelompokkan menurut unsur yang dibahas."
        )
    ]
    for slug, found in told.items():
        name = names.get(slug, slug) or _ABOUT_NONE
        blocks += [Heading(3, f"{name} ({count(len(found))} saran)"), Items(found, small=True)]
    return blocks


def _follow_ups(report: Report) -> Sequence[Block]:
    without = _priorities_without(report)
    if not report.follow_ups:
        return [Paragraph(progress_sentence(())), *without]
    names = _names(report)
    return [
        Paragraph(
            progress_sentence(report.follow_ups) + " Capaian adalah perbandingan antara realisasi dan rencana setiap "
            "tindakan."
        ),
        Table(
            "Rencana tindak lanjut dan realisasinya",
            ("No.", "Unsur", "Tindakan", "Penanggung jawab", "Tenggat", "Rencana", "Realisasi", "Capaian"),
            [
                (
                    str(place),
                    names.get(action.element, plain(action.element)) or _ABOUT_NONE,
                    plain(action.action),
                    plain(action.responsible),
                    short_day(action.due_on),
                    count(action.planned),
                    count(action.realised),
                    _progress(action),
                )
                for place, action in enumerate(report.follow_ups, start=1)
            ],
            ("right", "left", "left", "left", "left", "right", "right", "right"),
            (0, 2.1, 3, 2.1, 0, 0, 0, 0),
            names=2,
        ),
        *without,
    ]


def _progress(action: FollowUp) -> str:
    """Realised ÷ planned; of what plans nothing there is no share."""
    if not action.planned:
        return NOTHING
    return percent(half_up(Fraction(100 * action.realised, action.planned), 2))


def _priorities_without(report: Report) -> Sequence[Block]:
    covered = {action.element for action in report.follow_ups}
    priorities = [element for equals in report.priorities for element in equals]
    open_ = [plain(element.name) for element in priorities if element.slug not in covered]
    if not open_:
        return []
    return [Paragraph(f"Unsur prioritas yang belum memiliki rencana tindak lanjut: {listed(open_)}.")]
