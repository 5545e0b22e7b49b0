"""Says a complaint again as the same person would by another channel: shorter, longer, misspelt, in other words.

The words that it exchanges come in two halves. What is tuned sees the first alone; the second is held out with the
complaints that are.
"""

import random
import re
from collections.abc import Callable, Sequence

Change = Callable[[str, random.Random], str]

_TUNED = (
    "mohon/tolong mati/padam rusak/jebol menumpuk/numpuk jalan/jl. tidak/tdk sudah/sdh yang/yg dengan/dgn belum/blm "
    "lubang/bolong sampah/limbah perbaikan/pembenahan bantuan/pertolongan rumah/rmh depan/dpn saluran/selokan "
    "pohon/tanaman tumbang/roboh warga/masyarakat"
)
_HELD_OUT = (
    "mohon/minta mati/tidak+nyala rusak/hancur menumpuk/menggunung jalan/jln tidak/gak tidak/nggak sudah/udah "
    "karena/krn belum/blum lubang/berlubang perbaikan/dibetulkan saluran/got air/aer banjir/tergenang lampu/penerangan "
    "pengaduan/aduan sering/kerap kelurahan/kel gang/gg anak/bocah orang/org kendaraan/mobil petugas/aparat besar/gede "
    "segera/secepatnya sekarang/skrg untuk/utk dari/dr bisa/bs saya/sy"
)
_GREETINGS = (
    "Selamat pagi min, ", "Assalamualaikum wr wb. Saya mau lapor, ", "Kepada Yth. admin, dengan hormat, ",
    "Halo, saya ingin menyampaikan pengaduan: ", "Penelepon melaporkan bahwa ", "Pak, ", "Izin lapor kak, ",
    "Melanjutkan laporan saya yang kemarin, ", "Mau tanya lagi soal ini: ",
)  # fmt: skip
_ENDS = (
    " Terima kasih.", " Mohon segera ditindaklanjuti, terima kasih.", " Sudah dua minggu begini terus.",
    " Warga sekitar sudah resah.", " Saya sudah lapor lewat telepon juga tapi belum ada kabar.",
    " Kapan kira-kira ada petugas yang datang?", " Foto menyusul ya.", " Tolong dibantu, kasihan anak-anak.",
    " Wassalamualaikum.", " Saya tunggu kabar baiknya, nomor saya masih sama.",
)  # fmt: skip


def paraphrase(text: str, rng: random.Random, *, held_out: bool) -> str:
    """The same complaint again. It is never word for word the same."""
    exchange = _exchange(_pairs(_TUNED) + (_pairs(_HELD_OUT) if held_out else []))
    changes: Sequence[tuple[float, Change]] = (
        (0.5, _shorter), (0.4, _in_another_order), (0.9, exchange), (0.5, _misspelt), (0.6, _greeted), (0.6, _longer),
    )  # fmt: skip
    said = text
    for chance, change in changes:
        if rng.random() < chance:
            said = change(said, rng)
    return said if said != text else _greeted(_misspelt(said, rng), rng)


def _pairs(words: str) -> list[tuple[str, str]]:
    pairs = [pair.replace("+", " ").split("/") for pair in words.split()]
    return [(one, other) for one, other in pairs]


def _exchange(pairs: Sequence[tuple[str, str]]) -> Change:
    def exchange(text: str, rng: random.Random) -> str:
        for one, other in pairs:
            if rng.random() < 0.7:
                text = re.sub(rf"\b{re.escape(one)}\b", other, text, flags=re.IGNORECASE)
        return text

    return exchange


def _clauses(text: str) -> list[str]:
    return [clause for clause in re.split(r"(?<=[.,;!?\n])\s+", text) if clause.strip()]


def _shorter(text: str, rng: random.Random) -> str:
    """Some of its clauses, or of its words where it has but one clause: between 45 and 85 of a hundred."""
    parts = _clauses(text)
    parts = parts if len(parts) > 2 else text.split()
    kept = max(min(len(parts), 5), round(len(parts) * rng.uniform(0.45, 0.85)))
    chosen = sorted(rng.sample(range(len(parts)), min(kept, len(parts))))
    return " ".join(parts[place] for place in chosen)


def _in_another_order(text: str, rng: random.Random) -> str:
    parts = _clauses(text)
    if len(parts) > 1:
        rng.shuffle(parts)
        return " ".join(parts)
    words = text.split()
    middle = len(words) // 2
    return " ".join(words[middle:] + words[:middle])


def _misspelt(text: str, rng: random.Random) -> str:
    """About one of eight longer words with two letters changed round, one left out or one doubled."""
    words = text.split()
    for place, word in enumerate(words):
        if len(word) > 4 and word.isalpha() and rng.random() < 0.12:
            at = rng.randrange(1, len(word) - 1)
            words[place] = rng.choice(
                (
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at] + word[at:],
                )
            )
    return " ".join(words)


def _greeted(text: str, rng: random.Random) -> str:
    return rng.choice(_GREETINGS) + text


def _longer(text: str, rng: random.Random) -> str:
    return text + "".join(rng.sample(_ENDS, rng.randint(1, 2)))
