"""The text of a mail: what the citizen reads is what was written, and every header says what it must."""

from email.message import EmailMessage

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from services.notify.domain.delivery import Acceptance
from services.notify.service.letters import Letters
from tests.services.notify.given import NOW, THREADS, escalated, notice
from tests.services.notify.mail_servers import OK, MailServer


def body_of(mail: EmailMessage) -> str:
    """The text as it was written: on the wire each line ends with CRLF."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def test_mail_says_who_it_is_and_that_nobody_needs_to_answer_it() -> None:
    server, one = MailServer(), notice(reason="escalated")
    await server.send(one)
    [mail] = server.took
    assert mail["From"] == "Satu Atap <layanan@satuatap.example>"
    assert mail["To"] == one.address
    assert mail["Subject"] == one.subject
    token = mail["References"].removeprefix("<").removesuffix("@satuatap.example>")
    assert THREADS.read(token) == one.ticket_id
    assert mail["Message-ID"] == f"<{one.id}.{token}@satuatap.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Satu-Atap-Notice"], mail["X-Satu-Atap-Reason"]) == (str(one.id), "escalated")
    assert mail["Date"].datetime == NOW


async def test_mail_to_the_staff_has_nothing_by_which_an_answer_would_be_the_citizens() -> None:
    server, one = MailServer(), notice(reason="alerted")
    await server.send(one)
    [mail] = server.took
    assert mail["Message-ID"] == f"<{one.id}@satuatap.example>"
    assert (mail["References"], mail["Reply-To"]) == (None, None)
    assert THREADS.issue(one.ticket_id) not in mail.as_string()


async def test_letter_in_indonesian_arrives_as_it_was_written() -> None:
    letter = Letters("id").write(
        "escalated", "email", escalated(unit="Dinas “Ketenagakerjaan” – Papua", zone="Asia/Jayapura")
    )
    server = MailServer()
    await server.send(notice(subject=letter.subject, body=letter.body))
    assert server.took[0]["Subject"] == letter.subject
    assert body_of(server.took[0]) == letter.body


async def test_line_break_in_a_subject_makes_no_header() -> None:
    """Letters never write one; should one come all the same, it reaches nobody else."""
    server = MailServer()
    await server.send(notice(subject="Halo\r\nBcc: lain@surel.example\r\n\r\nIsi lain"))
    assert [mail for mail in server.took if mail["Bcc"] or "lain" in mail.get_content()] == []


lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200)


@examples(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(lines, min_size=1, max_size=6), lines)
async def test_every_body_and_subject_arrives_as_it_was_written(body: list[str], subject: str) -> None:
    """Dots alone on a line, long lines, every script: what the citizen reads is what was written."""
    server = MailServer()
    sent = notice(subject=" ".join(subject.split()) or "x", body="\n".join([*body, ".", "..", "akhir"]) + "\n")
    assert await server.send(sent) == [Acceptance(OK[4:])]
    assert body_of(server.took[0]) == sent.body
    assert server.took[0]["Subject"] == sent.subject


async def test_long_paragraph_is_no_long_line() -> None:
    """A line has at most 998 octets (RFC 5321, 4.5.3.1.6); an agent's answer is one paragraph of any length."""
    server = MailServer()
    one = notice(body="Insentif Anda sudah kami periksa. " * 60 + "\n")
    assert await server.send(one) == [Acceptance(OK[4:])]
    assert body_of(server.took[0]) == one.body
