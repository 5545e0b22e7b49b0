"""Where the answers came from, and who was asked: nothing is said of people whom nobody counted."""

from collections.abc import Mapping, Sequence

from services.survey_index.domain.span import DaysTaken
from services.survey_index.models import CaseOutcome
from services.survey_index.report.document import Block, Items, Paragraph
from services.survey_index.report.facts import AnswerFile, Origins, Report
from services.survey_index.report.wording import count, day, days, listed, plain

_MOST_FILES = 20
_OUTSIDE: frozenset[CaseOutcome] = frozenset({"not_running", "other_unit", "nobody_is_asked"})
"""Cases that were no part of what the survey asks about."""


def origins(report: Report) -> Sequence[Block]:
    """How respondents came to answer, the files that they came in, and who was invited."""
    found = report.origins
    blocks: list[Block] = []
    alone = found.files[0] if found.files and found.files[0].name else None
    if alone is not None:
        told = f", {_dated(alone.days)}" if alone.days else ""
        blocks.append(
            Paragraph(f"Data berasal dari berkas “{plain(alone.name)}”: {count(alone.respondents)} responden{told}.")
        )
    elif said := _ways(found):
        blocks.append(Paragraph(said))
        blocks += [Items([_file(file) for file in found.files[:_MOST_FILES]], small=True)] if found.files else []
    if found.files:
        blocks.append(Paragraph("Cara memilih responden yang jawabannya berasal dari berkas tidak dicatat."))
    if found.cases is not None:
        blocks.append(Paragraph(_invitations(report, found.cases)))
    return blocks


def _ways(origins: Origins) -> str:
    """How many came by which way."""
    in_files = sum(file.respondents for file in origins.files)
    ways = [
        (origins.invited, "menjawab melalui undangan"),
        (origins.direct, "menjawab melalui aplikasi, telepon, loket, atau petugas"),
        (in_files, f"berasal dari {count(len(origins.files))} berkas yang diimpor"),
    ]
    used = [(number, way) for number, way in ways if number]
    if not used:
        return ""
    if len(used) == 1:
        ((number, way),) = used
        text = f"Semua responden yang diolah ({count(number)} orang) {way}"
    else:
        n = sum(number for number, _ in used)
        text = f"Dari {count(n)} responden yang diolah, {listed([f'{count(number)} {way}' for number, way in used])}"
    if not in_files:
        return f"{text}."
    return f"{text}{', di antaranya' if len(origins.files) > _MOST_FILES else ''}:"


def _file(file: AnswerFile) -> str:
    when = f"berkas yang diimpor pada {day(file.imported_on)}" if file.imported_on else "berkas"
    told = f", {_dated(file.days)}" if file.days else ""
    return f"{when}: {count(file.respondents)} responden{told}"


def _dated(days_taken: DaysTaken) -> str:
    """From which days the answers of a file are, and who says so."""
    column = f"menurut kolom “{plain(days_taken.column)}”" if days_taken.by_column else ""
    rest = "yang kosong di kolom itu menurut yang menyerahkan berkas" if column else "menurut yang menyerahkan berkas"
    ways = [way for way in (column, rest if days_taken.by_answered_on else "") if way]
    return f"jawaban bertanggal {days(days_taken.first, days_taken.last)} ({', '.join(ways)})"


def _invitations(report: Report, cases: Mapping[CaseOutcome, int]) -> str:
    """Who was asked of those whose cases ended, by the counts and not by the rule alone."""
    if report.selection == "nobody":
        return "Survei ini tidak mengirim undangan."
    ended = sum(number for outcome, number in cases.items() if outcome not in _OUTSIDE)
    if not ended:
        return "Selama survei berjalan tidak ada urusan yang tercatat selesai, sehingga tidak ada yang diundang."
    invited, unreached, lately, undrawn = (
        cases.get(outcome, 0) for outcome in ("invited", "no_address", "asked_recently", "not_drawn")
    )
    rest = [
        f"{count(number)} {why}"
        for number, why in (
            (undrawn, "tidak terpilih"),
            (unreached, "tidak mempunyai alamat untuk dihubungi"),
            (lately, "tidak diundang lagi karena belum lama berselang sudah diminta"),
        )
        if number
    ]
    if report.selection == "simple_random":
        text = (
            f"Dari {count(ended)} urusan yang selesai selama survei berjalan, {count(invited)} dipilih secara acak "
            "sederhana (simple random sampling) dan orangnya diundang"
        )
    elif lately:
        text = f"Dari {count(ended)} urusan yang selesai selama survei berjalan, {count(invited)} orangnya diundang"
    else:
        text = (
            "Semua yang urusannya selesai selama survei berjalan dan yang dapat dihubungi diminta mengisi survei "
            f"({count(invited)} undangan)"
        )
    return f"{text}; {listed(rest)}." if rest else f"{text}."
