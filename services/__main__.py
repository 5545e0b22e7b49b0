"""The command line: `satuatap`, also `python -m services`."""

import signal
import sys
from types import FrameType


def main() -> None:
    """Runs the command line, which takes a second to load: who is told to end meanwhile ends at once.

    A container's first process would not hear it without a handler. A service puts its own in place of this one.
    """
    signal.signal(signal.SIGTERM, _end)
    from services.cli import main as command_line

    command_line()


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
