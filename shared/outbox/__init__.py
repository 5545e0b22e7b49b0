"""The outbox: an event is a row first, and the relay carries rows to the stream.

`add` writes in the caller's transaction: what is not in the transaction did not happen. The relay claims *unpublished*
rows, never "rows with a number greater than the last", because numbers are not handed out in commit order and a slow
transaction would be skipped for ever. Published rows stay for the replay window, so that a Redis that lost entries,
or everything, is filled again from here; the inbox of each reader makes the second arrival harmless.
"""

from shared.outbox.add import add, replay_since
from shared.outbox.relay import Relay

__all__ = ["Relay", "add", "replay_since"]
