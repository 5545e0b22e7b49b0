"""What the service says about itself: structured log events and Prometheus metrics.

Log events, not sentences, and never a name, an address, a number that identifies, or the text of a complaint. The
correlation id follows a complaint through all services. Batches log one line with all their correlation ids, so
that a trace costs a search and not a line for each contact.
"""

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from redis.asyncio import Redis
from sqlalchemy import text

from shared.broker import NoGroup, answer_of, connect
from shared.db import Database, describe
from shared.events import Stream

log: structlog.stdlib.BoundLogger = structlog.get_logger()

REGISTRY = CollectorRegistry()
ACCEPT_SECONDS = Histogram(
    "satuatap_accept_to_commit_seconds",
    "From the request being valid to its commit",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
ACCEPTED = Counter("satuatap_accepted_total", "Contacts committed", ["channel"], registry=REGISTRY)
HANDLED = Counter("satuatap_events_handled_total", "Events with an effect", ["group", "type"], registry=REGISTRY)
REPEATED = Counter(
    "satuatap_events_repeated_total", "Events that had their effect before", ["group"], registry=REGISTRY
)
UNKNOWN_WORDS = Counter(
    "satuatap_unknown_words_total",
    "Events with a word that this release does not know: a newer one wrote it",
    ["group", "type", "field"],
    registry=REGISTRY,
)
FAILED = Counter("satuatap_events_failed_total", "Failures of a handler", ["group", "handler"], registry=REGISTRY)
NOTICES = Counter("satuatap_notices_total", "Notices by what became of them", ["kind", "outcome"], registry=REGISTRY)
PROVIDER_AWAY = Gauge("satuatap_provider_away", "1 while nothing can be handed over", ["kind"], registry=REGISTRY)
REQUESTS = Counter("satuatap_http_requests_total", "Requests by status", ["method", "status"], registry=REGISTRY)
GAVE_WAY = Counter(
    "satuatap_connections_gave_way_total", "Connections closed because there were too many", registry=REGISTRY
)
LOST_LINES = Counter("satuatap_log_lines_lost_total", "Log lines that could not be written", registry=REGISTRY)

OUTBOX_AGE = Gauge("satuatap_outbox_oldest_seconds", "Age of the oldest unpublished event", registry=REGISTRY)
OUTBOX_UNPUBLISHED = Gauge("satuatap_outbox_unpublished", "Events not yet on the stream", registry=REGISTRY)
STREAM_LAG = Gauge(
    "satuatap_stream_lag", "Entries not yet delivered to the group", ["stream", "group"], registry=REGISTRY
)
STREAM_PENDING = Gauge(
    "satuatap_stream_pending", "Entries delivered, not acknowledged", ["stream", "group"], registry=REGISTRY
)
OLDEST_PENDING = Gauge(
    "satuatap_stream_oldest_pending_seconds",
    "Age of the oldest of them",
    ["stream", "group"],
    registry=REGISTRY,
)
DEAD_LETTERS = Gauge(
    "satuatap_dead_letters", "Entries that wait for a person", ["stream", "handler"], registry=REGISTRY
)

Probe = Callable[[], Awaitable[None]]


class _Lines:
    """Writes each line to a descriptor at once. One that cannot be written is lost and counted, and ends nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._clean = True

    def msg(self, line: bytes) -> None:
        """Writes `line`; after one that was lost, or written in part, it begins on a line of its own."""
        rest = line + b"\n" if self._clean else b"\n" + line + b"\n"
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:  # the disk is full, or nobody reads any longer
            LOST_LINES.inc()
        self._clean = not rest

    debug = info = warning = warn = error = critical = fatal = exception = log = msg


def configure(service: str, instance: str, level: str) -> None:
    """Logs JSON lines to standard output, each with the service and its instance. Logging never raises."""
    lines = _Lines(sys.stdout.fileno())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_kinds,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, instance=instance)
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _exception_kinds(_: Any, __: str, event: Any) -> Any:
    """Replaces an exception by its class and the places it went through: its text may quote a citizen."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = describe(error)
        frames, trace = [], error.__traceback__
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["at"] = frames[-6:]
    return event


def outbox_probe(db: Database) -> Probe:
    """Reads the age and number of unpublished events, and the dead letters, when metrics are asked for."""

    async def probe() -> None:
        async with db.autocommit() as session:
            unpublished = await session.execute(
                text(f"""
                SELECT count(*) AS number, COALESCE(EXTRACT(epoch FROM now() - min(created_at)), 0) AS age
                FROM {db.schema}.outbox WHERE published_at IS NULL
                """)
            )
            waiting = unpublished.one()
            dead = await session.execute(
                text(f"""
                SELECT stream, handler, count(*) AS number FROM {db.schema}.dead_letters
                WHERE replayed_at IS NULL AND discarded_at IS NULL GROUP BY stream, handler
                """)
            )
            OUTBOX_UNPUBLISHED.set(waiting.number)
            OUTBOX_AGE.set(max(0.0, float(waiting.age)))
            DEAD_LETTERS.clear()
            for row in dead:
                DEAD_LETTERS.labels(row.stream, row.handler).set(row.number)

    return probe


def stream_probe(redis_url: object, group: str, streams: Sequence[Stream]) -> Probe:
    """Reads how far `group` is behind on `streams`, when metrics are asked for."""

    async def probe() -> None:
        async with connect(redis_url) as redis:
            for stream in streams:
                await read_stream(redis, stream)

    async def read_stream(redis: Redis, stream: Stream) -> None:
        try:
            seconds, micros = await answer_of(redis.time())
            groups = await answer_of(redis.xinfo_groups(stream.key))
            pending = await answer_of(redis.xpending(stream.key, group))
        except NoGroup:
            return
        info: Mapping[str, Any] = next((g for g in groups if g["name"] == group.encode()), {})
        oldest = 0.0
        if pending["min"] is not None:
            oldest = seconds + micros / 1e6 - int(pending["min"].split(b"-")[0]) / 1000
        STREAM_LAG.labels(stream.name, group).set(info.get("lag") or 0)
        STREAM_PENDING.labels(stream.name, group).set(pending["pending"])
        OLDEST_PENDING.labels(stream.name, group).set(max(0.0, oldest))

    return probe


def render() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)
