"""What a mail says, and what comes with it, as mail programs write it."""

import base64
import io
import zipfile

import pytest

from services.intake.domain.utterances import Unreadable, Utterance
from tests.services.intake.mail.given import items, mail, multipart, part, utterance

REPLACED = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("charset", "content", "meant"),
    [
        ("bogus", b"caf\xc3\xa9", "café"),
        ("bogus", b"caf\xe9 \x80", "café €"),
        ("utf-8", b"caf\xe9", "café"),
        ("us-ascii", "café".encode(), "café"),
        ("iso-8859-1", b"\x93halo\x94", "“halo”"),
        ("1252", b"caf\xe9", "café"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("utf-16", "halo".encode("utf-16"), "halo"),
        ("zlib", b"x\x9c\x03\x00", "xœ\x03" + REPLACED),
        ("punycode", b"caf-dma", "caf-dma"),
        ("undefined", b"halo", "halo"),
        ("utf-8", b"\x81\x8d", "\x81\x8d"),
    ],
)
def test_text_is_read_whatever_its_charset_is_called(charset: str, content: bytes, meant: str) -> None:
    """E6."""
    encoded = base64.encodebytes(content)
    head = {"Content_Type": f"text/plain; charset={charset}", "Content_Transfer_Encoding": "base64"}
    assert utterance(mail(encoded, **head)).body == meant


def test_zero_and_lone_surrogates_are_replaced() -> None:
    """E7."""
    found = utterance(mail(b"Halo\x00 pak \\ud800", Subject=b"a\x00b"))
    assert (found.body, found.subject) == (f"Halo{REPLACED} pak \\ud800", "ab")


@pytest.mark.parametrize("encoding", ["quoted-printable", "Quoted-Printable ; x", "QUOTED-PRINTABLE"])
def test_encoding_is_found_however_it_is_written(encoding: str) -> None:
    content = mail("Ins=65ntif=\r\n belum", Content_Transfer_Encoding=encoding)
    assert utterance(content).body == "Insentif belum"


def test_broken_base64_is_read_as_far_as_it_goes() -> None:
    assert utterance(mail("SGFsbw==!!\r\n*", Content_Transfer_Encoding="base64")).body == "Halo"
    assert utterance(mail("SGFsb", Content_Transfer_Encoding="base64")).body == "Hal"


def test_plain_text_is_preferred_unless_it_is_empty() -> None:
    html = part("<p>Halo <b>pak</b></p>", "text/html")
    assert utterance(multipart(part("Halo pak"), html, kind="alternative")).body == "Halo pak"
    assert utterance(multipart(part("  \r\n"), html, kind="alternative")).body == "Halo pak"
    assert utterance(multipart(html, part("Halo teks"), kind="alternative")).body == "Halo teks"


def test_html_is_text_in_its_lines_without_scripts() -> None:
    html = "<style>p{}</style><script>x()</script><p>Satu</p><div>Dua<br>Tiga</div><table><tr><td>a<td>b</table>"
    assert utterance(mail(html, Content_Type="text/html")).body == "Satu\n\nDua\nTiga\na b"


def test_html_of_endless_depth_is_read_or_passed_over() -> None:
    assert len(items(mail("<div>" * 50_000 + "halo", Content_Type="text/html"))) == 1


def test_quoted_text_stays_whole() -> None:
    """E9."""
    quoted = "On Fri, Satu Atap wrote:\r\n> Terima kasih\r\n\r\njawaban di bawah"
    typed = f"Saya minta pengembalian\r\n\r\n----------\r\n{quoted}"
    assert utterance(mail(typed)).body == typed.replace("\r\n", "\n")
    nested = "Saya minta pengembalian<html><blockquote>Terima kasih</blockquote></html>"
    body = utterance(mail(nested, Content_Type="text/html")).body
    assert "Saya minta pengembalian" in body
    assert "Terima kasih" in body


