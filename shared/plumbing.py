"""What every composition root joins together in the same way: engine, relay, consumers, app, health."""

from collections.abc import Collection, Sequence

from fastapi import APIRouter, FastAPI

from shared import trail_routes
from shared.api_keys import ApiKeys
from shared.auth import Authority, Widen
from shared.clock import Clock
from shared.consumer import Consumer, Handlers
from shared.counters import Counters
from shared.db import Database
from shared.events import STREAMS, Stream
from shared.health import health_routes, postgres_check, redis_check
from shared.http import create_app
from shared.key_uses import KeyUses
from shared.keystore import KeyStore
from shared.limits import Limits
from shared.oidc import Issuer, Words
from shared.outbox import Relay
from shared.retention import Retention, Rule, common_rules
from shared.revocations import Revocations
from shared.runner import Service
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens
from shared.telemetry import outbox_probe, stream_probe
from shared.wiring import Wiring
from shared.worker import Worker


class Plumbing:
    """The pipes of the service `name`: its database, and the relay to the one stream that it writes."""

    def __init__(self, common: CommonSettings, name: str, clock: Clock) -> None:
        self._common = common
        self._clock = clock
        self.name = name
        self.secrets = common.secrets
        self.db = Database(common.database_url, schema=name)
        self.relay = Relay(
            db=self.db,
            redis_url=common.redis_url,
            stream=next(stream for stream in STREAMS.values() if stream.writer == name),
            clock=clock,
            replay_window=common.replay_window,
        )
        self._around: list[Worker] = []
        self._reads: list[Stream] = []
        self._workers: list[Worker] = []

    def authority(
        self, *, takes_keys: bool = False, chats: Capabilities | None = None, widen: Widen | None = None
    ) -> Authority:
        """What this service accepts: staff by the tokens that the settings name, and keys if it takes any."""
        issuer = _issuer(self._common)
        keys, uses = self._api_keys() if takes_keys else (None, None)
        self._around += [worker for worker in (issuer, uses) if worker]
        return Authority(
            staff=StaffTokens(self.secrets) if self._common.local_tokens else None,
            revocations=Revocations.of(self.db),
            api_keys=keys,
            chats=chats,
            key_uses=uses,
            issuer=issuer,
            widen=widen,
        )

    def _api_keys(self) -> tuple[ApiKeys, KeyUses]:
        store = KeyStore(self.db)
        uses = KeyUses(redis_url=self._common.redis_url, service=self.name, save=store.save_uses, clock=self._clock)
        return ApiKeys(store.load), uses

    def consumer(self, stream: Stream, handlers: Handlers, *, essential: bool = True) -> Consumer:
        """A consumer of `stream` for this service, under this instance's name."""
        self._reads.append(stream)
        return Consumer(
            db=self.db,
            redis_url=self._common.redis_url,
            stream=stream,
            instance=self._common.instance,
            handlers=handlers,
            clock=self._clock,
            patience=self._common.retry_window,
            essential=essential,
        )

    def app(
        self,
        *,
        description: str,
        authority: Authority,
        routers: Sequence[APIRouter],
        parts: Sequence[object] = (),
        max_import_bytes: int | None = None,
        bounds_itself: Collection[str] = (),
        redis_essential: bool = True,
    ) -> FastAPI:
        """The app with the edge, the service's routes and its health routes. `parts` are what its own routes need."""
        app = create_app(
            title=self.name,
            description=description,
            wiring=Wiring(self.db, authority, self._clock, self._limits(), parts),
            max_body_bytes=self._common.max_body_bytes,
            max_import_bytes=max_import_bytes,
            bounds_itself=bounds_itself,
            trusted_proxies=self._common.trusted_proxies,
            allowed_origins=self._common.allowed_origins,
        )
        for router in (*routers, trail_routes.router):
            app.include_router(router)
        checks = {
            "postgres": postgres_check(self.db),
            "redis": redis_check(self._common.redis_url, essential=redis_essential),
        }
        probes = [outbox_probe(self.db), stream_probe(self._common.redis_url, self.name, self._reads)]
        app.include_router(health_routes(checks, probes, self._workers))
        return app

    def _limits(self) -> Limits:
        return Limits(
            Counters(self._common.redis_url, self.secrets.key("limits")),
            self.name,
            public_per_minute=self._common.public_requests_per_minute,
            failures_per_minute=self._common.failed_credentials_per_minute,
            chats_per_minute=self._common.widget_chats_per_minute,
        )

    def service(self, app: FastAPI, workers: Sequence[Worker], keep: Sequence[Rule] = ()) -> Service:
        """All of it, ready to run. `keep` are the service's own rules of retention."""
        rules = [*common_rules(self.name, self._common), *keep]
        retention = Retention(db=self.db, rules=rules, clock=self._clock)
        self._workers += [*workers, self.relay, retention, *self._around]
        return Service(name=self.name, app=app, db=self.db, workers=self._workers)


def _issuer(common: CommonSettings) -> Issuer | None:
    if not (common.oidc_issuer and common.oidc_audience):
        return None
    words = Words(common.oidc_roles_claim, common.oidc_roles, common.oidc_units_claim, common.oidc_units)
    return Issuer(url=common.oidc_issuer, audience=common.oidc_audience, words=words)
