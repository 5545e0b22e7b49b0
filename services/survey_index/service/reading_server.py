"""What the server that reading processes are forked from is given first: no numpy.

openpyxl takes numpy along where it is installed, and numpy brings threads and memory for them. A server with threads
is no server to fork from, and each process would begin with 108 MB of data instead of 27.
"""

import sys

sys.modules["numpy"] = None  # type: ignore[assignment]  # to import it says from now on that it is not there
