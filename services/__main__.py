"""The command line: `satuatap`, also `python -m services`."""

import signal
import sys


def main() -> None:
    """Runs the command line, which takes a second to load: who is told to end meanwhile ends at once.

    A container's first process would not hear it without a handler. A service puts its own in place of this one.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    from services.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
