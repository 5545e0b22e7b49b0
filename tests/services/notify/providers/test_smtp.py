"""Mail over real SMTP: each way in which a server can answer, fall silent or go away has its own outcome."""

import asyncio
import ssl
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.local.engines import free_port
from services.notify.domain.delivery import Acceptance, Deferral, Doubt, NoHandover, Outcome, ProviderTrouble, Rejection
from services.notify.providers import smtp
from services.notify.providers.smtp import SmtpProvider
from shared.clock import utcnow
from tests.conftest import eventually
from tests.services.notify.given import THREADS, hand, notice, settings
from tests.services.notify.mail_servers import OK, MailServer, RudeServer


@pytest.fixture(autouse=True, params=[False, True], ids=["one by one", "in groups"])
def in_groups(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the servers take several commands at once: what becomes of a notice is the same."""
    for server in (MailServer, RudeServer):
        monkeypatch.setattr(server, "takes_groups", request.param)
    return bool(request.param)


# -- outcomes ---------------------------------------------------------------------------------------------------


async def test_what_the_server_took_is_accepted_with_its_answer() -> None:
    server = MailServer(says_to_text="250 2.0.0 Ok: queued as 4XyZ")
    assert await server.send(notice(), notice()) == [Acceptance("2.0.0 Ok: queued as 4XyZ")] * 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such user", Rejection("SMTP 550")),
        ("551 User not local", Rejection("SMTP 551")),
        ("450 Mailbox busy", Deferral("SMTP 450")),
        ("451 4.7.1 Greylisted", Deferral("SMTP 451")),
        ("452 Mailbox full", Deferral("SMTP 452")),
    ],
)
async def test_no_is_no_and_not_now_is_not_now(answer: str, outcome: Outcome) -> None:
    """To the recipient or to the text: it was certainly not taken. The server's words may quote, and are not kept."""
    assert await MailServer(says_to_recipient=lambda _: answer).send(notice()) == [outcome]
    assert await MailServer(says_to_text=answer).send(notice()) == [outcome]


async def test_bad_recipient_does_not_hurt_the_next() -> None:
    server = MailServer(says_to_recipient=lambda to: "550 No such user" if to.startswith("lama") else OK)
    batch = [notice(), notice(address="lama@surel.example"), notice(), notice(address="lama@x.example"), notice()]
    outcomes = await server.send(*batch)
    assert [type(outcome) for outcome in outcomes] == [Acceptance, Rejection, Acceptance, Rejection, Acceptance]
    assert [mail["X-Satu-Atap-Notice"] for mail in server.took] == [str(batch[i].id) for i in (0, 2, 4)]


async def test_when_nobody_listens_nothing_was_handed_over() -> None:
    provider = SmtpProvider(settings(smtp_port=free_port()), THREADS)
    outcomes = await hand(provider, notice(), notice(), notice())
    assert {type(outcome) for outcome in outcomes} == {NoHandover}
    assert len(outcomes) == 3


@pytest.mark.parametrize("answer", ["421 Closing", "what", "299 who knows"])
async def test_recipient_at_whom_the_server_goes_away_stalls_nobody(answer: str) -> None:
    server = MailServer(says_to_recipient=lambda to: answer if to.startswith("dua") else OK)
    others = [notice() for _ in range(9)]
    outcomes = await server.send(*others[:4], notice(address="dua@surel.example"), *others[4:])
    assert [type(outcome) for outcome in outcomes] == [*[Acceptance] * 4, Deferral, *[Acceptance] * 5]
    assert [mail["X-Satu-Atap-Notice"] for mail in server.took] == [str(one.id) for one in others]


async def test_server_that_goes_away_at_one_recipient_after_another_is_away() -> None:
    server = MailServer(says_to_recipient=lambda _: "421 Closing")
    outcomes = await server.send(*(notice() for _ in range(5)))
    assert [type(outcome) for outcome in outcomes] == [Deferral, Deferral, Deferral, NoHandover, Deferral]


@pytest.mark.parametrize("command", [b"EHLO", b"MAIL"])
async def test_server_that_dies_before_a_recipient_is_away(command: bytes) -> None:
    async with RudeServer(dies_at=command).running() as provider:
        assert {type(outcome) for outcome in await hand(provider, notice(), notice())} == {NoHandover}


@pytest.mark.parametrize("command", [b"RCPT", b"DATA"])
async def test_server_that_dies_before_the_text_has_taken_nothing(command: bytes) -> None:
    async with RudeServer(dies_at=command).running() as provider:
        assert {type(outcome) for outcome in await hand(provider, notice(), notice())} == {Deferral}


async def test_server_that_is_silent_before_the_text_has_taken_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_TIMEOUT_SECONDS", 0.2)
    async with RudeServer(silent_at=b"DATA").running() as provider:
        assert [type(outcome) for outcome in await hand(provider, notice())] == [Deferral]


async def test_server_that_takes_its_time_for_the_final_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_TIMEOUT_SECONDS", 0.2)
    server = MailServer(thinks_for_seconds=1)
    assert [type(outcome) for outcome in await server.send(notice())] == [Acceptance]


@pytest.mark.parametrize("answer", ["what", "250", "abc def", "999 odd", "354 again", "220 hello"])
async def test_answer_to_the_text_that_is_no_answer_leaves_us_uncertain(answer: str) -> None:
    """Only a proper 4xx or 5xx says that it was not taken: what is sent again might be read twice."""
    outcomes = await MailServer(says_to_text=answer).send(notice(), notice())
    expected = Acceptance if answer == "250" else Doubt
    assert [type(outcome) for outcome in outcomes] == [expected] * 2


async def test_answer_to_the_text_without_an_end_leaves_us_uncertain() -> None:
    server = MailServer(says_to_text="\r\n".join(["250-und so weiter"] * 20_000))
    assert [type(outcome) for outcome in await server.send(notice())] == [Doubt]


async def test_server_that_dies_after_the_text_leaves_us_uncertain() -> None:
    outcomes = await MailServer(dies_after_text=True).send(notice(), notice())
    assert {type(outcome) for outcome in outcomes} == {Doubt}


@pytest.mark.parametrize("line", [b"Terima kasih.", b"."])
async def test_server_that_dies_in_the_text_leaves_us_uncertain(line: bytes) -> None:
    async with RudeServer(dies_at=line).running() as provider:
        [outcome] = await hand(provider, notice())
    assert isinstance(outcome, Doubt)


async def test_after_a_break_it_connects_anew() -> None:
    server = MailServer()
    async with server.running() as provider:
        assert isinstance((await hand(provider, notice()))[0], Acceptance)
    async with server.running() as _:
        assert isinstance((await hand(provider, notice()))[0], Acceptance)
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
        provider = SmtpProvider(settings(smtp_port=server.port, **login), THREADS)
        outcomes = await hand(provider, notice(), notice())
        await provider.close()
    assert outcomes == [NoHandover("SMTP 535, to our login" if login else "SMTP 530", ProviderTrouble.REFUSES_US)] * 2


async def test_server_that_is_busy_is_away_and_one_that_refuses_us_is_left_alone_for_longer() -> None:
    for answer, why in (
        ("421 Try later", ProviderTrouble.AWAY),
        ("451 Busy", ProviderTrouble.AWAY),
        ("550 Not you", ProviderTrouble.REFUSES_US),
    ):

        class Choosy(MailServer):
            async def handle_MAIL(self, *_: object, answer: str = answer) -> str:
                return answer

        assert await Choosy().send(notice()) == [NoHandover(f"SMTP {answer[:3]}", why)]


async def test_server_that_does_not_let_us_greet_it_is_left() -> None:
    server = RudeServer(refuses=b"EHLO")

    async def is_left() -> bool:
        return server.left == 1

    async with server.running() as provider:
        assert await hand(provider, notice()) == [NoHandover("SMTP 550", ProviderTrouble.REFUSES_US)]
        await eventually(is_left)


async def test_notice_whose_claim_has_ended_is_not_handed_over() -> None:
    """The process was stopped for minutes: somebody else may have it by now."""
    server = MailServer()
    async with server.running() as provider:
        assert isinstance((await hand(provider, notice()))[0], Acceptance)
        assert isinstance(await provider.send(notice(), until=0), NoHandover | Deferral)
        assert isinstance((await hand(provider, notice()))[0], Acceptance)
    assert len(server.took) == 2


async def test_server_that_is_slower_than_the_claim_is_handed_nothing() -> None:
    async with RudeServer(silent_at=b"RCPT").running() as provider:
        soon = asyncio.get_running_loop().time() + 0.2
        assert isinstance(await provider.send(notice(), soon), NoHandover | Deferral)


async def test_without_the_encryption_that_we_were_told_to_use_nothing_is_handed_over() -> None:
    server = MailServer()
    async with server.running():
        provider = SmtpProvider(settings(smtp_port=server.port, smtp_tls="starttls"), THREADS)
        [outcome] = await hand(provider, notice())
    assert isinstance(outcome, NoHandover)
    assert server.took == []


@pytest.mark.parametrize("address", ["jörg@surel.example", "warga@bücher.example", "a b@surel.example"])
async def test_address_that_cannot_be_written_is_refused_and_does_not_hurt_the_next(address: str) -> None:
    """A provider never raises: the whole batch would be uncertain, and the process would end."""
    server = MailServer()
    outcomes = await server.send(notice(address=address), notice())
    assert [type(outcome) for outcome in outcomes] == [Rejection, Acceptance]


# -- commands in groups -----------------------------------------------------------------------------------------


async def test_commands_before_the_text_go_at_once_to_a_server_that_takes_groups_and_to_no_other(
    in_groups: bool,
) -> None:
    server = MailServer()
    assert {type(outcome) for outcome in await server.send(notice(), notice())} == {Acceptance}
    pieces = [[line[:4] for line in read.splitlines()] for read in server.reads]
    before_the_text = [piece for piece in pieces if piece[0] in (b"MAIL", b"RCPT", b"DATA")]
    assert before_the_text == ([[b"MAIL", b"RCPT", b"DATA"]] if in_groups else [[b"MAIL"], [b"RCPT"], [b"DATA"]]) * 2
    assert server.reads.count(b"RSET\r\n") == 0, "nothing is to be forgotten after a text that was taken"


async def test_server_that_asks_for_the_text_without_a_recipient_gets_an_empty_one_and_nobody_was_told(
    in_groups: bool,
) -> None:
    server = RudeServer(refuses=b"lama@surel.example")
    told = [notice(), notice()]
    async with server.running() as provider:
        outcomes = await hand(provider, told[0], notice(address="lama@surel.example"), told[1])
    assert [type(outcome) for outcome in outcomes] == [Acceptance, Rejection, Acceptance]
    assert [bool(text) for text in server.texts] == ([True, False, True] if in_groups else [True, True])
    assert server.connections == 1
    first, second = filter(None, server.texts)
    assert (str(told[0].id).encode() in first, str(told[1].id).encode() in second) == (True, True)


@pytest.mark.parametrize("nth", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "place", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"Content-Type", b"Date", b"Terima kasih.", b"."]
)
async def test_wherever_a_connection_breaks_it_is_known_of_each_notice_whether_it_was_taken(
    place: bytes, nth: int
) -> None:
    server = RudeServer(dies_at=place, dies_once_at_the=nth)
    notices = [notice() for _ in range(5)]
    async with server.running() as provider:
        outcomes = await hand(provider, *notices)
    taken = [sum(f"X-Satu-Atap-Notice: {one.id}".encode() in text for text in server.texts) for one in notices]
    assert max(taken) == 1, "nobody is told twice"
    in_doubt = [type(outcome) for outcome in outcomes].count(Doubt)
    assert in_doubt == (place in (b"Content-Type", b"Date", b"Terima kasih.", b"."))
    for outcome, was_taken in zip(outcomes, taken, strict=True):
        match outcome:
            case Acceptance():
                assert was_taken
            case Doubt():
                assert was_taken == (place == b".")
            case Rejection() | Deferral() | NoHandover():
                assert not was_taken


