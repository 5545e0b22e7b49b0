"""Mail over real SMTP: each way in which a server can answer, fall silent or go away has its own outcome."""

import asyncio
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import AuthResult
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from services.local.engines import free_port
from services.notify.domain.delivery import Accepted, Deferred, NotHanded, Outcome, Refused, Uncertain, Why
from services.notify.providers import smtp
from services.notify.providers.smtp import SmtpProvider
from services.notify.service.letters import Letters
from tests.services.notify.given import NOW, escalated, hand, notice, settings
from tests.services.notify.mail_servers import OK, MailServer, rude_server


def body_of(mail: EmailMessage) -> str:
    """The text as it was written: on the wire each line ends with CRLF."""
    return str(mail.get_content()).replace("\r\n", "\n")


# -- outcomes ---------------------------------------------------------------------------------------------------


async def test_what_the_server_took_is_accepted_with_its_answer() -> None:
    server = MailServer(says_to_text="250 2.0.0 Ok: queued as 4XyZ")
    assert await server.send(notice(), notice()) == [Accepted("2.0.0 Ok: queued as 4XyZ")] * 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such user", Refused("SMTP 550")),
        ("551 User not local", Refused("SMTP 551")),
        ("450 Mailbox busy", Deferred("SMTP 450")),
        ("451 4.7.1 Greylisted", Deferred("SMTP 451")),
        ("452 Mailbox full", Deferred("SMTP 452")),
    ],
)
async def test_no_is_no_and_not_now_is_not_now(answer: str, outcome: Outcome) -> None:
    """To the recipient or to the text: it was certainly not taken. The server's words may quote, and are not kept."""
    assert await MailServer(says_to_recipient=lambda _: answer).send(notice()) == [outcome]
    assert await MailServer(says_to_text=answer).send(notice()) == [outcome]


async def test_a_bad_recipient_does_not_hurt_the_next() -> None:
    server = MailServer(says_to_recipient=lambda to: "550 No such user" if to.startswith("lama") else OK)
    batch = [notice(), notice(address="lama@surel.example"), notice(), notice(address="lama@x.example"), notice()]
    outcomes = await server.send(*batch)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted, Refused, Accepted]
    assert [mail["X-Satu-Atap-Notice"] for mail in server.took] == [str(batch[i].id) for i in (0, 2, 4)]


async def test_when_nobody_listens_nothing_was_handed_over() -> None:
    provider = SmtpProvider(settings(smtp_port=free_port()))
    outcomes = await hand(provider, notice(), notice(), notice())
    assert {type(outcome) for outcome in outcomes} == {NotHanded}
    assert len(outcomes) == 3


@pytest.mark.parametrize("answer", ["421 Closing", "what", "299 who knows"])
async def test_recipient_at_whom_the_server_goes_away_stalls_nobody(answer: str) -> None:
    server = MailServer(says_to_recipient=lambda to: answer if to.startswith("dua") else OK)
    others = [notice() for _ in range(9)]
    outcomes = await server.send(*others[:4], notice(address="dua@surel.example"), *others[4:])
    assert [type(outcome) for outcome in outcomes] == [*[Accepted] * 4, Deferred, *[Accepted] * 5]
    assert [mail["X-Satu-Atap-Notice"] for mail in server.took] == [str(one.id) for one in others]


async def test_server_that_goes_away_at_one_recipient_after_another_is_away() -> None:
    server = MailServer(says_to_recipient=lambda _: "421 Closing")
    outcomes = await server.send(*(notice() for _ in range(5)))
    assert [type(outcome) for outcome in outcomes] == [Deferred, Deferred, Deferred, NotHanded, Deferred]


@pytest.mark.parametrize("command", [b"EHLO", b"MAIL"])
async def test_a_server_that_dies_before_a_recipient_is_away(command: bytes) -> None:
    async with rude_server(command) as provider:
        assert {type(outcome) for outcome in await hand(provider, notice(), notice())} == {NotHanded}


@pytest.mark.parametrize("command", [b"RCPT", b"DATA"])
async def test_a_server_that_dies_before_the_text_has_taken_nothing(command: bytes) -> None:
    async with rude_server(command) as provider:
        assert {type(outcome) for outcome in await hand(provider, notice(), notice())} == {Deferred}


async def test_server_that_is_silent_before_the_text_has_taken_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_TIMEOUT_SECONDS", 0.2)
    async with rude_server(b"nobody", silent_at=b"DATA") as provider:
        assert [type(outcome) for outcome in await hand(provider, notice())] == [Deferred]


async def test_server_that_takes_its_time_for_the_final_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_TIMEOUT_SECONDS", 0.2)
    server = MailServer(thinks_for_seconds=1)
    assert [type(outcome) for outcome in await server.send(notice())] == [Accepted]


@pytest.mark.parametrize("answer", ["what", "250", "abc def", "999 odd", "354 again", "220 hello"])
async def test_answer_to_the_text_that_is_no_answer_leaves_us_uncertain(answer: str) -> None:
    """Only a proper 4xx or 5xx says that it was not taken: what is sent again might be read twice."""
    outcomes = await MailServer(says_to_text=answer).send(notice(), notice())
    expected = Accepted if answer == "250" else Uncertain
    assert [type(outcome) for outcome in outcomes] == [expected] * 2


async def test_answer_to_the_text_without_an_end_leaves_us_uncertain() -> None:
    server = MailServer(says_to_text="\r\n".join(["250-und so weiter"] * 20_000))
    assert [type(outcome) for outcome in await server.send(notice())] == [Uncertain]


