"""The figures that a report begins with, on its cover and in its summary for everybody."""

from collections.abc import Sequence
from dataclasses import replace

from services.survey_index.domain.privacy import FEWEST, public_levels
from services.survey_index.report.document import Fact
from services.survey_index.report.facts import Report
from services.survey_index.report.wording import NOTHING, count, figure, percent, period_days, period_name, plain

HIDDEN = "*"
"""What stands for a small number."""


def headline(report: Report) -> Fact:
    if not report.index.elements and report.csat:
        return Fact("Kepuasan pelanggan (CSAT)", percent(report.csat.score))
    if not report.index.elements and report.nps:
        return Fact("Net Promoter Score (NPS)", figure(report.nps.score))
    return Fact("Indeks Kepuasan Masyarakat (IKM)", figure(report.index.index))


def public_headline(report: Report) -> Fact:
    """The same for everybody to see: a share that few stand for is hidden."""
    fact = headline(report)
    if report.index.elements:
        return fact
    if report.csat:
        levels = public_levels(report.csat)
        return fact if levels and levels[0][1] is not None else replace(fact, value=HIDDEN)
    return fact if report.nps and report.nps.n >= FEWEST else replace(fact, value=HIDDEN)


def key_facts(report: Report) -> Sequence[Fact]:
    band = report.index.band
    graded = [
        Fact("Mutu pelayanan", band.grade if band else NOTHING),
        Fact("Kinerja unit pelayanan", band.performance if band else NOTHING),
    ]
    return [
        *(graded if report.index.elements else []),
        Fact("Jumlah responden", count(report.index.n)),
        *([Fact("Hanya saluran", plain(report.channel))] if report.channel else []),
        Fact(period_name(report.period), period_days(report.period, n=report.index.n)),
    ]
