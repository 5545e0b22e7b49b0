"""Files that come with mails are kept, and told."""

import base64
from pathlib import Path

from services.intake.storage import Directory
from tests.conftest import FrozenClock, eventually
from tests.services.intake.given import count, rows
from tests.services.intake.mail.conftest import Post
from tests.services.intake.mail.given import multipart, part

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40
WITH_FILES = multipart(
    part("Terlampir."),
    part(
        base64.encodebytes(PDF),
        "application/octet-stream",
        Content_Transfer_Encoding="base64",
        Content_Disposition='attachment; filename="../../etc/bukti transfer.pdf"',
    ),
    part("BEGIN:VCARD\r\nEND:VCARD", "text/vcard; name=warga.vcf"),
)


async def test_files_are_kept_and_told(post: Post, tmp_path: Path) -> None:
    await post.bring(WITH_FILES)
    [contact] = await post.events(1)
    pdf, card = contact.data.attachments
    assert (pdf.name, pdf.media_type, pdf.size) == ("bukti transfer.pdf", "application/pdf", len(PDF))
    assert (card.name, contact.data.body) == ("warga.vcf", "Terlampir.")
    assert await Directory(tmp_path / "attachments").get(pdf.id) == PDF
    kept = await rows(post.service.db, "SELECT * FROM attachments ORDER BY place")
    assert [(file.id, file.contact_id, file.size) for file in kept] == [
        (told.id, contact.data.contact_id, told.size) for told in (pdf, card)
    ]


async def test_files_of_a_mail_that_comes_again_are_kept_once(post: Post, tmp_path: Path) -> None:
    for _ in range(3):
        await post.bring(WITH_FILES)
    await post.events(1)
    assert await count(post.service.db, "attachments") == 2
    assert len([file for file in (tmp_path / "attachments").rglob("*") if file.is_file()]) == 2


async def test_mail_waits_while_its_files_cannot_be_kept(post: Post, tmp_path: Path, clock: FrozenClock) -> None:
    (tmp_path / "attachments").write_text("not a folder")
    await post.bring(WITH_FILES)
    [parser] = [worker for worker in post.service.workers if worker.name == "parser"]

    async def is_in_trouble() -> bool:
        return "INTAKE_ATTACHMENTS_DIR" in (parser.trouble or "")

    await eventually(is_in_trouble)
    assert await count(post.service.db, "contacts") == 0
    (tmp_path / "attachments").unlink()
    clock.forward(minutes=1)
    assert len(await post.events(1)) == 1