@pytest.mark.parametrize(
    ("written", "head", "meant"),
    [
        ("Satu \r\ndua\r\ntiga", "", "Satu dua\ntiga"),
        ("Satu \r\ndua", "; delsp=yes", "Satudua"),
        ("> Satu \r\n> dua\r\ntiga", "", "> Satu dua\ntiga"),
        ("Halo\r\n-- \r\nWarga", "", "Halo\n-- \nWarga"),
        (" >bukan kutipan\r\n> \r\n", "", ">bukan kutipan\n>"),
    ],
)
def test_lines_that_flow_are_joined(written: str, head: str, meant: str) -> None:
    assert utterance(mail(written, Content_Type=f"text/plain; format=flowed{head}")).body == meant


def test_texts_of_several_parts_are_joined_and_files_stay_files() -> None:
    picture = part(b"\x89PNG\r\n\x1a\n....", "image/png; name=foto.png", Content_Disposition="inline")
    note = part("catatan", "text/plain", Content_Disposition='attachment; filename="catatan.txt"')
    found = utterance(multipart(part("Sebelum"), picture, part("Sesudah"), note))
    assert found.body == "Sebelum\nSesudah"
    assert [(file.name, file.media_type) for file in found.attachments] == [
        ("foto.png", "image/png"),
        ("catatan.txt", "text/plain"),
    ]


def test_inline_images_of_html_are_files() -> None:
    picture = part(b"GIF89a....", "image/gif", Content_ID="<foto>")
    found = utterance(multipart(part('<p>Lihat<img src="cid:foto"></p>', "text/html"), picture, kind="related"))
    assert (found.body, [file.media_type for file in found.attachments]) == ("Lihat", ["image/gif"])


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("signed", "application/pgp-signature"),
        ("signed", "application/pkcs7-signature"),
        ("mixed", "text/calendar"),
        ("alternative", "text/calendar; method=REQUEST"),
        ("mixed", "text/vcard"),
        ("mixed", "text/csv"),
    ],
)
def test_parts_for_programs_are_kept_as_files(kind: str, media_type: str) -> None:
    found = utterance(multipart(part("Halo"), part("apa pun", media_type), kind=kind))
    assert found.body == "Halo"
    assert [file.media_type for file in found.attachments] == [media_type.partition(";")[0]]


def test_encrypted_mail_is_a_contact_with_its_parts() -> None:
    secret = part("-----BEGIN PGP MESSAGE-----", "application/octet-stream")
    found = utterance(multipart(part("Version: 1", "application/pgp-encrypted"), secret, kind="encrypted"))
    assert (found.subject, found.body, len(found.attachments)) == ("Insentif", "", 2)


def test_forwarded_mail_is_a_file_and_the_text_where_there_is_no_other() -> None:
    forwarded = part(mail("Kata orang lain", Subject="Aslinya"), "message/rfc822")
    found = utterance(multipart(part("Mohon dibantu"), forwarded))
    assert (found.body, found.attachments[0].name) == ("Mohon dibantu", "Aslinya.eml")
    assert b"Kata orang lain" in (found.attachments[0].content or b"")
    assert utterance(multipart(forwarded)).body == "Kata orang lain"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=us-ascii''b%F6rse.pdf", "börse.pdf"),
        ("attachment; filename*0*=utf-8''bukti%20; filename*1=transfer.pdf", "bukti transfer.pdf"),
        ('attachment; filename="=?utf-8?q?b=C3=B6rse=2Epdf?="', "börse.pdf"),
        ("attachment; filename=ciële.pdf", "ciële.pdf"),
        ('attachment; filename="C:\\\\foto\\\\ktp.jpg"', "ktp.jpg"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment", ""),
    ],
)
def test_file_has_its_name_without_folders(disposition: str, name: str) -> None:
    found = utterance(multipart(part("Halo"), part("isi", "application/pdf", Content_Disposition=disposition)))
    assert [file.name for file in found.attachments] == [name]


def test_file_is_of_the_kind_that_it_is() -> None:
    found = utterance(multipart(part("Halo"), part(b"%PDF-1.4 ....", "image/jpeg; name=foto.jpg")))
    assert found.attachments[0].media_type == "application/pdf"


