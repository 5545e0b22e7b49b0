"""`satuatap up`, as a user meets it."""

import asyncio
import contextlib
import os
import signal
import stat
import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiosmtplib
import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from migrations import upgrade
from services.local import engines
from services.local.engines import free_port
from services.local.house import HouseSecrets
from services.local.supervisor import Supervisor
from shared.events import STREAMS
from shared.settings import CommonSettings
from tests.conftest import eventually, owner_url
from tests.disk import full, small_disk
from tests.house import START_SECONDS, RunningHouse, running_house, seven_free_ports, start_house

KEYS = {
    "integration_key",
    "staff_token",
    "intake_url",
    "tickets_url",
    "survey_index_url",
    "notify_url",
    "sandbox_url",
    "smtp_host",
    "smtp_port",
    "mail_host",
    "mail_port",
    "hooks",
    "database_url",
    "database_owner_url",
    "redis_url",
}
PROCESSES = {"postgres", "valkey", "sandbox", "intake", "tickets", "survey_index", "notify"}


async def one_contact(house: RunningHouse) -> str:
    form = {"email": "warga@surel.example", "body": "Insentif belum cair."}
    answer = await house.post(f"{house.at['intake_url']}/v1/contacts", form, house.door)
    code = str(answer["tracking_code"])

    async def look() -> bool:
        page = await house.get(f"{house.at['tickets_url']}/v1/tickets", tracking_code=code)
        return len(page["items"]) == 1

    await eventually(look)
    return code


async def one_mail(house: RunningHouse) -> None:
    """A mail that another server hands over becomes a ticket, and the answer to our answer joins it."""
    head = b"From: surat@surel.example\r\nSubject: Lewat surel\r\n"
    await hand_over(house, head + b"\r\nKartu saya hilang.")

    async def is_told() -> list[dict[str, Any]]:
        return await house.received(to="surat@surel.example")

    [notice, *_] = cast(list[dict[str, Any]], await eventually(is_told))
    await hand_over(house, head + f"References: {notice['headers']['References']}\r\n\r\nSudah ketemu.".encode())

    async def is_joined() -> bool:
        page = await house.get(f"{house.at['tickets_url']}/v1/tickets")
        [ticket] = [each for each in page["items"] if each["subject"] == "Lewat surel"]
        entries = await house.get(f"{house.at['tickets_url']}/v1/tickets/{ticket['id']}/entries")
        return ticket["channel"] == "email" and len(entries["items"]) == 2

    await eventually(is_joined)


async def hand_over(house: RunningHouse, content: bytes) -> None:
    async with aiosmtplib.SMTP(hostname=house.at["mail_host"], port=house.at["mail_port"]) as client:
        await client.sendmail("surat@surel.example", ["lapor@satuatap.example"], content)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(240)
async def test_two_houses_side_by_side_and_a_second_start_that_keeps_the_data(tmp_path: Path) -> None:
    ports = seven_free_ports()
    async with running_house(tmp_path / "one", ports) as one:
        # the addresses are where they were asked for, and the file is for its owner
        assert set(one.at) == KEYS
        assert [one.at[f"{name}_url"] for name in ("intake", "tickets", "survey_index", "notify")] == [
            f"http://127.0.0.1:{ports + place}" for place in range(4)
        ]
        assert (one.at["smtp_port"], one.at["sandbox_url"]) == (ports + 4, f"http://127.0.0.1:{ports + 5}")
        assert (one.at["mail_host"], one.at["mail_port"]) == ("127.0.0.1", ports + 6)
        assert stat.S_IMODE((tmp_path / "one/credentials.json").stat().st_mode) == 0o600
        assert set(one.pids) == PROCESSES
        assert one.at["intake_url"] in one.said

        # a second house on other ports knows nothing of the first
        async with running_house(tmp_path / "two") as two:
            code = await one_contact(one)
            await one_mail(one)
            assert (await two.get(f"{two.at['tickets_url']}/v1/tickets"))["items"] == []
            await one_contact(two)

        # a second house in the same directory, or on the same ports, is refused with what to do
        again = await start_house(tmp_path / "one")
        assert await asyncio.wait_for(again.process.wait(), 60) != 0
        assert "--data-dir" in again.said
        elsewhere = await start_house(tmp_path / "three", ports)
        assert await asyncio.wait_for(elsewhere.process.wait(), 60) != 0
        assert f"Port {ports}" in elsewhere.said
        assert "--base-port" in elsewhere.said

        # Ctrl-C ends it, and everything that it started, within twenty seconds
        key, pids = one.at["integration_key"], one.pids
        assert await one.stop(signal.SIGINT) == 0
        assert [name for name, pid in pids.items() if alive(pid)] == []

    async with running_house(tmp_path / "one", ports) as one:
        page = await one.get(f"{one.at['tickets_url']}/v1/tickets")
        assert code in {item["tracking_code"] for item in page["items"]}
        assert one.at["integration_key"] == key


