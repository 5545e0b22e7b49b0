"""What the web form says, in each of its languages."""

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Words = Mapping[Language, Mapping[str, str]]

FORM_WORDS: Words = {
    "id": {
        "title": "Sampaikan pengaduan",
        "intro": "Tuliskan apa yang terjadi. Anda langsung mendapat kode, dan dengan kode itu Anda dapat melihat "
        "perkembangannya kapan saja.",
        "other_language": "English",
        "subject": "Perihal (boleh kosong)",
        "body": "Apa yang terjadi?",
        "name": "Nama (boleh kosong)",
        "email": "Alamat surel",
        "phone": "Nomor telepon",
        "ways": "Surel atau telepon kami pakai untuk mengabari Anda. Bila keduanya kosong, simpanlah kodenya.",
        "programme_number": "Nomor Kartu Prakerja (boleh kosong)",
        "files": "Foto atau berkas (boleh kosong)",
        "files_hint": "Paling banyak 5 berkas, bersama-sama 10 MB. Pilih semuanya sekaligus.",
        "choose_again": "Berkas belum terkirim. Pilih lagi berkasnya sebelum menekan tombol.",
        "fault_too_many": "Berkasnya terlalu banyak. Pilih paling banyak 5.",
        "fault_too_large": "Berkasnya terlalu besar. Pilih lebih sedikit, atau foto yang lebih kecil; pengaduan dapat "
        "juga dikirim tanpa berkas. Paling besar satu berkas, dalam MB:",
        "send": "Kirim pengaduan",
        "faults": "Ada isian yang perlu diperbaiki. Pengaduan Anda belum terkirim; isian lainnya tetap ada.",
        "fault_body": "Tuliskan apa yang terjadi, paling banyak 20.000 huruf.",
        "fault_email": "Ini bukan alamat surel. Contoh: nama@contoh.id",
        "fault_phone": "Nomor ini tidak dapat dihubungi. Contoh: 0812-3456-7890",
        "fault_programme_number": "Nomor Kartu Prakerja hanya terdiri dari angka dan huruf.",
        "fault_name": "Nama paling banyak 200 huruf, dalam satu baris.",
        "fault_subject": "Perihal paling banyak 300 huruf, dalam satu baris.",
        "sent_title": "Pengaduan Anda sudah kami terima",
        "code": "Kode pengaduan Anda",
        "keep": "Catat atau foto kode ini.",
        "by_email": "Kami mengabari Anda lewat surel",
        "by_phone": "Kami mengabari Anda lewat SMS ke",
        "by_nothing": "Anda tidak meninggalkan alamat, jadi kami tidak dapat mengabari Anda: simpanlah kode ini.",
        "another": "Sampaikan pengaduan lain",
        "sent_before": "Kiriman dari halaman ini sudah kami terima, dengan isi yang lain. Isian yang sekarang belum "
        "terkirim. Bila ini pengaduan lain, tekan tombolnya sekali lagi.",
        "away": "Gangguan di pihak kami: pengaduan Anda belum terkirim. Isian Anda masih ada; tekan tombolnya sekali "
        "lagi sebentar lagi.",
        "wait": "Terlalu banyak kiriman datang dari jaringan Anda, dan yang ini belum terkirim. Isian Anda masih ada: "
        "tunggu sebentar, lalu tekan tombolnya sekali lagi. Detik:",
        "unknown": "Alamat ini tidak dikenal",
        "unknown_text": "Periksa kembali alamatnya; mungkin terpotong.",
        "failed": "Halaman ini sedang tidak dapat dibuka",
        "failed_text": "Gangguan ini di pihak kami. Mohon coba lagi beberapa menit lagi.",
        "too_large": "Kiriman ini terlalu besar",
        "too_large_text": "Dari kiriman ini tidak ada yang tersimpan. Kembalilah ke halaman sebelumnya, pendekkan "
        "isiannya, lalu kirim sekali lagi.",
        "invalid": "Kiriman ini tidak dapat dibaca",
        "invalid_text": "Dari kiriman ini tidak ada yang tersimpan. Buka formulirnya sekali lagi.",
    },
    "en": {
        "title": "Tell us what went wrong",
        "intro": "Write what happened. You get a code at once, and with it you can look up how your case stands.",
        "other_language": "Bahasa Indonesia",
        "subject": "Subject (may be left empty)",
        "body": "What happened?",
        "name": "Name (may be left empty)",
        "email": "E-mail address",
        "phone": "Telephone number",
        "ways": "We use e-mail or telephone to tell you. If you leave both empty, keep the code.",
        "programme_number": "Kartu Prakerja number (may be left empty)",
        "files": "Photos or files (may be left empty)",
        "files_hint": "At most 5 files, 10 MB together. Choose all of them at once.",
        "choose_again": "The files were not sent. Choose them again before you press the button.",
        "fault_too_many": "These are too many files. Choose 5 at most.",
        "fault_too_large": "The files are too large. Choose fewer, or smaller pictures; you can send your complaint "
        "without them, too. The largest that one file may be, in MB:",
        "send": "Send",
        "faults": "Some of what you filled in needs mending. Nothing was sent yet; the rest is still here.",
        "fault_body": "Write what happened, in at most 20,000 characters.",
        "fault_email": "This is no e-mail address. For example: name@example.id",
        "fault_phone": "This number cannot be called. For example: 0812-3456-7890",
        "fault_programme_number": "A Kartu Prakerja number has digits and letters only.",
        "fault_name": "A name has at most 200 characters, on one line.",
        "fault_subject": "A subject has at most 300 characters, on one line.",
        "sent_title": "We have your complaint",
        "code": "Your code",
        "keep": "Write this code down, or take a picture of it.",
        "by_email": "We tell you by e-mail to",
        "by_phone": "We tell you by SMS to",
        "by_nothing": "You left no address, so we cannot tell you anything: keep this code.",
        "another": "Tell us something else",
        "sent_before": "What this page sent before was received, and said something else. What stands here now was not "
        "sent. If it is another complaint, press the button once more.",
        "away": "Something is wrong on our side: nothing was sent yet. What you wrote is still here; press the button "
        "again in a moment.",
        "wait": "Too much came from your network, and this was not sent yet. What you wrote is still here: wait a "
        "moment, then press the button again. Seconds:",
        "unknown": "This address is not known",
        "unknown_text": "Look whether it was cut off.",
        "failed": "This page cannot be opened just now",
        "failed_text": "The fault is on our side. Please try again in a few minutes.",
        "too_large": "This is too large",
        "too_large_text": "Nothing of it was kept. Go back, shorten what you wrote, and send it again.",
        "invalid": "This cannot be read",
        "invalid_text": "Nothing of it was kept. Please open the form once more.",
    },
}
_REPLY: Words = {
    "id": {
        "title": "Balas atau kirim berkas",
        "intro": "Tulisan Anda kami tambahkan pada pengaduan Anda.",
        "body": "Tulisan Anda",
        "send": "Kirim",
        "to_case": "Kembali ke pengaduan Anda",
        "faults": "Ada isian yang perlu diperbaiki. Balasan Anda belum terkirim.",
        "fault_empty": "Tuliskan sesuatu, atau pilih berkas.",
        "fault_body": "Tulisan paling banyak 20.000 huruf.",
        "fault_too_large": "Berkasnya terlalu besar. Pilih lebih sedikit, atau foto yang lebih kecil; balasan dapat "
        "juga dikirim tanpa berkas. Paling besar satu berkas, dalam MB:",
        "sent_title": "Balasan Anda sudah kami terima",
        "sent_text": "Yang Anda kirim kami tambahkan pada pengaduan Anda. Tulisannya terlihat di halaman pengaduan "
        "sebentar lagi.",
        "sent_before": "Kiriman dari halaman ini sudah kami terima, dengan isi yang lain. Isian yang sekarang belum "
        "terkirim. Bila memang ingin Anda kirim juga, tekan tombolnya sekali lagi.",
        "away": "Gangguan di pihak kami: balasan Anda belum terkirim. Isian Anda masih ada; tekan tombolnya sekali "
        "lagi sebentar lagi.",
    },
    "en": {
        "title": "Reply, or send a file",
        "intro": "What you write is added to your case.",
        "body": "What you want to say",
        "send": "Send",
        "to_case": "Back to your case",
        "faults": "Some of what you filled in needs mending. Nothing was sent yet.",
        "fault_empty": "Write something, or choose a file.",
        "fault_body": "Write at most 20,000 characters.",
        "fault_too_large": "The files are too large. Choose fewer, or smaller pictures; you can reply without them, "
        "too. The largest that one file may be, in MB:",
        "sent_title": "We have your reply",
        "sent_text": "What you sent is added to your case. What you wrote is on its page in a moment.",
        "sent_before": "What this page sent before was received, and said something else. What stands here now was not "
        "sent. If you want to send it, too, press the button once more.",
        "away": "Something is wrong on our side: your reply was not sent yet. What you wrote is still here; press the "
        "button again in a moment.",
    },
}
REPLY_WORDS: Words = {language: {**FORM_WORDS[language], **_REPLY[language]} for language in LANGUAGES}
"""What the form says in which a citizen answers."""
