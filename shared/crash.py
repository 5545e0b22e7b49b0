"""Named points at which a process can be told to die at once, as if the machine lost power.

Between a commit and an acknowledgement there is no other honest way to show that nothing is lost or doubled.
`SATUATAP_CRASH_AT` names the point; without it each point costs one comparison.
"""

import os
import signal

_armed = ""


def arm(point: str) -> None:
    """Die when `point` is reached. An empty name disarms."""
    global _armed
    _armed = point


def crash_point(name: str) -> None:
    """Kills this process with SIGKILL if it was told to die here."""
    if _armed == name:
        os.kill(os.getpid(), signal.SIGKILL)
