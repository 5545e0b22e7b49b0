"""PostgreSQL refuses to run as root. A root user still wants `satuatap up` to work, wherever the directory lies.

So as root the engine runs as an unprivileged user of the system, without any right more than his. He may not pass a
closed directory such as `/root`: his programs lie elsewhere (`programs`), and his data are where he is put to work.
"""

import ctypes
import os
import pwd
import signal
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the engine runs as: None means as we are, because we are not root.

    Raises `LookupError` when there is no user but root at all.
    """
    if os.geteuid() != 0:
        return None
    others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not others:
        raise LookupError("PostgreSQL does not run as root, and this system knows no other user.")
    return next((entry for entry in others if entry.pw_name == "nobody"), others[0])


def give(path: Path, user: pwd.struct_passwd) -> None:
    """Makes `user` the owner of `path` and everything in it, and of nothing to which a link in it leads."""
    if path.stat().st_uid == user.pw_uid:
        return
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            os.chown(Path(folder) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)
    os.chown(path, user.pw_uid, user.pw_gid)


def before_exec(user: pwd.struct_passwd | None, end_with: int = signal.SIGTERM) -> Callable[[], None]:
    """What a child does before it becomes the engine: it becomes `user`, and ends when its parent ends."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if user is not None:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)  # and with it goes every capability
            libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if hasattr(libc, "prctl"):
            libc.prctl(_PR_SET_PDEATHSIG, end_with, 0, 0, 0)

    return prepare
