"""The sandbox keeps on disk what it acknowledged, and shows it as the citizen would read it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.local.engines import free_port
from services.notify.domain.delivery import Acceptance, Deferral, Rejection
from services.notify.providers.sms import SmsProvider
from services.notify.providers.smtp import SmtpProvider
from services.sandbox import REFUSED_DOMAIN, Store, app_of
from services.sandbox.mail import MailSession
from tests.conftest import eventually
from tests.disk import full, small_disk
from tests.services.notify.given import THREADS, hand, notice, settings, sms, stranger
from tests.serving import serving

APP = {"Authorization": "App invented"}


@dataclass
class Sandbox:
    store: Store
    http: httpx.AsyncClient

    async def shown(self, **params: Any) -> Any:
        answer = await self.http.get("/messages", params=params)
        assert answer.status_code == 200
        return answer.json()

    async def texts(self, **params: Any) -> list[str]:
        return [item["body"].strip() for item in (await self.shown(**params))["items"]]

    async def sms(self, to: str, text: str, name: str | None = None, **headers: str) -> httpx.Response:
        destination = {"to": to} | ({"messageId": name} if name else {})
        message = {"sender": "SatuAtap", "destinations": [destination], "content": {"text": text}}
        return await self.http.post("/sms/3/messages", headers=headers or APP, json={"messages": [message]})


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    store = Store(tmp_path)
    async with serving(stranger(app_of(store))) as http:
        yield Sandbox(store, http)


def mail(subject: str, body: str, **how: Any) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "layanan@satuatap.example", "warga@surel.example", subject
    message.set_content(body, **how)
    return message.as_bytes()


# -- kept -------------------------------------------------------------------------------------------------------


async def test_second_store_on_the_same_folder_sees_everything(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.store.keep("email", ["warga@surel.example"], mail("Halo", "Satu"))
    await sandbox.sms("6281234567890", "Dua")
    seen = await Store(tmp_path).read(to=None, kind=None, after=0, limit=10)
    assert [(message.kind, message.body.strip()) for message in seen] == [("email", "Satu"), ("sms", "Dua")]


async def test_mail_to_two_is_a_message_to_each(sandbox: Sandbox) -> None:
    sandbox.store.keep("email", ["satu@surel.example", "dua@surel.example"], mail("Halo", "Untuk berdua"))
    assert [item["to"] for item in (await sandbox.shown())["items"]] == ["satu@surel.example", "dua@surel.example"]
    assert (await sandbox.http.get("/messages/count")).json() == {"count": 2}


@dataclass(frozen=True)
class Ports:
    smtp: int
    http: int


@asynccontextmanager
async def process(folder: Path, ports: Ports) -> AsyncIterator[httpx.AsyncClient]:
    """The sandbox as a process of its own, which ends as if the machine lost power."""
    command = ["--smtp-port", str(ports.smtp), "--http-port", str(ports.http), "--folder", str(folder)]
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "services", "sandbox", *command)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.http}", trust_env=False) as http:

            async def alive() -> bool:
                try:
                    return (await http.get("/livez")).is_success
                except httpx.TransportError:
                    return False

            await eventually(alive)
            yield http
    finally:
        child.send_signal(signal.SIGKILL)
        await child.wait()


async def test_what_it_acknowledged_survives_its_sudden_end(tmp_path: Path) -> None:
    """Real SMTP and real HTTP, from our own providers to the sandbox as it is run."""
    ports = Ports(free_port(), free_port())
    one, two = notice(subject="Pengaduan – selesai"), sms()
    async with process(tmp_path, ports):
        told = settings(smtp_port=ports.smtp, sms_url=f"http://127.0.0.1:{ports.http}")
        post, gateway = SmtpProvider(told, THREADS), SmsProvider(told)
        nobody = notice(address=f"warga@{REFUSED_DOMAIN}")
        outcomes = [*await hand(post, one, nobody), *await hand(gateway, two)]
        assert [type(outcome) for outcome in outcomes] == [Acceptance, Rejection, Acceptance]
        await post.close()
        await gateway.close()
    async with process(tmp_path, ports) as http:
        items = (await http.get("/messages")).json()["items"]
    assert [(item["to"], item["subject"], item["body"].strip()) for item in items] == [
        (one.address, one.subject, one.body.strip()),
        (two.address, "", two.body),
    ]


async def test_what_it_has_no_room_for_it_does_not_take_until_there_is(tmp_path: Path) -> None:
    """Real SMTP and real HTTP again: our own providers are told to come again, and do."""
    ports = Ports(free_port(), free_port())
    with small_disk(tmp_path / "disk", "2m") as disk:
        async with process(disk, ports) as http:
            told = settings(smtp_port=ports.smtp, sms_url=f"http://127.0.0.1:{ports.http}")
            post, gateway = SmtpProvider(told, THREADS), SmsProvider(told)
            one, two = notice(), sms()

            async def outcomes() -> list[Any]:
                return [*await hand(post, one), *await hand(gateway, two)]

            with full(disk):
                assert await outcomes() == [Deferral("SMTP 452"), Deferral("HTTP 503")]
                assert (await http.get("/messages/count")).json() == {"count": 0}
            assert [type(outcome) for outcome in await outcomes()] == [Acceptance, Acceptance]
            await post.close()
            await gateway.close()
            items = (await http.get("/messages")).json()["items"]
            assert [item["to"] for item in items] == [one.address, two.address]


# -- shown ------------------------------------------------------------------------------------------------------


async def test_they_are_shown_oldest_first_and_on_from_any_place(sandbox: Sandbox) -> None:
    for number in range(5):
        await sandbox.sms("6281234567890", f"Pesan {number}")
    everything = await sandbox.shown()
    ids = [item["id"] for item in everything["items"]]
    assert ids == sorted(ids)
    assert everything["next_cursor"] is None
    assert await sandbox.texts() == [f"Pesan {number}" for number in range(5)]
    assert await sandbox.texts(after=ids[2]) == ["Pesan 3", "Pesan 4"]
    first = await sandbox.shown(limit=2)
    assert await sandbox.texts(after=first["next_cursor"], limit=2) == ["Pesan 2", "Pesan 3"]
    assert await sandbox.texts(after=ids[-1]) == []


async def test_those_to_one_address_and_those_of_one_kind(sandbox: Sandbox) -> None:
    sandbox.store.keep("email", ["warga@surel.example"], mail("Halo", "Surel"))
    await sandbox.sms("6281234567890", "Pesan")
    await sandbox.sms("6281111111111", "Orang lain")
    assert await sandbox.texts(kind="email") == ["Surel"]
    assert await sandbox.texts(kind="sms") == ["Pesan", "Orang lain"]
    assert await sandbox.texts(to="warga@surel.example") == ["Surel"]
    assert await sandbox.texts(to="+6281234567890", kind="email") == []


async def test_plus_in_an_address_is_found_encoded_or_not(sandbox: Sandbox) -> None:
    """`?to=+62…` in a browser means a space to the server: both are understood."""
    await sandbox.sms("+6281234567890", "Pesan")
    sandbox.store.keep("email", ["warga+satu@surel.example"], mail("Halo", "Surel"))
    for query in ("to=+6281234567890", "to=%2B6281234567890"):
        items = (await sandbox.http.get(f"/messages?{query}")).json()["items"]
        assert [item["to"] for item in items] == ["+6281234567890"]
    assert await sandbox.texts(to="warga+satu@surel.example") == ["Surel"]


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
async def test_mail_is_shown_as_it_was_written(sandbox: Sandbox, cte: str) -> None:
    subject, body = "Pengaduan “Insentif” – selesai", "Yth. Warga Satu,\n\nSelesai – terima kasih.\n"
    sandbox.store.keep("email", ["warga@surel.example"], mail(subject, body, cte=cte))
    [item] = (await sandbox.shown())["items"]
    assert (item["subject"], item["body"]) == (subject, body)
    assert item["headers"]["From"] == "layanan@satuatap.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a mail at all",
        pytest.param(
            b"Subject: x\r\nContent-Type: text/plain; charset=no-such\r\n\r\nisi \xff\r\n",
        ),
        b"Content-Type: multipart/mixed\r\n\r\n",
    ],
)
async def test_broken_mail_does_not_hide_the_others(sandbox: Sandbox, raw: bytes) -> None:
    sandbox.store.keep("email", ["warga@surel.example"], raw)
    sandbox.store.keep("email", ["warga@surel.example"], mail("Halo", "Surel"))
    assert (await sandbox.texts())[-1] == "Surel"


# -- the gateway ------------------------------------------------------------------------------------------------


async def test_sms_keeps_the_name_that_it_came_with(sandbox: Sandbox) -> None:
    answer = (await sandbox.sms("6281234567890", "Halo", name="n-1")).json()
    assert [(m["messageId"], m["status"]["groupName"]) for m in answer["messages"]] == [("n-1", "PENDING")]
    [item] = (await sandbox.shown())["items"]
    assert (item["headers"], item["to"]) == ({"sender": "SatuAtap", "messageId": "n-1"}, "+6281234567890")


async def test_without_the_gateways_key_nothing_is_taken(sandbox: Sandbox) -> None:
    answer = await sandbox.sms("6281234567890", "Halo", Authorization="Bearer invented")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert (await sandbox.http.get("/messages/count")).json() == {"count": 0}


async def test_request_that_the_gateway_does_not_understand_is_refused(sandbox: Sandbox) -> None:
    for body in ("", "[]", '{"messages": [{"sender": "SatuAtap"}]}'):
        answer = await sandbox.http.post("/sms/3/messages", headers=APP, content=body)
        assert answer.status_code == 400
    assert (await sandbox.http.get("/messages/count")).json() == {"count": 0}


# -- the mail server --------------------------------------------------------------------------------------------


@dataclass
class Talk:
    """A conversation with the mail server, and what it took."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    took: list[tuple[Sequence[str], bytes]]

    async def ask(self, *lines: bytes, answers: int = 1) -> list[int]:
        """The codes of so many answers to lines that are sent at once."""
        self.writer.write(b"".join(line + b"\r\n" for line in lines))
        codes: list[int] = []
        while len(codes) < answers:
            line = await self.reader.readuntil(b"\r\n")
            if line[3:4] == b" ":
                codes.append(int(line[:3]))
        return codes


