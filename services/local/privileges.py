"""PostgreSQL refuses to run as root. A root user still wants `satuatap up` to work, wherever the directory lies.

So as root the engine runs as an unprivileged user of the system, who keeps one right: to pass directories (such as
`/root`) that are closed to him. Nothing outside the data directory is changed: no user is added, no mode is widened.
"""

import ctypes
import os
import pwd
import signal
import struct
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _AMBIENT_RAISE = 1, 8, 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


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
    """Makes `user` the owner of `path` and everything in it."""
    os.chown(path, user.pw_uid, user.pw_gid)
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            os.chown(Path(folder) / name, user.pw_uid, user.pw_gid)


def before_exec(user: pwd.struct_passwd | None, end_with: int = signal.SIGTERM) -> Callable[[], None]:
    """What a child does before it becomes the engine: it becomes `user`, and ends when its parent ends."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if user is not None:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            _keep_the_right_to_pass(libc)
        if hasattr(libc, "prctl"):
            libc.prctl(_PR_SET_PDEATHSIG, end_with, 0, 0, 0)

    return prepare


def _keep_the_right_to_pass(libc: ctypes.CDLL) -> None:
    """Keeps CAP_DAC_OVERRIDE through exec. Where that is not allowed, the directories must be open to that user."""
    bit = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", bit, bit, bit, 0, 0, 0)
    if libc.capset(header, data) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