def test_uuencoded_file_is_decoded() -> None:
    uu = "begin 644 catatan.txt\r\n$2&%L;P``\r\n`\r\nend\r\n"
    attached = part(uu, "application/x-catatan; name=catatan.txt", Content_Transfer_Encoding="x-uuencode")
    assert utterance(multipart(part("Halo"), attached)).attachments[0].content == b"Halo"


@pytest.mark.parametrize("line", ["", "$2&%", "\x7f\x7f", "M"])
def test_uuencoded_file_with_a_broken_line_has_the_others(line: str) -> None:
    uu = f"begin 644 a\r\n$2&%L;P``\r\n{line}\r\n`\r\nend\r\n"
    attached = part(uu, "application/x-catatan; name=a", Content_Transfer_Encoding="x-uuencode")
    assert (utterance(multipart(part("Halo"), attached)).attachments[0].content or b"").startswith(b"Halo")


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("a \n" * 1_000_000, {"Content_Type": "text/plain; format=flowed"}),
        ("begin 644 a\r\n" * 200_000, {"Content_Transfer_Encoding": "x-uuencode"}),
        ("halo", {"Content_Type": "text/plain; " + "a=b;" * 1_000_000}),
        ("halo", {"Content_Disposition": "attachment; " + "filename*0*=a;\r\n " * 200_000}),
        ("=\r\n" * 1_000_000, {"Content_Transfer_Encoding": "quoted-printable"}),
    ],
    ids=["flowed", "uuencoded", "parameters", "names", "quoted"],
)
def test_mail_of_megabytes_is_read_in_a_time_that_grows_with_its_length(body: str, head: dict[str, str]) -> None:
    assert len([item for item in items(mail(body, **head)) if isinstance(item, Utterance)]) == 1


def test_file_that_unpacks_to_much_stays_packed() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nol", bytes(50_000_000))
    bomb = part(base64.encodebytes(packed.getvalue()), "application/zip", Content_Transfer_Encoding="base64")
    assert utterance(multipart(part("Halo"), bomb)).attachments[0].content == packed.getvalue()


def nested(kind: str, depth: int) -> bytes:
    """A mail in which so many groups, or mails, are inside one another."""
    content = part("paling dalam")
    for level in range(depth):
        if kind == "message":
            content = part(content, "message/rfc822")
        else:
            between = f"--b{level}".encode()
            group = between + b"\r\n" + content + b"\r\n" + between + b"--"
            content = part(group, f'multipart/mixed; boundary="b{level}"')
    return b"From: warga@surel.example\r\nSubject: Dalam\r\n" + content


@pytest.mark.parametrize("kind", ["multipart", "message"])
def test_thousand_nested_parts_are_a_contact_with_the_mail_as_its_file(kind: str) -> None:
    """E8."""
    content = nested(kind, 1_000)
    found = items(content)
    assert [type(item) for item in found] == [Utterance, Unreadable]
    assert utterance(content).subject == "Dalam"
    assert utterance(content).attachments[0].content == content


@pytest.mark.parametrize("kind", ["multipart", "message"])
def test_some_nested_parts_are_read(kind: str) -> None:
    assert utterance(nested(kind, 40)).body == "paling dalam"


def test_thousands_of_parts_are_read_as_far_as_the_limit() -> None:
    found = items(multipart(*[part("x", "application/pdf")] * 5_000))
    assert [type(item) for item in found] == [Utterance, Unreadable]


def test_text_without_end_is_kept_whole_as_a_file() -> None:
    found = utterance(mail("panjang " * 100_000))
    assert len(found.body) == 200_000
    assert found.attachments[0].content == ("panjang " * 100_000).strip().encode()


def test_group_without_parts_is_its_text() -> None:
    assert utterance(mail("Halo", Content_Type="multipart/mixed")).body == "Halo"
    assert utterance(mail("Halo", Content_Type='multipart/mixed; boundary="tidak ada"')).body == "Halo"
