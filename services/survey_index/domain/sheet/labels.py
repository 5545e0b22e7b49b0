"""The words by which a row below the data says what it is: `Jumlah`, `NRR`, `Rata-rata`, `Mengetahui`, …

Respondents may be called nearly anything, and a service `Mutu Benih`. So a label also says how sure it is: whether
the cell says nothing else, and whether somebody could be called so.
"""

import re
from dataclasses import dataclass
from typing import Literal

from shared.text import tidied

Kind = Literal["figure", "name", "count", "signature"]

LABELS: tuple[tuple[Kind, str, str], ...] = (
    ("figure", "Jumlah", "jumlah|jml|jlh"),
    ("figure", "Subtotal", "sub ?-?total"),
    ("figure", "Total", "total|grand total"),
    ("figure", "Rata-rata", "rata ?[-–]? ?rata|rata2|rataan|rerata|average"),
    ("figure", "NRR", "nrr"),
    ("figure", "IKM", "ikm"),
    ("figure", "SKM", "skm"),
    ("figure", "IPAK", "ipak"),
    ("figure", "Indeks", "indeks|index"),
    ("figure", "Nilai", "nilai"),
    ("figure", "Skor", "skor"),
    ("figure", "Bobot", "bobot"),
    ("figure", "Konversi", "konversi"),
    ("figure", "Mutu", "mutu"),
    ("figure", "Kinerja", "kinerja"),
    ("figure", "Kategori", "kategori"),
    ("figure", "Persentase", "persen|persentase|prosentase"),
    ("figure", "Simpangan baku", "standar deviasi|simpangan baku|standard deviation|std ?dev"),
    ("figure", "Minimum", "minimum|minimal"),
    ("figure", "Maksimum", "ma(?:ks|x)imum|maksimal"),
    ("figure", "Keterangan", "keterangan"),
    ("figure", "Catatan", "catatan"),
    ("name", "Mean", "mean"),
    ("name", "Rata-rata", "avg"),
    ("name", "Median", "median"),
    ("name", "Modus", "modus"),
    ("name", "Sum", "sum"),
    ("name", "Count", "count"),
    ("name", "Std", "std|stdev"),
    ("name", "Min", "min"),
    ("name", "Maks", "maks|max"),
    ("signature", "Mengetahui", "mengetahui|diketahui"),
    ("signature", "Menyetujui", "menyetujui|disetujui"),
    ("signature", "Mengesahkan", "mengesahkan|disahkan"),
    ("signature", "Kepala", "(?:(?:a\\.? ?n|plt|plh)\\b\\.? ?)?kepala"),
    ("signature", "Ketua", "ketua"),
    ("signature", "NIP", "nip"),
    ("signature", "Tanda tangan", "ttd|tertanda|tanda tangan"),
)
_WORDS = "|".join(f"(?P<l{place}>{words})" for place, (_, _, words) in enumerate(LABELS))
_LABEL = re.compile(rf"(?:\d{{1,2}}[.)] |[a-z][.)] )?(?:{_WORDS})(?![^\W_])")
_SIGMA = re.compile("[σς∑]")
_NOTE = re.compile(r"\*+ ?\)")
_N = re.compile(r"n ?(?:[=:].*)?")
_PRELUDE = "-–—•·([{<'\"“”‘’:=>+ "
_CODE = re.compile(r"(?=\D*\d)[\w\-/.#]+")
"""`IKM-001`: how respondents are numbered. No label, whatever it begins with."""
_MAYBE_CODE = re.compile(r"[^\W\d_]{1,4} \d+")
"""`SKM 12`: a respondent, or what the index is."""
_NUMBERED = re.compile(r"(?=.*\d)(?:[\w\-/.#]+(?: [\w\-/.#]+)?|(?:respond\w*|resp|no|nomor)\b.*)")
_BESIDE = frozenset(
    re.findall(
        r"\w+",
        "akhir all baku baris dari dan deviasi dibagi dikali grand halaman hasil ikm indeks index indikator ini "
        "interval ipak kategori kepuasan keseluruhan kinerja konversi kuesioner kumulatif layanan maksimum masyarakat "
        "minimum mutu n nilai nrr of pelayanan penilaian per persepsi pertanyaan rata responden respondents seluruh "
        "semua simpangan skm skor standar sub terisi tertimbang the total unit unsur x",
    )
)
"""What may stand beside a label without its being anything else: `NRR tertimbang per unsur`, `Jumlah 72 responden`."""
_FIRST_WORDS = re.findall(
    r"\w+",
    "jumlah jml jlh sub total grand rata rerata average nrr ikm skm ipak indeks index nilai skor bobot konversi mutu "
    "kinerja kategori persen prosentase standar simpangan std minimum maksimum max keterangan catatan mean avg median "
    "modus sum count",
)
BEGINNINGS = frozenset(case(word[:3]) for word in _FIRST_WORDS for case in (str.lower, str.upper, str.title))
"""The first three letters of every label that can stand beside answers on the scale: a look at the others is not needed
in a row whose cells are all in order. What begins otherwise than with a letter or a digit is looked at as well.
"""


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was recognised: `word` is ours, never what the cell holds beside it."""

    word: str
    kind: Kind
    alone: bool
    """Whether the cell says nothing but this."""


def label_of(cell: str) -> Label | None:
    """The label that a cell begins with."""
    text = tidied(cell).casefold().lstrip(_PRELUDE)
    if _NOTE.match(text):
        return Label("Catatan", "figure", alone=False)
    if _SIGMA.match(text):
        return Label("Jumlah", "figure", alone=True)
    if _N.fullmatch(text):
        return Label("n", "count", alone=False)
    found = _LABEL.match(text)
    if found is None or found.lastgroup is None or _CODE.fullmatch(text):
        return None
    kind, word, _ = LABELS[int(found.lastgroup[1:])]
    if _MAYBE_CODE.fullmatch(text):
        return Label(word, "signature", alone=False)
    beside = re.findall(r"[^\W_]+", text[found.end() :])
    return Label(word, kind, alone=all(word in _BESIDE or word.isdigit() for word in beside))


def is_number_like(cell: str) -> bool:
    """Whether a respondent may go by this: `007`, `R-12`, `Responden 3`; not `Kudus, 3 Januari 2021`."""
    return _NUMBERED.fullmatch(tidied(cell).casefold()) is not None
