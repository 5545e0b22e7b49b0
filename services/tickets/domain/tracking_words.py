"""What citizens are told of their cases, in each language. The kinds and the statuses are those of this release and of
the next: one without words of its own is told by its category, or is no step.
"""

from collections.abc import Mapping
from typing import Literal

Language = Literal["id", "en"]
Words = Mapping[Language, Mapping[str, str]]

STEPS: Words = {
    "id": {
        "opened": "Pengaduan kami terima",
        "joined": "Anda menambahkan keterangan",
        "reopened": "Anda menulis lagi, dan pengaduan dibuka kembali",
        "replied": "Kami menjawab Anda",
        "info_requested": "Kami meminta keterangan dari Anda",
        "escalated": "Pengaduan diteruskan untuk ditangani lebih lanjut",
        "held": "Penanganan ditunda untuk sementara",
        "hold_ended": "Penanganan dilanjutkan",
        "forwarded": "Pengaduan diteruskan kepada instansi yang berwenang",
        "resolved": "Pengaduan dinyatakan selesai",
        "settled": "Pengaduan diselesaikan di tempat",
        "reopened_by_agent": "Pengaduan kami buka kembali",
        "closed": "Pengaduan ditutup",
        "rejected": "Pengaduan tidak dapat kami tangani",
        "merged": "Pengaduan digabungkan dengan pengaduan Anda yang lain",
        "unmerged": "Pengaduan dipisahkan kembali dari pengaduan Anda yang lain",
        "withdrawn": "Anda menarik kembali sebagian keterangan",
    },
    "en": {
        "opened": "We received your complaint",
        "joined": "You added something",
        "reopened": "You wrote again, and the case is open again",
        "replied": "We answered you",
        "info_requested": "We asked you for something",
        "escalated": "The case was passed on to be looked into further",
        "held": "The case was put off for a while",
        "hold_ended": "The case goes on",
        "forwarded": "The case was sent to the authority that decides it",
        "resolved": "The case was resolved",
        "settled": "The case was settled on the spot",
        "reopened_by_agent": "We opened the case again",
        "closed": "The case was closed",
        "rejected": "We cannot take up this case",
        "merged": "The case was joined with another one of yours",
        "unmerged": "The case was parted again from another one of yours",
        "withdrawn": "You took back some of what you had said",
    },
}
STATUSES: Words = {
    "id": {
        "open": "Sedang ditangani",
        "escalated": "Diteruskan, sedang ditangani",
        "answered": "Sudah dijawab",
        "waiting": "Menunggu keterangan dari Anda",
        "held": "Ditunda untuk sementara",
        "forwarded": "Ditangani instansi lain",
        "resolved": "Selesai",
        "closed": "Ditutup",
        "rejected": "Tidak dapat ditangani",
        "merged": "Digabungkan dengan pengaduan lain",
    },
    "en": {
        "open": "Being looked into",
        "escalated": "Passed on, and being looked into",
        "answered": "Answered",
        "waiting": "Waiting for your answer",
        "held": "Put off for a while",
        "forwarded": "With another authority",
        "resolved": "Resolved",
        "closed": "Closed",
        "rejected": "Not taken up",
        "merged": "Joined with another case",
    },
}
ASKED: Words = {
    "id": {
        "answered": "Baca jawaban kami. Bila masalahnya belum selesai, balaslah.",
        "waiting": "Kami memerlukan keterangan dari Anda untuk melanjutkan. Mohon balas.",
    },
    "en": {
        "answered": "Please read our answer, and reply if that does not settle it.",
        "waiting": "We need something from you to go on. Please reply.",
    },
}
"""What is asked of the citizen, by the status of his case."""
CHANNELS: Words = {
    "id": {
        "form": "formulir web",
        "chat": "obrolan",
        "email": "surel",
        "call": "telepon",
        "booth": "loket",
        "sms": "SMS",
        "whatsapp": "WhatsApp",
        "line": "LINE",
    },
    "en": {
        "form": "web form",
        "chat": "chat",
        "email": "e-mail",
        "call": "telephone",
        "booth": "booth",
        "sms": "SMS",
        "whatsapp": "WhatsApp",
        "line": "LINE",
    },
}
PAGE: Words = {
    "id": {
        "title": "Pengaduan",
        "other_language": "English",
        "find": "Lihat perkembangan pengaduan",
        "find_text": "Masukkan kode yang Anda terima ketika mengadu.",
        "code": "Kode pengaduan",
        "show": "Lihat",
        "not_a_code": "Kode ini tidak dikenal. Periksa kembali: kode terdiri dari 12 huruf dan angka, seperti "
        "7K3Q-WM9X-TB40.",
        "unit": "Ditangani oleh",
        "opened_at": "Diterima",
        "by": "lewat",
        "due": "Paling lambat selesai",
        "resolved_at": "Selesai",
        "asked": "Yang kami minta dari Anda",
        "to_reply": "Balas",
        "steps": "Yang sudah terjadi",
        "times": "kali",
        "conversation": "Percakapan",
        "citizen": "Anda",
        "agent": "Kami",
        "earlier": "Percakapan sebelumnya",
        "newest": "Percakapan terbaru",
        "no_words": "(tanpa tulisan)",
        "withdrawn": "Keterangan ini Anda tarik kembali.",
        "nothing_said": "Di sini tidak ada percakapan.",
        "code_alone": "Dengan kode saja, isi pengaduan tidak ditampilkan, demi keamanan Anda. Untuk membacanya dan "
        "membalas, buka tautan di surel atau SMS kami.",
        "reply": "Balas atau kirim berkas",
        "reply_again": "Bila Anda menulis, pengaduan ini dibuka kembali.",
        "body": "Tulisan Anda",
        "files": "Foto atau berkas (boleh kosong)",
        "files_hint": "Paling banyak 5 berkas, bersama-sama 10 MB. Pilih semuanya sekaligus.",
        "send": "Kirim",
        "link_is_yours": "Tautan halaman ini milik Anda sendiri: siapa pun yang memilikinya dapat membaca percakapan "
        "ini.",
        "wait": "Terlalu banyak permintaan datang dari jaringan Anda. Tunggu sebentar, lalu muat ulang halaman ini. "
        "Detik:",
        "unknown": "Pengaduan tidak ditemukan",
        "unknown_text": "Periksa kembali kode atau tautannya; mungkin terpotong.",
        "failed": "Halaman ini sedang tidak dapat dibuka",
        "failed_text": "Gangguan ini di pihak kami. Mohon coba lagi beberapa menit lagi.",
        "invalid": "Permintaan ini tidak dapat dibaca",
        "invalid_text": "Buka kembali tautannya langsung dari pesan kami.",
    },
    "en": {
        "title": "Case",
        "other_language": "Bahasa Indonesia",
        "find": "How does my case stand?",
        "find_text": "Type the code that you were given when you complained.",
        "code": "Your code",
        "show": "Show",
        "not_a_code": "This code is not known. Please look again: a code has 12 letters and digits, such as "
        "7K3Q-WM9X-TB40.",
        "unit": "Handled by",
        "opened_at": "Received",
        "by": "by",
        "due": "To be resolved by",
        "resolved_at": "Resolved",
        "asked": "What we ask of you",
        "to_reply": "Reply",
        "steps": "What happened",
        "times": "times",
        "conversation": "Conversation",
        "citizen": "You",
        "agent": "Us",
        "earlier": "Earlier",
        "newest": "Newest",
        "no_words": "(without words)",
        "withdrawn": "You took this back.",
        "nothing_said": "There is no conversation here.",
        "code_alone": "With the code alone, what was written is not shown, for your own safety. To read it and to "
        "reply, open the link in our e-mail or SMS.",
        "reply": "Reply, or send a file",
        "reply_again": "If you write, this case is opened again.",
        "body": "What you want to say",
        "files": "Photos or files (may be left empty)",
        "files_hint": "At most 5 files, 10 MB together. Choose all of them at once.",
        "send": "Send",
        "link_is_yours": "The link of this page is your own: whoever has it can read this conversation.",
        "wait": "Too many requests came from your network. Wait a moment, then load this page again. Seconds:",
        "unknown": "No such case was found",
        "unknown_text": "Look at the code or the link again: it may have been cut off.",
        "failed": "This page cannot be opened just now",
        "failed_text": "The fault is on our side. Please try again in a few minutes.",
        "invalid": "This cannot be read",
        "invalid_text": "Please open the link once more, out of our message.",
    },
}


def status_words(status: str, category: str, language: Language) -> str:
    """How a case stands, in words: those of its category where a status has none."""
    words, by_category = STATUSES[language], {"open": "open", "waiting": "held", "resolved": "closed"}
    return words.get(status) or words[by_category[category]]
