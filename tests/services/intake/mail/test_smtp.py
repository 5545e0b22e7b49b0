"""Mail servers that hand over mails: what they are told is so."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from services.intake.jobs.smtp import SmtpListener
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.intake.given import count, rows
from tests.services.intake.mail.conftest import WORKERS, Post
from tests.services.intake.mail.given import mail
from tests.serving import serving

FROM, TO = "warga@surel.example", "lapor@satuatap.example"


@dataclass
class Listening(Post):
    listener: SmtpListener

    @asynccontextmanager
    async def lines(self) -> AsyncIterator["Line"]:
        """A connection on which the test says each line itself."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        line = Line(reader, writer)
        yield line
        writer.close()

    async def send(self, content: bytes, to: str = TO) -> str:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.listener.port, start_tls=False) as client:
            _, answer = await client.sendmail(FROM, [to], content)
            return answer


@dataclass
class Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        """The next answer, with all of its lines."""
        told = b""
        while True:
            line = await self.reader.readline()
            told += line
            if line[3:4] != b"-":
                return told

    async def say(self, line: bytes) -> bytes:
        self.writer.write(line + b"\r\n")
        return await self.answer()

    async def begin(self, recipients: int = 1) -> bytes:
        """Greets, and says from whom and to whom; what was answered last."""
        await self.answer()
        await self.say(b"EHLO relay.example")
        await self.say(b"MAIL FROM:<warga@surel.example>")
        for number in range(recipients):
            told = await self.say(b"RCPT TO:<lapor+%d@satuatap.example>" % number)
        return told


@asynccontextmanager
async def listening(common: CommonSettings, clock: FrozenClock, **settings: object) -> AsyncIterator[Listening]:
    given = {"smtp_port": 0, "mail_bytes": 200_000, "smtp_recipients": 100, **settings}
    service = build(common, IntakeSettings.model_validate(given), clock)
    [listener] = [worker for worker in service.workers if isinstance(worker, SmtpListener)]
    await listener.step()
    workers = [worker for worker in service.workers if worker.name in WORKERS]
    async with serving(service, workers=workers) as http:
        yield Listening(service, http, {}, listener)


