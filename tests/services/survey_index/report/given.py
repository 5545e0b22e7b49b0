"""Reports to print: the 72 respondents of the Kubu Raya report, with invented people and plans; and odd ones."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from services.survey_index.domain.csat import csat
from services.survey_index.domain.instruments import Element, Instrument, Words, builtin
from services.survey_index.domain.nps import nps
from services.survey_index.domain.period import Period
from services.survey_index.domain.profile import PROFILE, ProfileField, code_lists
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import skm
from services.survey_index.domain.tallies import Answers, Layout
from services.survey_index.models import FollowUp
from services.survey_index.report.facts import Report, Row, profile_of

RESPONDENTS_72 = Path(__file__).parents[4] / "services" / "demo" / "data" / "skm_72_respondents.csv"
SKM = builtin()["skm14_2017"]
NEW, OLD = "permenpanrb14_2017", "kep25_2004"
UNIT = "Dinas Tenaga Kerja Kabupaten Contoh"

SUGGESTIONS: Mapping[str, Sequence[str]] = {
    "waktu": ["Antrean pagi terlalu lama.", "Mohon loket ditambah pada hari Senin."],
    "sarana": ["Kursi tunggu kurang."],
    "": ["Terima kasih, petugasnya ramah 🙏"],
}


def rows_72() -> list[Row]:
    """The respondents of the Kubu Raya report as they are in the demonstration's file."""
    with RESPONDENTS_72.open(newline="") as file:
        return [Row(line["respondent"], [int(line[slug]) for slug in SKM.codes]) for line in csv.DictReader(file)]


def people(n: int) -> list[Mapping[ProfileField, str]]:
    """Invented respondents: two men for each woman, most of them from senior secondary school."""
    education = ("sma", "sma", "sma", "sarjana_d4", "smp")
    occupation = ("pegawai_swasta", "lainnya", "wirausaha")
    return [
        {"sex": "P" if place % 3 == 2 else "L", "education": education[place % 5], "occupation": occupation[place % 3]}
        for place in range(n)
    ]


def follow_up(element: str, action: str, *, planned: int, realised: int) -> FollowUp:
    return FollowUp(
        UUID(int=1), "skm", element, action, "Kepala Bidang Penempatan", date(2020, 12, 31), planned, realised
    )


def report_of(instrument: Instrument, rows: Sequence[Row], *, edition: str = NEW, **changes: Any) -> Report:
    """A report of these rows, calculated as the service does."""
    layout = Layout(instrument)
    counts, n = layout.read(layout.tally(row.answers for row in rows))
    weighting = changes.get("weighting", "exact")
    measures = {element.measure for element in instrument.elements}
    codes = code_lists()["s002_2020"]
    ipak = skm(counts, n, instrument, edition=edition, weighting=weighting, measure="ipak")
    said: dict[str, Any] = {
        "title": "Survei Layanan Kartu AK.1",
        "unit": UNIT,
        "period": Period("opened_to_closed", date(2020, 1, 1), date(2020, 6, 30)),
        "made_on": date(2020, 7, 16),
        "instrument": instrument,
        "edition": edition,
        "weighting": weighting,
        "missing": "per_question",
        "index": skm(counts, n, instrument, edition=edition, weighting=weighting),
        "adequacy": adequacy(None, n),
        "rows": rows,
        "code_list": codes,
        "profile": profile_of([dict.fromkeys(PROFILE, "")] * n, codes),
        "ipak": ipak if "ipak" in measures else None,
        "nps": nps(counts["nps"]) if "nps" in measures else None,
        "csat": csat(counts, instrument) if "csat" in measures else None,
    }
    return Report(**said | changes)


def report_72(edition: str = NEW, **changes: Any) -> Report:
    """The whole of it: 72 respondents of 1,200, who they are, what they suggest, and what is planned."""
    said: dict[str, Any] = {
        "adequacy": adequacy(1_200, 72),
        "profile": profile_of(people(72), code_lists()["s002_2020"]),
        "services": ["Kartu Pencari Kerja (AK.1)"],
        "suggestions": SUGGESTIONS,
        "follow_ups": [
            follow_up("waktu", "Menambah satu loket pada jam sibuk", planned=4, realised=3),
            follow_up("produk", "Memeriksa ulang isian kartu sebelum dicetak", planned=2, realised=2),
        ],
    }
    return report_of(SKM, rows_72(), edition=edition, **said | changes)


def report_of_everything() -> Report:
    """Nine elements with several questions each, anti-corruption, satisfaction and a score: all that there is."""
    online, csat3 = builtin()["skm_online"], builtin()["csat3"]
    instrument = asking(*online.elements, *csat3.elements).asking_nps()
    rows = [Row(f"R{place}", _invented(instrument, place)) for place in range(1, 41)]
    return report_of(instrument, rows, profile=profile_of(people(40), code_lists()["s002_2020"]))


def many(n: int, instrument: Instrument = SKM) -> list[Row]:
    """`n` respondents with invented answers, of whom some leave a question out."""
    return [Row(f"R{place:05d}", _invented(instrument, place)) for place in range(1, n + 1)]


def _invented(instrument: Instrument, place: int) -> Answers:
    """Answers that differ, the same at each run; every eleventh is missing."""
    return [
        None if (place * 7 + at * 3) % 11 == 0 else question.highest - (place * 5 + at * at) % 7 % 3
        for at, question in enumerate(instrument.questions)
    ]


def questionnaire(elements: int) -> Instrument:
    """A unit's own instrument with so many elements."""
    names = [Words(id=f"Unsur {place} yang ditetapkan sendiri", en=f"Element {place}") for place in range(elements)]
    questions = SKM.elements[0].questions
    return asking(*(Element(slug=f"e{place}", name=name, questions=questions) for place, name in enumerate(names)))


def asking(*elements: Element) -> Instrument:
    """A unit's own instrument with these elements."""
    return Instrument(code="own", name=Words(id="Kuesioner sendiri", en="Own"), source="Unit", elements=elements)