@pytest.mark.timeout(180)
async def test_child_that_dies_is_named_and_started_again_and_intake_does_without_redis(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house") as house:

        async def says(url: str, line: str) -> bool:
            return line in (await house.http.get(url)).text

        pid = house.kill("tickets")
        await house.is_back("tickets", pid)
        assert "tickets ended (signal SIGKILL)" in house.said

        # while Valkey is away, intake stays ready and accepts; nothing of it is lost
        valkey = house.kill("valkey", signal.SIGSTOP)
        ready = await house.http.get(f"{house.at['intake_url']}/readyz")
        assert (ready.status_code, ready.json()["checks"]) == (200, {"postgres": "ok", "redis": "away"})
        desk = await house.http.get(f"{house.at['tickets_url']}/readyz")
        assert desk.status_code == 503
        form = {"email": "warga@surel.example", "body": "Insentif belum cair."}
        answer = await house.post(f"{house.at['intake_url']}/v1/contacts", form, house.door)
        await eventually(partial(says, f"{house.at['intake_url']}/metrics", "satuatap_outbox_unpublished 1.0"))
        os.kill(valkey, signal.SIGCONT)

        async def look() -> bool:
            page = await house.get(f"{house.at['tickets_url']}/v1/tickets", contact_id=answer["contact_id"])
            return len(page["items"]) == 1

        await eventually(look)

        # each service tells how it is doing, without a name in it
        for name in ("intake", "tickets", "survey_index", "notify"):
            url = house.at[f"{name}_url"]
            assert (await house.http.get(f"{url}/livez")).status_code == 200
            metrics = (await house.http.get(f"{url}/metrics")).text
            for metric in ("outbox_oldest_seconds", "stream_lag", "stream_oldest_pending_seconds", "dead_letters"):
                assert f"satuatap_{metric}" in metrics
            assert "surel.example" not in metrics
            for line in ("satuatap_outbox_unpublished 0.0", 'satuatap_stream_lag{group="'):
                await eventually(partial(says, f"{url}/metrics", line))
        assert (
            "satuatap_accept_to_commit_seconds_count 1.0"
            in (await house.http.get(f"{house.at['intake_url']}/metrics")).text
        )

        # one correlation id leads through the logs of all services, and no log knows the citizen
        correlation = "0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"
        form = {"email": "warga2@surel.example", "name": "Warga Rahasia", "body": "Sertifikat belum muncul."}
        code = (
            await house.post(
                f"{house.at['intake_url']}/v1/contacts", form, {**house.door, "X-Correlation-ID": correlation}
            )
        )["tracking_code"]

        async def told() -> bool:
            return any(code in message["subject"] for message in await house.received(to="warga2@surel.example"))

        await eventually(told)
        logs = {path.stem: path.read_text() for path in (house.folder / "log").glob("*.log")}

        async def traced() -> bool:
            return all(
                correlation in (house.folder / f"log/{name}.log").read_text()
                for name in ("intake", "tickets", "notify")
            )

        await eventually(traced)
        assert not any("surel.example" in text or "Rahasia" in text for text in logs.values())


@pytest.mark.timeout(180)
async def test_who_is_told_to_end_again_and_again_while_it_starts_ends_in_order(tmp_path: Path) -> None:
    house = await start_house(tmp_path / "house")

    async def an_engine_runs() -> bool:
        return "postgres" in (house.pids if (house.folder / "pids.json").exists() else {})

    await eventually(an_engine_runs, 60)
    begun = house.pids
    for _ in range(5):
        with contextlib.suppress(ProcessLookupError):  # it may have ended by now
            house.process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.1)
    assert await asyncio.wait_for(house.process.wait(), 30) == 0
    assert house.said.endswith("Stopped.\n")
    assert "Traceback" not in house.said
    assert not (house.folder / "pids.json").exists()
    assert not any(Path(f"/proc/{pid}").exists() for pid in begun.values())  # noqa: ASYNC240