def self_signed(folder: Path) -> Path:
    """A file with a key, and a certificate of it for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return file


@pytest_asyncio.fixture
async def smtp(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Listening]:
    async with listening(common, clock) as running:
        yield running


async def test_mail_is_committed_when_it_is_answered(smtp: Listening) -> None:
    answer = await smtp.send(mail())
    [raw] = await rows(smtp.service.db, "SELECT * FROM raw")
    assert answer == f"2.0.0 Ok: kept as {raw.id}"
    assert (raw.channel, raw.content) == ("email", mail() + b"\r\n")
    assert raw.headers == {"return-path": FROM, "envelope-to": TO}


async def test_mail_is_to_be_sent_again_while_it_cannot_be_kept(common: CommonSettings, clock: FrozenClock) -> None:
    async with listening(common, clock, queue_limit=1) as smtp:
        async with smtp.service.db.transaction() as session:
            await session.execute(text("LOCK TABLE intake.raw IN ACCESS EXCLUSIVE MODE"))
            waiting = [asyncio.create_task(smtp.send(mail())) for _ in range(4)]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            refused = [task.exception() for task in done]
            assert {error.code for error in refused if isinstance(error, aiosmtplib.SMTPDataError)} == {451}
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        kept = [outcome for outcome in outcomes if isinstance(outcome, str)]
        assert len(kept) == await count(smtp.service.db, "raw") < len(waiting)


async def test_size_is_told_and_a_longer_mail_is_refused_before_it_is_sent(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.answer()
        assert b"250-SIZE 200000\r\n" in await line.say(b"EHLO relay.example")
        assert (await line.say(b"MAIL FROM:<warga@surel.example> SIZE=200001")).startswith(b"552 ")


async def test_mail_that_is_longer_than_it_may_be_is_refused_at_its_end_and_the_next_is_taken(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.begin()
        await line.say(b"DATA")
        assert (await line.say(b"x" * 200_001 + b"\r\n.")).startswith(b"552 ")
        await line.say(b"MAIL FROM:<warga@surel.example>")
        await line.say(b"RCPT TO:<lapor@satuatap.example>")
        await line.say(b"DATA")
        assert (await line.say(mail() + b"\r\n.")).startswith(b"250 ")
    assert await count(smtp.service.db, "raw") == 1


@pytest.mark.parametrize("length", [999, 5_000, 65_535, 65_536, 150_000])
async def test_long_lines_are_taken_as_they_are(smtp: Listening, length: int) -> None:
    """E17."""
    content = mail(b"<p>" + b"x" * length + b"</p>\r\n..\r\nakhir\r\n")
    async with smtp.lines() as line:
        await line.begin()
        await line.say(b"DATA")
        assert (await line.say(content.replace(b"\r\n..\r\n", b"\r\n...\r\n") + b".")).startswith(b"250 ")
    [raw] = await rows(smtp.service.db, "SELECT content FROM raw")
    assert raw.content == content


async def test_long_local_part_is_taken(smtp: Listening) -> None:
    """E17: return paths that name every recipient are longer than 64 octets."""
    long = b"bounce-" + b"a" * 300
    async with smtp.lines() as line:
        await line.answer()
        await line.say(b"EHLO relay.example")
        assert (await line.say(b"MAIL FROM:<" + long + b"@surel.example>")).startswith(b"250 ")
        assert (await line.say(b"RCPT TO:<" + long + b"@satuatap.example>")).startswith(b"250 ")


async def test_line_feed_alone_ends_no_mail(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.begin()
        await line.say(b"DATA")
        smuggled = mail() + b"\n.\nMAIL FROM:<palsu@surel.example>\n"
        assert (await line.say(smuggled + b"\r\n.")).startswith(b"250 ")
    assert await count(smtp.service.db, "raw") == 1


async def test_empty_mail_is_taken(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.begin()
        await line.say(b"DATA")
        assert (await line.say(b".")).startswith(b"250 ")
        assert (await line.say(b"NOOP")).startswith(b"250 ")


async def test_recipients_beyond_the_limit_come_in_another_mail(smtp: Listening) -> None:
    async with smtp.lines() as line:
        assert (await line.begin(recipients=101)).startswith(b"452 4.5.3")
        await line.say(b"DATA")
        assert (await line.say(mail() + b"\r\n.")).startswith(b"250 ")


async def test_commands_are_answered_in_their_order_when_they_come_in_a_group(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.answer()
        assert b"250-PIPELINING" in await line.say(b"EHLO relay.example")
        line.writer.write(b"MAIL FROM:<>\r\nRCPT TO:<lapor@satuatap.example>\r\nDATA\r\n")
        assert [(await line.answer())[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        line.writer.write(mail() + b"\r\n.\r\nNOOP\r\nQUIT\r\n")
        assert [(await line.answer())[:3] for _ in range(3)] == [b"250", b"250", b"221"]


async def test_connection_without_a_place_is_told_to_come_again(common: CommonSettings, clock: FrozenClock) -> None:
    async with listening(common, clock, smtp_connections=1) as smtp, smtp.lines() as first:
        assert (await first.answer()).startswith(b"220 ")
        async with smtp.lines() as second:
            assert (await second.answer()).startswith(b"421 4.7.0")


async def test_room_for_all_mails_together_is_given_back(common: CommonSettings, clock: FrozenClock) -> None:
    async with listening(common, clock, queue_bytes=100_000) as smtp, smtp.lines() as one, smtp.lines() as two:
        for line in (one, two):
            await line.begin()
            await line.say(b"DATA")
        one.writer.write(b"x" * 150_000)
        await one.writer.drain()
        two.writer.write(b"x" * 150_000 + b"\r\n.\r\n")
        one.writer.write(b"\r\n.\r\n")
        answers = sorted([(await one.answer())[:3], (await two.answer())[:3]])
        assert answers == [b"250", b"452"]
        await two.say(b"MAIL FROM:<warga@surel.example>")
        await two.say(b"RCPT TO:<lapor@satuatap.example>")
        await two.say(b"DATA")
        assert (await two.say(b"x" * 150_000 + b"\r\n.")).startswith(b"250 ")


async def test_mail_to_two_of_our_addresses_is_one_contact_that_records_both(smtp: Listening) -> None:
    await smtp.send(mail(), to="lapor@satuatap.example")
    await smtp.send(mail(), to="prakerja@satuatap.example")
    kept = await rows(smtp.service.db, "SELECT headers ->> 'envelope-to' AS address FROM raw")
    assert {raw.address for raw in kept} == {"lapor@satuatap.example", "prakerja@satuatap.example"}


async def test_bounce_is_automatic_by_its_empty_return_path(smtp: Listening) -> None:
    async with smtp.lines() as line:
        await line.answer()
        await line.say(b"EHLO relay.example")
        await line.say(b"MAIL FROM:<>")
        await line.say(b"RCPT TO:<lapor@satuatap.example>")
        await line.say(b"DATA")
        await line.say(mail() + b"\r\n.")
    [contact] = await smtp.events(1)
    assert contact.data.is_automatic


async def test_tls_is_begun_where_there_is_a_certificate(
    common: CommonSettings, clock: FrozenClock, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path)
    async with listening(common, clock, smtp_certificate=certificate) as smtp:
        trusting = ssl.create_default_context(cafile=str(certificate))
        client = aiosmtplib.SMTP(hostname="localhost", port=smtp.listener.port, start_tls=True, tls_context=trusting)
        async with client:
            await client.sendmail(FROM, [TO], mail())
    assert await count(smtp.service.db, "raw") == 1
