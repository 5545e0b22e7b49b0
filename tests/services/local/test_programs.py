"""PostgreSQL's programs, where a user without rights may read them."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.programs import PROGRAMS, CannotBeCopied, readable_by_all

HOLDS_A_LOCK = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), fcntl.LOCK_SH); print(flush=True); input()"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """What pip installs, as somebody with a strict umask has it: nobody else may read it."""
    packages = tmp_path / "site-packages"
    for name in ("bin/initdb", "bin/postgres", "bin/psql", "lib/plpgsql.so", "share/timezone/Asia/Jakarta"):
        file = packages / PROGRAMS / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"this is {name}")
        file.chmod(0o700)
    packages.chmod(0o700)
    return packages


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "satuatap/engines"


@pytest.fixture(autouse=True)
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def copies(store: Path) -> list[Path]:
    return sorted(store.iterdir())


def test_copy_holds_what_is_needed_and_everybody_may_read_and_nobody_else_write(packages: Path, store: Path) -> None:
    programs = readable_by_all(packages, store)
    [copy] = copies(store)
    assert programs == copy / PROGRAMS
    files = {str(file.relative_to(programs)): file for file in programs.rglob("*") if file.is_file()}
    assert set(files) == {"bin/initdb", "bin/postgres", "lib/plpgsql.so", "share/timezone/Asia/Jakarta"}
    assert {name: stat.S_IMODE(file.stat().st_mode) for name, file in files.items()} == {
        "bin/initdb": 0o755,
        "bin/postgres": 0o755,
        "lib/plpgsql.so": 0o644,
        "share/timezone/Asia/Jakarta": 0o644,
    }
    folders = [store.parent, store, copy, *(path for path in copy.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o755}


def test_copy_is_made_once_and_made_anew_when_it_is_damaged(packages: Path, store: Path) -> None:
    programs = readable_by_all(packages, store)
    made = programs.stat().st_ino
    assert readable_by_all(packages, store) == programs
    assert programs.stat().st_ino == made
    (programs / "bin/postgres").write_text("half of i")
    assert readable_by_all(packages, store) == programs
    assert (programs / "bin/postgres").read_text() == "this is bin/postgres"


def test_copies_of_other_releases_go_when_no_process_holds_them(packages: Path, store: Path) -> None:
    store.mkdir(parents=True)
    draft, other = store / "tmpabc", store / "postgres-0"
    for left in (draft, other):
        (left / "bin").mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_LOCK, str(other)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        copy = readable_by_all(packages, store).parents[1]
        assert copies(store) == sorted([copy, other])
        holder.communicate(b"\n", timeout=30)
    readable_by_all(packages, store)
    assert copies(store) == [copy]


def test_place_where_somebody_else_may_write_is_refused(packages: Path, store: Path) -> None:
    store.mkdir(parents=True)
    store.chmod(0o777)
    with pytest.raises(CannotBeCopied, match="Somebody else may write in"):
        readable_by_all(packages, store)


def test_place_that_cannot_be_made_is_said(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "satuatap").write_text("a file, where a folder ought to be")
    (tmp_path / "satuatap").chmod(0o600)
    with pytest.raises(CannotBeCopied, match=r"cannot be copied to .*engines \(.*\), from where"):
        readable_by_all(packages, tmp_path / "satuatap/engines")
