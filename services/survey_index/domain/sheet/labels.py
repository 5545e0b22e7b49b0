"""The words by which a row below the data says what it is: `Jumlah`, `NRR`, `Rata-rata`, `Mengetahui`, …

Respondents may be called nearly anything, and a service `Mutu Benih`. So a label also says how sure it is: what the
cell says beside it, and whether somebody could be called so.
"""

import re
from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize

from shared.text import tidied

Kind = Literal["figure", "name", "count", "signature", "code"]
"""`name`: a figure that somebody may be called by (`Max`). `code`: a respondent's number, or the index (`SKM 12`)."""
Beside = Literal["nothing", "figures", "number", "words"]
"""What a cell says beside its label: nothing else (`NRR per unsur`), figures among that (`Total 72 responden`), a
number alone (`Kategori 1`), or words that are of no label (`Total Persada`).
"""

LABELS: tuple[tuple[Kind, str, str], ...] = (
    ("figure", "Jumlah", "jumlah|jml|jlh"),
    ("figure", "Subtotal", "sub total"),
    ("figure", "Total", "total|grand total"),
    ("figure", "Rata-rata", "rata rata|rata2|rataan|rerata|average|avg"),
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
    ("figure", "Simpangan baku", "standar deviasi|simpangan baku|standard deviation|std dev"),
    ("figure", "Minimum", "minimum|minimal|terendah"),
    ("figure", "Maksimum", "maksimum|maximum|maksimal|tertinggi"),
    ("figure", "Keterangan", "keterangan"),
    ("figure", "Catatan", "catatan"),
    ("figure", "Mean", "mean"),
    ("figure", "Median", "median"),
    ("figure", "Modus", "modus"),
    ("name", "Sum", "sum"),
    ("figure", "Count", "count"),
    ("figure", "Std", "std|stdev"),
    ("name", "Min", "min"),
    ("name", "Maks", "maks|max"),
    ("signature", "Mengetahui", "mengetahui|diketahui"),
    ("signature", "Menyetujui", "menyetujui|disetujui"),
    ("signature", "Mengesahkan", "mengesahkan|disahkan"),
    ("signature", "Kepala", "kepala|a n kepala|plt kepala|plh kepala"),
    ("signature", "Ketua", "ketua"),
    ("signature", "NIP", "nip"),
    ("signature", "Tanda tangan", "ttd|tertanda|tanda tangan"),
)
"""Kind, the word by which it is told, and how it is written, in letters alone: a space stands for whatever parts them,
as in `Rata-rata`, `RATA_RATA` and `ratarata`.
"""
_PARTS = r"[\W_]*"
_WRITTEN = [words.replace(" ", _PARTS) for *_, words in LABELS]
_WORDS = "|".join(f"(?P<l{place}>{words})" for place, words in enumerate(_WRITTEN))
_LABEL = re.compile(rf"(?:{_WORDS})(?![^\W_])")
_NUMERAL = re.compile(r"[\W_]*(?:(?:\d{1,2}|[a-z])[.)] )?[\W_]*")
"""What stands in front of a label, and may number its row: `- Jumlah`, `1. Rata-rata`, `a) Jumlah`."""
_SPACED = re.compile(r"(?<![^\W_])([^\W\d_])[\W_]+(?=[^\W\d_](?![^\W_]))")
"""A letter that stands alone before another one: `T o t a l`."""
_SIGMA = re.compile(r"[^\w∑]*[σς∑]")
_NOTE = re.compile(r"[^\w*]*\*+ ?\)")
_N = re.compile(r"n ?(?:[=:].*)?")
_BEGINNING = re.compile(rf"{_NUMERAL.pattern}(?:n ?(?:$|[=:])|{'|'.join(_WRITTEN)}|[a-z][\W_]+[a-z](?![^\W_]))")
_CODE = re.compile(r"(?=\D*\d)[\w\-/.#]+")
"""`IKM-001`: how respondents are numbered. No label, whatever it begins with, but where the digit is the label's own,
as that of `Rata2` is."""
_SURVEYS = frozenset(["IKM", "SKM", "IPAK"])
"""Labels by which surveys are called too, and their respondents numbered."""
_NUMBERED = re.compile(r"(?=.*\d)(?:[\w\-/.#]+(?: [\w\-/.#]+)?|(?:respond\w*|resp|no|nomor)\b.*)")
_BESIDE = frozenset(
    re.findall(
        r"\w+",
        "akhir all baris dari dan dibagi dikali halaman hasil indikator ini interval kepuasan keseluruhan kuesioner "
        "kumulatif layanan masyarakat n of pelayanan penilaian per persepsi pertanyaan responden respondents seluruh "
        "semua terisi tertimbang the unit unsur x",
    )
).union(*(re.findall(r"[a-z]+", words) for kind, _, words in LABELS if kind in ("figure", "name")))
"""What may stand beside a label without its being anything else: `NRR tertimbang per unsur`, `Jumlah 72 responden`."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was recognised: `word` is ours, never what the cell holds beside it."""

    word: str
    kind: Kind
    beside: Beside


def may_be_label(cell: str) -> bool:
    """Whether `label_of` can find one in this stripped cell: a quick look, for the many cells in which it cannot."""
    if cell.isdecimal():
        return False
    if not cell.isascii() or not cell.isprintable() or "  " in cell or "*" in cell:
        return True
    return _BEGINNING.match(cell.lower()) is not None


def label_of(cell: str) -> Label | None:
    """The label that a cell begins with."""
    said = tidied(normalize("NFKC", cell)).casefold()
    if _NOTE.match(said):
        return Label("Catatan", "figure", "nothing")
    if _SIGMA.match(said):
        return Label("Jumlah", "figure", "nothing")
    text = _SPACED.sub(r"\1", _NUMERAL.sub("", said, count=1))
    if _N.fullmatch(text):
        return Label("n", "count", "nothing" if text == "n" else "number")
    found = _LABEL.match(text)
    if found is None or found.lastgroup is None:
        return None
    rest = text[found.end() :]
    if _CODE.fullmatch(text) and any(map(str.isdigit, rest)):
        return None
    kind, word, _ = LABELS[int(found.lastgroup[1:])]
    beside = _beside(rest)
    if beside == "number" and word in _SURVEYS:
        kind = "code"
    return Label(word, kind, beside)


def _beside(rest: str) -> Beside:
    words = re.findall(r"[^\W_]+", rest)
    figures = [word for word in words if word.isdigit()]
    if not all(word in _BESIDE or word.isdigit() for word in words):
        return "words"
    if not figures:
        return "nothing"
    return "number" if rest.strip() == figures[0] else "figures"


def is_number_like(cell: str) -> bool:
    """Whether a respondent may go by this: `007`, `R-12`, `Responden 3`; not `Kudus, 3 Januari 2021`."""
    return _NUMBERED.fullmatch(tidied(cell).casefold()) is not None