@pytest.mark.timeout(180)
async def test_it_goes_on_although_nothing_can_be_said(tmp_path: Path) -> None:
    nowhere = Path("/dev/full")
    if not nowhere.exists():  # noqa: ASYNC240
        pytest.skip("this system has no device that is always full")
    house = await start_house(tmp_path / "house", output=nowhere)

    async def is_up() -> bool:
        assert house.process.returncode is None
        return (house.folder / "credentials.json").exists()

    try:
        await eventually(is_up, START_SECONDS)
        pid = house.kill("tickets")

        async def is_another() -> bool:
            with contextlib.suppress(httpx.TransportError):
                ready = await house.http.get(f"{house.at['tickets_url']}/readyz")
                return ready.is_success and house.pids["tickets"] != pid
            return False

        await eventually(is_another)
        await one_contact(house)
    finally:
        await house.http.aclose()
        assert await house.stop() == 0


@pytest.mark.timeout(180)
async def test_it_says_that_there_is_no_room_to_start(tmp_path: Path) -> None:
    with small_disk(tmp_path / "house", "1m") as disk, full(disk):
        house = await start_house(disk)
        assert await asyncio.wait_for(house.process.wait(), 60) == 1
        assert f"There is no room in {disk}" in house.said
        assert "Traceback" not in house.said
        await house.http.aclose()


@pytest.mark.timeout(180)
async def test_when_a_service_cannot_be_kept_alive_the_run_ends_and_says_which(tmp_path: Path) -> None:
    house = await start_house(tmp_path / "house", NOTIFY_LANGUAGE="xx")
    assert await asyncio.wait_for(house.process.wait(), 120) != 0
    assert "notify cannot be kept alive" in house.said
    assert "notify.log" in house.said
    assert "NOTIFY_LANGUAGE" in (tmp_path / "house/log/notify.log").read_text()
    assert not (tmp_path / "house/credentials.json").exists()


@pytest.mark.timeout(180)
async def test_settings_that_are_given_go_before_those_of_the_sandbox(tmp_path: Path) -> None:
    # given: a gateway of one's own, a mail server of which no more than the address is said, and a secret
    smtp, http = free_port(), free_port()
    gateway = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "sandbox", "--folder", str(tmp_path / "gateway")),
        *("--smtp-port", str(smtp), "--http-port", str(http)),
    )
    given = {
        "NOTIFY_SMS_URL": f"http://127.0.0.1:{http}",
        "NOTIFY_SMS_API_KEY": "a-key-of-ours",
        "NOTIFY_SMTP_HOST": "127.0.0.1",
        "SATUATAP_SECRET": "a secret that was given and has more than 32 characters",
        "SATUATAP_LOG_LEVEL": "",
    }
    try:
        async with running_house(tmp_path / "house", None, **given) as house:
            # then: it says what is given, and shows no value; what is empty is not given
            told = [line for line in house.said.splitlines() if "from the environment" in line]
            assert told == [f"{name} is taken from the environment." for name in sorted(given) if given[name]]
            assert "a-key-of-ours" not in house.said
            assert given["SATUATAP_SECRET"] not in house.said
            # nobody's mail server is spoken to in clear because the sandbox is
            environment = environment_of(house.pids["notify"])
            assert {name for name in environment if name.startswith("NOTIFY_SMTP")} == {"NOTIFY_SMTP_HOST"}
            # and an SMS goes to the gateway, not to the sandbox, of a ticket that the secret let its officer see
            form = {"phone": "081234567890", "body": "Insentif belum cair."}
            code = (await house.post(f"{house.at['intake_url']}/v1/contacts", form, house.door))["tracking_code"]

            async def arrived() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    messages = (await house.get(f"http://127.0.0.1:{http}/messages"))["items"]
                    return any(code in message["body"] for message in messages)
                return False

            await eventually(arrived)
            assert (await house.get(f"{house.at['tickets_url']}/v1/tickets", tracking_code=code))["items"]
            assert await house.received() == []
    finally:
        gateway.terminate()
        await gateway.wait()


