"""The stream consumer: a handler returns or raises, acknowledging is done here.

The order of things, each of which guards a way to lose or double an event:
own pending entries first, then new ones; a batch is one transaction of inbox rows, effects and outbox; the
acknowledgement comes after the commit; what an error means is said in `failures`; an event that keeps failing waits for
a person in PostgreSQL, and comes back from there; an event of a version that this release does not know stops its
stream until a release or a person decides; a group that vanished is made again at the beginning, and the writer is
asked to fill the stream again.
"""

from shared.consumer.consumer import Consumer
from shared.consumer.handling import Handler, Handlers

__all__ = ["Consumer", "Handler", "Handlers"]