@asynccontextmanager
async def talk() -> AsyncIterator[Talk]:
    took: list[tuple[Sequence[str], bytes]] = []

    def take(recipients: Sequence[str], text: bytes) -> str:
        took.append((recipients, text))
        return "250 Ok"

    def session() -> MailSession:
        return MailSession(refused=lambda to: "550 No" if to.endswith(REFUSED_DOMAIN) else None, take=take)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            conversation = Talk(reader, writer, took)
            assert await conversation.ask() == [220]
            yield conversation
        finally:
            writer.close()


MAIL, RCPT = b"MAIL FROM:<layanan@satuatap.example>", b"RCPT TO:<warga@surel.example>"


async def test_mails_in_groups_are_taken_one_after_another() -> None:
    async with talk() as server:
        assert await server.ask(b"EHLO notify") == [250]
        group = [MAIL, RCPT, b"DATA"]
        assert await server.ask(*group, answers=3) == [250, 250, 354]
        lines = [b"Subject: Satu", b"", b"..titik", b"..", b"."]
        assert await server.ask(*lines, *group, answers=4) == [250, 250, 250, 354]
        assert await server.ask(b".", b"QUIT", answers=2) == [250, 221]
        assert await server.reader.read() == b""
    assert server.took == [
        (["warga@surel.example"], b"Subject: Satu\r\n\r\n.titik\r\n.\r\n"),
        (["warga@surel.example"], b""),
    ]


