"""What was asked, as far as it is known: questions and scale words are printed only where they are the survey's own."""

from collections.abc import Mapping, Sequence

from services.survey_index.domain.instruments import REGULATION, REGULATION_ORDER, Instrument, Measure, Question
from services.survey_index.report.document import Block, Paragraph, Table
from services.survey_index.report.facts import Questionnaire, Report
from services.survey_index.report.wording import listed, plain

_MEASURE_NAMES: Mapping[Measure, str] = {
    "ikm": "Indeks Kepuasan Masyarakat (IKM)",
    "ipak": "Indeks Persepsi Anti Korupsi (IPAK)",
    "csat": "kepuasan pelanggan (CSAT)",
    "nps": "kesediaan merekomendasikan (Net Promoter Score/NPS)",
}


def questionnaire(report: Report) -> Sequence[Block]:
    """Which questionnaire it was or is taken to be, and its elements, with their questions where these are known."""
    instrument = report.instrument
    scored = bool(instrument.of("ikm") or instrument.of("ipak"))
    which = _WHICH[report.questionnaire].format(name=_named(instrument), size=_size(instrument))
    return [
        Paragraph(which + _order(report.questionnaire, instrument)),
        *([Paragraph(_SCALE)] if scored else []),
        _asked(report.questionnaire, instrument),
    ]


_WHICH: Mapping[Questionnaire, str] = {
    "recorded": "Kuesioner yang dipakai adalah {name}. Kuesioner terdiri atas {size}.",
    "named": "Menurut yang menyusun laporan, kuesioner yang dipakai adalah {name}. Kuesioner terdiri atas {size}.",
    "ordered": (
        "Berkas jawaban tidak memuat kuesionernya. Menurut yang menyusun laporan, kolom-kolomnya berisi jawaban atas "
        "unsur dalam tabel berikut. Pertanyaan dan pilihan jawaban yang tertera adalah bunyi baku untuk unsur itu "
        "dalam {name}; bunyi pada lembar yang diisi responden dapat berbeda."
    ),
    "sentences": (
        "Pertanyaan dikenali dari kepala kolom berkas jawaban, yang memuat bunyinya menurut {name}; pilihan jawabannya "
        "tidak diketahui."
    ),
    "columns": (
        "Berkas jawaban tidak memuat kuesionernya. Unsur yang ditanyakan dikenali dari nama kolom berkas, menurut nama "
        "unsur dalam {name}; bunyi pertanyaan dan pilihan jawabannya tidak diketahui."
    ),
    "mapped": (
        "Tidak dicatat kuesioner mana yang dipakai. Unsur yang ditanyakan adalah menurut yang menyerahkan berkas "
        "jawaban, sejauh disebutkannya; kolom selebihnya dibaca menurut nama unsurnya, atau diandaikan menurut "
        "urutan tabel berikut. Nama unsur diambil dari {name}; kodenya adalah urutan dalam tabel itu, dan dapat lain "
        "dari nama kolom berkas. Bunyi pertanyaan dan pilihan jawabannya tidak dicatat."
    ),
    "assumed": (
        "Tidak dicatat kuesioner mana yang dipakai. Diandaikan bahwa jawaban yang tercatat menyangkut unsur dalam "
        "tabel berikut, menurut urutannya di situ; nama unsur diambil dari {name}. Bunyi pertanyaan dan pilihan "
        "jawabannya tidak diketahui."
    ),
}


def _order(known: Questionnaire, instrument: Instrument) -> str:
    """That the regulation has another order, where one was assumed: the name of the questionnaire is that of the
    regulation, and would be read as if its order were, too.
    """
    if known not in ("mapped", "assumed") or not instrument.swaps_the_last_two:
        return ""
    eighth, ninth = (_names(instrument)[slug] for slug in REGULATION_ORDER[-2:])
    return f" Dalam {REGULATION} sendiri, unsur kedelapan adalah {eighth} dan unsur kesembilan {ninth}."


_SCALE = (
    "Jawaban untuk setiap pertanyaan unsur diberi nilai 1 sampai dengan 4; makin tinggi nilainya, makin baik penilaian "
    "responden."
)


def questionnaire_name(report: Report) -> str:
    """The questionnaire in a few words, and whether it is certain."""
    sure = {"recorded": "", "named": "", "assumed": " (diandaikan)", "sentences": " (pilihan jawaban tidak diketahui)"}
    return report.instrument.name.id + sure.get(report.questionnaire, " (unsurnya; bunyi pertanyaan tidak diketahui)")


def codes_of(instrument: Instrument) -> Mapping[str, str]:
    """The code of a question → U1, U2.1, … as the sheet calls it; the score of NPS is called so."""
    return {"nps": "NPS"} | {code: place for place, code in instrument.by_position.items()}


def _named(instrument: Instrument) -> str:
    return f"{plain(instrument.name.id)}, versi {instrument.version} (sumber: {plain(instrument.source)})"


def _size(instrument: Instrument) -> str:
    asked = [
        f"{len(instrument.of(measure))} unsur {name}" if measure in ("ikm", "ipak") else f"pertanyaan {name}"
        for measure, name in _MEASURE_NAMES.items()
        if instrument.of(measure)
    ]
    return f"{len(instrument.questions)} pertanyaan, yang memuat {listed(asked)}"


def _asked(known: Questionnaire, instrument: Instrument) -> Table:
    """The elements, with as much of the questionnaire as is known."""
    codes, names = codes_of(instrument), _names(instrument)
    elements = [(codes[question.code], names[question.element]) for question in instrument.questions]
    if known in ("columns", "mapped", "assumed"):
        return Table("Unsur yang dinilai", ("Kode", "Unsur"), elements, ("left", "left"), (0, 1))
    asked = [(*row, plain(q.text.text.id)) for row, q in zip(elements, instrument.questions, strict=True)]
    if known == "sentences":
        head = ("Kode", "Unsur", "Pertanyaan")
        return Table("Unsur dan pertanyaan", head, asked, ("left", "left", "left"), (0, 2, 6))
    return Table(
        "Unsur, pertanyaan, dan pilihan jawaban",
        ("Kode", "Unsur", "Pertanyaan", "Pilihan jawaban"),
        [(*row, _scale(question)) for row, question in zip(asked, instrument.questions, strict=True)],
        ("left", "left", "left", "left"),
        (0, 2, 3.2, 2.8),
    )


def _names(instrument: Instrument) -> Mapping[str, str]:
    return {element.slug: plain(element.name.id) for element in instrument.elements}


def _scale(question: Question) -> str:
    """1 = Tidak sesuai; 2 = …, a value never parted from its sign; a scale of NPS names its ends only."""
    words = [plain(word) for word in question.text.words.id]
    values = range(question.lowest, question.highest + 1)
    if len(words) < len(values):
        return f"{question.lowest} = {words[0]} … {question.highest} = {words[-1]}"
    return "; ".join(f"{value}\u00a0=\u00a0{word}" for value, word in zip(values, words, strict=True))
