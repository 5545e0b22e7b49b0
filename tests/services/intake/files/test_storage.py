"""Stores keep files whole, give them back, and remove them, whatever ended a try before: a directory, and a bucket."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from pydantic import HttpUrl, SecretStr, ValidationError

from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.intake.storage import S3, Directory, Store, store_of
from services.local.engines import free_port
from shared.consumer.failures import OurFault
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, staff_header
from tests.services.intake.files.test_forms import PICTURE, key_of, send
from tests.services.intake.given import rows
from tests.serving import NO_TLS, serving

BUCKET = "berkas"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """A server that speaks as S3 does, with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    assert httpx.put(f"{url}/{BUCKET}", verify=NO_TLS, trust_env=False).is_success
    yield url
    server.stop()


def bucket(url: str, name: str = BUCKET) -> IntakeSettings:
    return IntakeSettings(
        bucket=name,
        bucket_endpoint=HttpUrl(url),
        bucket_key=SecretStr("invented"),
        bucket_secret=SecretStr("invented, too"),
    )


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "directory":
        return store_of(IntakeSettings(attachments_dir=tmp_path))
    return store_of(bucket(request.getfixturevalue("s3_url")))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_store_is_the_one_that_the_settings_choose(tmp_path: Path) -> None:
    assert isinstance(store_of(bucket("http://127.0.0.1:1")), S3)
    assert isinstance(store_of(IntakeSettings(attachments_dir=tmp_path)), Directory)
    with pytest.raises(ValidationError, match="INTAKE_BUCKET needs INTAKE_BUCKET_KEY"):
        IntakeSettings(bucket=BUCKET)


async def test_file_is_given_back_as_it_was_put_last(store: Store) -> None:
    one, other = new_id(), new_id()
    await store.put([(one, b"x" * 12_000_000), (other, b"")])
    await store.put([(one, b"y")])
    assert (await store.get(one), await store.get(other), await store.get(new_id())) == (b"y", b"", None)


async def test_file_that_is_put_several_times_at_once_is_whole(store: Store) -> None:
    name = new_id()
    await asyncio.gather(*(store.put([(name, b"x" * 100_000)]) for _ in range(8)))
    assert await store.get(name) == b"x" * 100_000


async def test_removal_passes_over_files_that_are_gone(store: Store) -> None:
    name, neighbour = new_id(), new_id()
    await store.put([(name, b"x"), (neighbour, b"y")])
    await store.remove([name, name, new_id()])
    await store.remove([name])
    await store.remove([])
    assert (await store.get(name), await store.get(neighbour)) == (None, b"y")


async def test_bucket_removes_more_files_than_fit_into_one_request(s3_url: str) -> None:
    store, names = store_of(bucket(s3_url)), [new_id() for _ in range(1_001)]
    await store.put([(names[0], b"x"), (names[-1], b"x")])
    await store.remove(names)
    assert (await store.get(names[0]), await store.get(names[-1])) == (None, None)


@pytest.mark.parametrize("is_there", [True, False])
async def test_bucket_that_cannot_be_used_is_our_fault(s3_url: str, is_there: bool) -> None:
    store = store_of(bucket(s3_url if is_there else f"http://127.0.0.1:{free_port()}", "another"))
    with pytest.raises(OurFault, match="INTAKE_BUCKET"):
        await store.put([(new_id(), b"x")])
    with pytest.raises(OurFault, match="INTAKE_BUCKET"):
        await store.remove([new_id()])


async def test_directory_that_cannot_be_used_is_our_fault(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("not a folder")
    store = Directory(place)
    for verb in (store.put([(new_id(), b"x")]), store.get(new_id()), store.remove([new_id()])):
        with pytest.raises(OurFault, match="INTAKE_ATTACHMENTS_DIR"):
            await verb


async def test_directory_has_nothing_beside_a_file_that_was_put_several_times(tmp_path: Path) -> None:
    store, name = Directory(tmp_path), new_id()
    await asyncio.gather(*(store.put([(name, b"x" * 100_000)]) for _ in range(8)))
    assert names_in(tmp_path) == [name.hex]


async def test_directory_removes_what_was_left_of_a_file_by_whoever_ended_while_he_wrote(tmp_path: Path) -> None:
    store, name, neighbour = Directory(tmp_path), new_id(), new_id()
    await store.put([(name, b"x"), (neighbour, b"y")])
    (tmp_path / name.hex[-2:] / f"{name.hex}.half").write_bytes(b"x")
    await store.remove([name])
    assert names_in(tmp_path) == [neighbour.hex]


async def test_files_of_intake_are_in_the_bucket_that_the_settings_choose(
    common: CommonSettings, clock: FrozenClock, s3_url: str
) -> None:
    service = build(common, bucket(s3_url), clock)
    async with serving(service) as http:
        assert (await send(http, await key_of(http), PICTURE)).status_code == 303
        [kept] = await rows(service.db, "SELECT id FROM attachments")
        answer = await http.get(f"/v1/attachments/{kept.id}/content", headers=staff_header("agent"))
    assert answer.content == PICTURE[1]
    assert await store_of(bucket(s3_url)).get(kept.id) == PICTURE[1]