async def test_text_is_ended_by_nothing_but_a_dot_between_proper_line_ends() -> None:
    async with talk() as server:
        await server.ask(b"EHLO notify")
        await server.ask(MAIL, RCPT, b"DATA", answers=3)
        assert await server.ask(b"Satu\n.\nMAIL FROM:<x@surel.example>\n.\r", b"dua", b".") == [250]
    assert [text for _, text in server.took] == [b"Satu\n.\nMAIL FROM:<x@surel.example>\n.\r\r\ndua\r\n"]


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_mail_may_come_in_pieces(size: int) -> None:
    said = b"\r\n".join([b"EHLO notify", MAIL, RCPT, b"DATA", b"Subject: Satu", b"", b"Isi", b".", b"QUIT", b""])
    async with talk() as server:
        for start in range(0, len(said), size):
            server.writer.write(said[start : start + size])
            await server.writer.drain()
        await server.reader.read()
    assert server.took == [(["warga@surel.example"], b"Subject: Satu\r\n\r\nIsi\r\n")]


async def test_each_command_has_its_place() -> None:
    async with talk() as server:
        assert await server.ask(MAIL, RCPT, b"DATA", b"EHLO", b"VRFY warga", answers=5) == [503, 503, 503, 501, 502]
        assert await server.ask(b"EHLO notify", b"MAIL layanan", b"NOOP", b"DATA", answers=4) == [250, 501, 250, 503]
        assert await server.ask(MAIL, MAIL, b"RCPT TO:<>", b"DATA", answers=4) == [250, 503, 501, 554]
        assert await server.ask(b"RCPT TO:<x@refused.example>", b"DATA", b"RSET", RCPT, answers=4) == [
            550,
            554,
            250,
            503,
        ]
    assert server.took == []


async def test_mail_that_is_too_long_is_refused_before_and_after_it_was_sent() -> None:
    async with talk() as server:
        await server.ask(b"EHLO notify")
        assert await server.ask(MAIL + b" SIZE=1000001") == [552]
        await server.ask(MAIL, RCPT, b"DATA", answers=3)
        assert await server.ask(b"x" * 1_000_001, b".") == [552]
        assert await server.ask(b"x" * 2_001) == [421]
        assert await server.reader.read() == b""
    assert server.took == []