async def test_a_server_that_dies_after_the_text_leaves_us_uncertain() -> None:
    outcomes = await MailServer(dies_after_text=True).send(notice(), notice())
    assert {type(outcome) for outcome in outcomes} == {Uncertain}


@pytest.mark.parametrize("line", [b"Terima kasih.", b".\r\n"])
async def test_a_server_that_dies_in_the_text_leaves_us_uncertain(line: bytes) -> None:
    async with rude_server(line) as provider:
        [outcome] = await hand(provider, notice())
    assert isinstance(outcome, Uncertain)


async def test_after_a_break_it_connects_anew() -> None:
    server = MailServer()
    async with server.running() as provider:
        assert isinstance((await hand(provider, notice()))[0], Accepted)
    async with server.running() as _:
        assert isinstance((await hand(provider, notice()))[0], Accepted)
        await provider.close()
    assert len(server.took) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("login", [{"smtp_username": "kami", "smtp_password": "salah"}, {}])
async def test_our_own_wrong_password_is_no_verdict_on_a_notice(login: dict[str, str]) -> None:
    """As with the SMS gateway's 401: nothing was handed over, and it goes on once the password is right."""
    server = MailServer()

    def unknown(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with server.running(auth_required=True, auth_require_tls=False, authenticator=unknown):
        provider = SmtpProvider(settings(smtp_port=server.port, **login))
        outcomes = await hand(provider, notice(), notice())
        await provider.close()
    assert outcomes == [NotHanded("SMTP 535, to our login" if login else "SMTP 530", Why.REFUSES_US)] * 2


async def test_server_that_is_busy_is_away_and_one_that_refuses_us_is_left_alone_for_longer() -> None:
    for answer, why in (("421 Try later", Why.AWAY), ("451 Busy", Why.AWAY), ("550 Not you", Why.REFUSES_US)):

        class Choosy(MailServer):
            async def handle_MAIL(self, *_: object, answer: str = answer) -> str:
                return answer

        assert await Choosy().send(notice()) == [NotHanded(f"SMTP {answer[:3]}", why)]


async def test_notice_whose_claim_has_ended_is_not_handed_over() -> None:
    """The process was stopped for minutes: somebody else may have it by now."""
    server = MailServer()
    async with server.running() as provider:
        assert isinstance((await hand(provider, notice()))[0], Accepted)
        assert isinstance(await provider.send(notice(), until=0), NotHanded | Deferred)
        assert isinstance((await hand(provider, notice()))[0], Accepted)
    assert len(server.took) == 2


async def test_server_that_is_slower_than_the_claim_is_handed_nothing() -> None:
    async with rude_server(b"nobody", silent_at=b"RCPT") as provider:
        soon = asyncio.get_running_loop().time() + 0.2
        assert isinstance(await provider.send(notice(), soon), Deferred)


async def test_without_the_encryption_that_we_were_told_to_use_nothing_is_handed_over() -> None:
    server = MailServer()
    async with server.running():
        provider = SmtpProvider(settings(smtp_port=server.port, smtp_tls="starttls"))
        [outcome] = await hand(provider, notice())
    assert isinstance(outcome, NotHanded)
    assert server.took == []


@pytest.mark.parametrize("address", ["jörg@surel.example", "warga@bücher.example", "a b@surel.example"])
async def test_an_address_that_cannot_be_written_is_refused_and_does_not_hurt_the_next(address: str) -> None:
    """A provider never raises: the whole batch would be uncertain, and the process would end."""
    server = MailServer()
    outcomes = await server.send(notice(address=address), notice())
    assert [type(outcome) for outcome in outcomes] == [Refused, Accepted]


# -- the mail ---------------------------------------------------------------------------------------------------


async def test_a_mail_says_who_it_is_and_that_nobody_needs_to_answer_it() -> None:
    server, one = MailServer(), notice(reason="escalated")
    await server.send(one)
    [mail] = server.took
    assert mail["From"] == "Satu Atap <layanan@satuatap.example>"
    assert mail["To"] == one.address
    assert mail["Subject"] == one.subject
    assert mail["Message-ID"] == f"<{one.id}@satuatap.example>"
    assert mail["References"] == f"<{one.ticket_id}@satuatap.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Satu-Atap-Notice"], mail["X-Satu-Atap-Reason"]) == (str(one.id), "escalated")
    assert mail["Date"].datetime == NOW


async def test_a_letter_in_indonesian_arrives_as_it_was_written() -> None:
    letter = Letters("id").write(
        "escalated", "email", escalated(unit="Dinas “Ketenagakerjaan” – Papua", zone="Asia/Jayapura")
    )
    server = MailServer()
    await server.send(notice(subject=letter.subject, body=letter.body))
    assert server.took[0]["Subject"] == letter.subject
    assert body_of(server.took[0]) == letter.body


async def test_a_line_break_in_a_subject_makes_no_header() -> None:
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
    assert await server.send(sent) == [Accepted(OK[4:])]
    assert body_of(server.took[0]) == sent.body
    assert server.took[0]["Subject"] == sent.subject


async def test_a_long_paragraph_is_no_long_line() -> None:
    """A line has at most 998 octets (RFC 5321, 4.5.3.1.6); an agent's answer is one paragraph of any length."""
    server = MailServer()
    one = notice(body="Insentif Anda sudah kami periksa. " * 60 + "\n")
    assert await server.send(one) == [Accepted(OK[4:])]
    assert body_of(server.took[0]) == one.body
