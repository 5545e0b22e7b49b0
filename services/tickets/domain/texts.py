"""How alike two texts of citizens are, in everyday Indonesian: fast, and without a model.

A text is the three-letter pieces of its words, each weighing what its word tells: names and places much, what every
complaint says little, what every sentence says nothing. So a misspelt word is nearly the word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_LONGEST = 4_000
"""Characters that are looked at: what a case is about stands in front."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CODE = re.compile(r"\b[\dA-Z]{4}-[\dA-Z]{4}-[\dA-Z]{4}\b")
_SHORT_FOR = {
    short: word
    for word, shorts in {
        "ada": "ad",
        "atas": "ats",
        "bagaimana": "bgmn gmn gimana",
        "banyak": "byk bnyk",
        "belum": "blm blum belom",
        "besar": "bsr",
        "bisa": "bs bsa",
        "bulan": "bln",
        "dalam": "dlm",
        "dapat": "dpt",
        "depan": "dpn",
        "dengan": "dgn dg",
        "gang": "gg",
        "hari": "hr",
        "jalan": "jl jln",
        "juga": "jg",
        "kabupaten": "kab",
        "kampung": "kp kmpg",
        "karena": "krn krna karna",
        "kecamatan": "kec",
        "kelurahan": "kel",
        "kepada": "kpd",
        "lagi": "lg",
        "lampu": "lmp",
        "masih": "msh",
        "minta": "mnt",
        "mohon": "mhn mohin",
        "nomor": "no nmr nomer",
        "orang": "org",
        "pada": "pd",
        "rumah": "rmh",
        "sampai": "smp sampe",
        "sampah": "smpah",
        "saya": "sy aku",
        "sekarang": "skrg",
        "selalu": "sll",
        "sering": "srg",
        "sudah": "sdh udh udah uda",
        "tahun": "thn th",
        "tanggal": "tgl",
        "tempat": "tmpt",
        "terus": "trs",
        "tidak": "tdk gak ga nggak ngga gk enggak tak kagak",
        "tolong": "tlg tlong",
        "untuk": "utk untk buat",
        "yang": "yg",
    }.items()
    for short in shorts.split()
}
_SAYS_NOTHING = """
    ada adalah agar akan aku apa apakah assalamualaikum atas atau bagaimana bahwa banget bapak beliau bisa bpk
    bu buat dalam dan dapat dari dengan depan di dong harap hormat ia ibu ini itu izin jadi jika juga kak kalau
    kami karena ke kepada kita lagi lah lalu lewat maaf maka malam mas masih mbak mereka min minta mohon nya
    oleh pada pagi pak para permisi perihal pun sama sampai sangat saya sebagai sebelumnya sedang segera sekali
    sekarang selamat seperti serta setelah siang sih sini sore sudah supaya tapi telah tentang terima
    terimakasih terhadap terlalu tersebut terus tetapi tolong trims untuk wassalamualaikum wr wb ya yaitu yang
    yth adanya bantuan bantuannya ditindaklanjuti dimohon laporan lapor melapor melaporkan melaporkannya
    menyampaikan pengaduan mengadu keluhan kasih sebab hal tindak lanjut penelepon pelapor warga admin halo hai
"""
"""Words of every sentence, and of every complaint that is polite."""
_SAYS_LITTLE = """
    belum tidak jalan gang kelurahan kecamatan kabupaten kota nomor rt rw rumah orang masyarakat hari bulan
    tahun minggu tanggal tempat daerah wilayah sekitar lokasi dekat samping belakang sebelah kondisi akibat
    sering selalu banyak besar kecil baru lama padahal hanya lebih kurang dua tiga satu jam waktu petugas dinas
    kantor pemerintah mengenai terkait diperbaiki perbaikan perbaiki rusak mati padam lampu sampah air data
    proses status nama masalah kendala cair insentif pencairan rekening sertifikat pelatihan dashboard akun
    jembatan got selokan saluran pohon pju penerangan parkir banjir
"""
"""Words that many complaints have, whatever they are about."""
_NOTHING, _FEW = frozenset(_SAYS_NOTHING.split()), frozenset(_SAYS_LITTLE.split())
_LITTLE = 0.45


@dataclass(frozen=True, slots=True)
class Gist:
    """What of a text is compared: the weights of its pieces and their sum, its numbers, and how many words tell."""

    pieces: Mapping[str, float]
    weight: float
    numbers: frozenset[str]
    telling_words: int


def gist_of(*texts: str) -> Gist:
    """The gist of texts that belong together, such as a subject and a body."""
    pieces: dict[str, float] = {}
    numbers: set[str] = set()
    words = dict.fromkeys(_words(" ".join(texts)))
    for word in words:
        if word.isdigit():
            numbers.add(word.lstrip("0") or "0")
        for piece, weight in _pieces_of(word):
            pieces[piece] = pieces.get(piece, 0.0) + weight
    return Gist(pieces, sum(pieces.values()), frozenset(numbers), len(words))


def likeness_of(one: Gist, other: Gist) -> float:
    """How alike two texts are, from 0 to 1; the same whichever comes first.

    Who writes again by another channel says less, or more: so it is the middle between how much of the shorter stands
    in the longer, and how much the two have in common of all that they say.
    """
    few, many = sorted((one, other), key=lambda gist: len(gist.pieces))
    if not few.weight or not many.weight:
        return 0.0
    common = sum(min(weight, many.pieces.get(piece, 0.0)) for piece, weight in few.pieces.items())
    contained = common / min(one.weight, other.weight)
    shared = common / (one.weight + other.weight - common)
    return min(1.0, (contained + shared) / 2)


def numbers_differ(one: Gist, other: Gist) -> bool:
    """Whether both name numbers, of houses or sums, and none is the same."""
    return bool(one.numbers and other.numbers) and not one.numbers & other.numbers


def _words(text: str) -> Iterator[str]:
    for found in _WORD.findall(_CODE.sub(" ", text[:_LONGEST]).casefold()):
        word = _SHORT_FOR.get(found, found)
        if word not in _NOTHING and (len(word) > 1 or word.isdigit()):
            yield word


@lru_cache(maxsize=16_384)
def _pieces_of(word: str) -> tuple[tuple[str, float], ...]:
    weight = _LITTLE if word in _FEW else 1.0
    if word.isdigit():
        return ((word, weight),)
    padded = f"^{word}$"
    starts = range(len(padded) - 2)
    return tuple((padded[start : start + 3], weight / len(starts)) for start in starts)
