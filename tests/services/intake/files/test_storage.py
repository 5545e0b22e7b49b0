"""Stores keep files whole, give them back, and remove them, whatever ended a try before."""

import asyncio
from pathlib import Path

from services.intake.storage import Directory
from shared.ids import new_id


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_directory_keeps_a_file_that_is_put_several_times_at_once(tmp_path: Path) -> None:
    store, name = Directory(tmp_path), new_id()
    await asyncio.gather(*(store.put([(name, b"x" * 100_000)]) for _ in range(8)))
    assert await store.get(name) == b"x" * 100_000
    assert names_in(tmp_path) == [name.hex]


async def test_directory_passes_over_files_that_are_gone(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    [(name, _)] = files = [(new_id(), b"x")]
    await store.put(files)
    await store.put(files)
    await store.remove([name, name, new_id()])
    assert await store.get(name) is None


async def test_directory_removes_what_was_left_of_a_file_by_whoever_ended_while_he_wrote(tmp_path: Path) -> None:
    store, name, neighbour = Directory(tmp_path), new_id(), new_id()
    await store.put([(name, b"x"), (neighbour, b"y")])
    (tmp_path / name.hex[-2:] / f"{name.hex}.half").write_bytes(b"x")
    await store.remove([name])
    assert names_in(tmp_path) == [neighbour.hex]
