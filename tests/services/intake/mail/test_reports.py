"""What other servers tell of mails of ours: matched with the notice, and no contact."""

from uuid import UUID

import pytest

from services.intake.domain.utterances import Receipt, Unreadable, Utterance
from tests.services.intake.given import count
from tests.services.intake.mail.conftest import Post
from tests.services.intake.mail.given import items, mail, multipart, part

NOTICE = UUID("019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f")
OURS = f"From: lapor@satuatap.example\r\nMessage-ID: <{NOTICE}@satuatap.example>\r\nX-Satu-Atap-Notice: {NOTICE}\r\n"
DAEMON = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"


def report(action: str = "failed", status: str = "5.1.1", original: bytes | None = None, **headers: str) -> bytes:
    """A report in parts (RFC 3464)."""
    fields = f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; w@x\r\nAction: {action}\r\nStatus: {status}"
    returned = part(OURS + "\r\nisi", "message/rfc822") if original is None else original
    told = part(fields, "message/delivery-status")
    return multipart(part("Maaf"), told, returned, kind="report", From=DAEMON, Auto_Submitted="auto-replied", **headers)


def receipts(content: bytes) -> list[Receipt]:
    found = items(content)
    assert not any(isinstance(item, Utterance) for item in found)
    return [item for item in found if isinstance(item, Receipt)]


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("failed", "failed"),
        ("Failed", "failed"),
        ("delayed", "delayed"),
        ("delivered", "delivered"),
        ("relayed", "sent"),
        ("expanded", "sent"),
    ],
)
def test_action_decides(action: str, status: str) -> None:
    [receipt] = receipts(report(action, "4.2.2"))
    assert (receipt.status, receipt.reason, receipt.notice_id) == (status, "4.2.2", NOTICE)


@pytest.mark.parametrize(
    "original",
    [
        part(OURS, "text/rfc822-headers"),
        part(OURS + "\r\nisi", "message/rfc822"),
        part(f"Message-ID: <{NOTICE}@satuatap.example>", "message/rfc822-headers"),
        part(
            f"Message-ID: <0102-x@ap-southeast-1.amazonses.com>\r\nX-Satu-Atap-Notice: {NOTICE}", "text/rfc822-headers"
        ),
    ],
)
def test_notice_is_found_in_what_came_back(original: bytes) -> None:
    """E11: a relay may give our mail another Message-ID."""
    [receipt] = receipts(report(original=original))
    assert receipt.notice_id == NOTICE


def test_notice_is_found_by_what_the_report_refers_to() -> None:
    [receipt] = receipts(report(original=b"", In_Reply_To=f"<{NOTICE}@satuatap.example>"))
    assert (receipt.notice_id, receipt.external_id) == (NOTICE, f"{NOTICE}@satuatap.example")
    [receipt] = receipts(report(original=b"", In_Reply_To=f"<{NOTICE}.token.of-a-case@satuatap.example>"))
    assert receipt.notice_id == NOTICE


def test_report_of_several_recipients_tells_each_outcome_once() -> None:
    groups = "\r\n\r\n".join(
        f"Final-Recipient: rfc822; {name}@x\r\nAction: {action}\r\nStatus: {status}"
        for name, action, status in [("a", "failed", "5.1.1"), ("b", "failed", "5.1.1"), ("c", "delayed", "4.2.2")]
    )
    told = part("Reporting-MTA: dns; mx\r\n\r\n" + groups, "message/delivery-status")
    found = receipts(multipart(part("Maaf"), told, part(OURS, "text/rfc822-headers"), kind="report"))
    assert [(receipt.status, receipt.reason) for receipt in found] == [("failed", "5.1.1"), ("delayed", "4.2.2")]


def test_report_that_names_no_mail_waits_for_a_person() -> None:
    found = items(report(original=b""))
    assert [type(item) for item in found] == [Unreadable]


def test_receipt_of_a_mail_program_says_that_it_was_read() -> None:
    fields = f"Original-Message-ID: <{NOTICE}@x>\r\nDisposition: manual-action/MDN-sent-manually; displayed"
    told = part(fields, "message/disposition-notification")
    [receipt] = receipts(multipart(part("Dibaca"), told, kind="report"))
    assert (receipt.status, receipt.notice_id) == ("read", NOTICE)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"X_Failed_Recipients": "w@x", "Subject": "Delivery Status"}, "550 5.1.1 no", "failed", "5.1.1"),
        ({"Subject": "Undeliverable: Insentif", "Return_Path": "<>"}, "#550 5.1.10 RESOLVER.ADR", "failed", "5.1.10"),
        ({"Subject": "failure notice"}, "Hi. This is the qmail-send program.", "failed", ""),
        ({"Subject": "Delivery delayed"}, "will keep trying 4.4.1", "delayed", "4.4.1"),
        ({"Subject": "Pesan tidak terkirim"}, "kotak penuh 5.2.2", "failed", "5.2.2"),
    ],
)
def test_report_in_words_is_told_by_our_mail_in_it(headers: dict[str, str], body: str, status: str, code: str) -> None:
    [receipt] = receipts(mail(f"{body}\r\n\r\n{OURS}", **{"From": DAEMON, **headers}))
    assert (receipt.status, receipt.reason, receipt.notice_id) == (status, code, NOTICE)


@pytest.mark.parametrize(
    "content",
    [
        mail("Undeliverable? Apa artinya?", Subject="Undeliverable: Insentif"),
        mail("tentang surat lain 5.1.1", From=DAEMON, Subject="Undeliverable"),
        mail(OURS, Subject="Fwd: Undeliverable"),
    ],
)
def test_mail_that_only_looks_like_a_report_is_a_contact(content: bytes) -> None:
    [found] = items(content)
    assert isinstance(found, Utterance)


async def test_report_is_published_and_makes_no_contact(post: Post) -> None:
    await post.bring(report())
    [event] = await post.events(1)
    assert (event.type, event.data.status, event.data.notice_id) == ("delivery.reported", "failed", NOTICE)
    assert await count(post.service.db, "contacts") == 0
