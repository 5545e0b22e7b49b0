"""What stands in a conversation for what is no text, in the language of those who write to us."""

UNSHOWABLE = "[pesan yang tidak dapat ditampilkan di sini]"
LOCATION = "[lokasi]"
STICKER = "[stiker]"

_MEDIA = {
    "image": "[gambar]",
    "video": "[video]",
    "audio": "[pesan suara]",
    "document": "[berkas]",
    "file": "[berkas]",
    "sticker": STICKER,
}


def media_line(kind: str, caption: str = "") -> str:
    """The line for a picture, a recording or a file, with what was written under it."""
    return f"{_MEDIA[kind]} {caption}".strip()


def is_media(kind: object) -> bool:
    """Whether this is a kind of message that has a file."""
    return kind in _MEDIA