def environment_of(pid: int) -> dict[str, str]:
    """The variables with which a process began."""
    file = Path(f"/proc/{pid}/environ")
    if not file.exists():
        pytest.skip("this system does not tell with what a process began")
    return dict(line.split("=", 1) for line in file.read_text().split("\0") if "=" in line)


@pytest.mark.timeout(180)
async def test_data_of_the_release_before_are_taken_over_and_the_services_lose_the_owners_rights(
    tmp_path: Path,
) -> None:
    # given: a directory as the release before left it, where one login owned everything and had every right
    folder = tmp_path / "house"
    folder.mkdir()
    password, port = HouseSecrets.load(folder).postgres_password, free_port()
    keeper = Supervisor(say=print, changed=lambda _: None)
    try:
        await keeper.start(engines.postgres(folder / "postgres", folder / "log/postgres.log", port, password))
        await upgrade(engines.postgres_url(port, password))
        owner = await asyncpg.connect(engines.postgres_url(port, password))
        await owner.execute(
            "INSERT INTO intake.api_keys (key_id, name, secret_hash, scopes, created_at) "
            "VALUES ('k', 'of long ago', '', '{}', now())"
        )
        assert not await owner.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", engines.SERVICES_LOGIN)
        await owner.close()
    finally:
        await keeper.stop()
    folder.chmod(0o711)
    # when: this release starts in it
    async with running_house(folder) as house:
        # then: what was there is there, and the services reach it without the owner's rights
        services = await asyncpg.connect(house.at["database_url"])
        assert await services.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user") is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await services.execute("SELECT pg_read_file('PG_VERSION')")
        await services.execute("SET ROLE satuatap_intake")
        assert "of long ago" in [row["name"] for row in await services.fetch("SELECT name FROM intake.api_keys")]
        assert await services.fetchval("SHOW log_error_verbosity") == "terse"
        await services.close()
        owner = await asyncpg.connect(house.at["database_owner_url"])
        assert await owner.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user") is True
        await owner.close()
        await one_contact(house)


@pytest.mark.timeout(180)
async def test_engines_that_are_given_are_used_and_neither_started_nor_stopped(
    tmp_path: Path, common: CommonSettings, redis: Redis
) -> None:
    database_url, redis_url = str(common.database_url), str(common.redis_url)
    before = await lives(database_url, redis)
    given = {"DATABASE_URL": database_url, "DATABASE_OWNER_URL": owner_url(common), "REDIS_URL": redis_url}
    async with running_house(tmp_path / "house", None, **given) as house:
        # it tells whose engines these are, and has none of its own
        assert (house.at["database_url"], house.at["redis_url"]) == (database_url, redis_url)
        assert house.at["database_owner_url"] == owner_url(common)
        assert set(house.pids) == PROCESSES - {"postgres", "valkey"}
        assert environment_of(house.pids["intake"]).get("DATABASE_OWNER_URL", "") == "", "no service is the owner"
        code = await one_contact(house)
        assert await house.stop() == 0
        assert {entry.name for entry in house.folder.iterdir()} & {"postgres", "valkey"} == set()

    # the engines go on, never stopped, and what was brought is in them
    assert await lives(database_url, redis) == before
    database = await asyncpg.connect(owner_url(common))
    assert await database.fetchval("SELECT tracking_code FROM tickets.tickets") == code
    await database.close()
    assert await redis.xlen(STREAMS["contacts"].key) > 0


async def lives(database_url: str, redis: Redis) -> tuple[object, object]:
    """What becomes another with each start of the engines."""
    database = await asyncpg.connect(database_url)
    began = await database.fetchval("SELECT pg_postmaster_start_time()")
    await database.close()
    return began, (await redis.info("server"))["run_id"]


async def test_secret_that_no_service_takes_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    house = await start_house(tmp_path / "house", SATUATAP_SECRET="pendek")
    assert await asyncio.wait_for(house.process.wait(), 60) == 1
    assert "SATUATAP_SECRET: it has fewer than 32 characters" in house.said
    assert "is started again" not in house.said
    assert not (tmp_path / "house/postgres").exists()
    await house.http.aclose()