@pytest.mark.parametrize("command", [b"RCPT", b"DATA"])
async def test_recipient_at_whom_a_server_dies_with_all_its_answers_is_not_taken_for_a_server_that_is_away(
    command: bytes,
) -> None:
    """It answers a group at once: that it had no answer to MAIL does not mean that it went away at MAIL."""
    server = RudeServer(dies_at=command)
    async with server.running() as provider:
        outcomes = await hand(provider, *(notice() for _ in range(4)))
    assert [type(outcome) for outcome in outcomes] == [Deferral, Deferral, Deferral, NoHandover]


async def test_server_that_loses_grouped_commands_is_spoken_to_one_by_one(
    in_groups: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "_TIMEOUT_SECONDS", 0.2)

    class Forgetful(RudeServer):
        def _answers_to(self, line: bytes) -> list[bytes]:
            answers = super()._answers_to(line)
            grouped = line == b"DATA" and self.takes_groups and self.connections == 1
            return [] if grouped else answers

    server = Forgetful()
    async with server.running() as provider:
        assert {type(outcome) for outcome in await hand(provider, notice(), notice())} == {Acceptance}
    assert server.connections == (2 if in_groups else 1)
    assert len(server.texts) == 2


@pytest.mark.parametrize(("command", "outcome"), [(b"MAIL", Deferral), (b"DATA", Deferral), (b".", Acceptance)])
async def test_answer_that_nobody_asked_for_is_not_taken_for_that_of_another_command(
    command: bytes, outcome: type[Outcome]
) -> None:
    """`354` and then `250` to DATA: the second would be taken for the answer to a text that was perhaps refused."""
    server = RudeServer(says_too_much_at=command)
    async with server.running() as provider:
        outcomes = await hand(provider, notice(), notice())
    assert [type(one) for one in outcomes] == [outcome, outcome]
    assert server.connections == 2
    assert len(server.texts) == (2 if outcome is Acceptance else 0)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_encrypted_and_logged_in_it_goes_as_without(
    tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _certified(tmp_path / "certificate.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    server = MailServer()
    options = {"ssl": context} if tls == "tls" else {"tls_context": context}

    def anybody(*_: object) -> AuthResult:
        return AuthResult(success=True)

    async with server.running(**options, authenticator=anybody, auth_required=True, auth_require_tls=tls == "starttls"):
        login = {"smtp_username": "kami", "smtp_password": "rahasia"}
        provider = SmtpProvider(settings(smtp_port=server.port, smtp_tls=tls, **login), THREADS)
        outcomes = await hand(provider, notice(), notice(address="ö@surel.example"), notice())
        await provider.close()
    assert [type(outcome) for outcome in outcomes] == [Acceptance, Rejection, Acceptance]
    assert len(server.took) == 2


def _certified(path: Path) -> ssl.SSLContext:
    """What a server on this machine needs to be believed by whoever trusts the certificate at `path`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(utcnow() - timedelta(days=1))
        .not_valid_after(utcnow() + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context
