"""A booth: its zone, services, counters and dispensers, and the rules that it goes by (docs/domain.md, "Booths")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.errors import Conflict, FieldError, Invalid


class BoothClosed(Conflict):
    """The booth gives no more numbers today."""

    code, title = "booth_closed", "The booth has closed for today"


class ServiceClosed(Conflict):
    """The service takes no visitors just now."""

    code, title = "service_closed", "The service takes nobody just now"
    fault = FieldError("service", "is closed", "a service of the booth that is open")


_LONGEST_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class BoothService:
    """A service of a booth. Its numbers have `prefix` before them; one of a booth may have none."""

    name: str
    prefix: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter, and the services for which it calls visitors."""

    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispenser:
    """A dispenser that goes on alone when it is offline. Its own papers have `prefix` after that of the service."""

    device: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How visitors are called, and how the day ends.

    Who does not come is called `calls_before_no_show` times, `between_calls` apart, and then has `return_within` to
    come back. After `priority_run` priority visitors in a row it is somebody else's turn. `warn_before` says how long
    before the five minutes are over somebody is told. The day ends at `closes_at`, or at midnight.
    """

    calls_before_no_show: int = 3
    between_calls: timedelta = timedelta(minutes=2)
    return_within: timedelta = timedelta(minutes=30)
    priority_run: int = 2
    warn_before: timedelta = timedelta(minutes=1)
    closes_at: time | None = None
    keeps_overnight: bool = False


@dataclass(frozen=True, slots=True)
class Booth:
    """A booth. One that nobody described has one service without a prefix, and the usual rules."""

    name: str
    zone: str
    services: Sequence[BoothService] = (BoothService("", ""),)
    counters: Sequence[Counter] = ()
    dispensers: Sequence[Dispenser] = ()
    policy: Policy = field(default_factory=Policy)

    def day(self, now: datetime) -> date:
        """The booth's own day at `now`."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def midnight_before(self, now: datetime) -> datetime:
        """When the booth's day at `now` began."""
        return datetime.combine(self.day(now), time(), ZoneInfo(self.zone))

    def midnight_after(self, day: date) -> datetime:
        """When `day` is over where the booth stands."""
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.zone))

    def closing(self, day: date) -> datetime:
        """When the booth closes on `day`."""
        at = self.policy.closes_at
        return datetime.combine(day, at, ZoneInfo(self.zone)) if at else self.midnight_after(day)

    def keeps(self, day: date, now: datetime) -> bool:
        """Whether who still waits of `day`, which is over, is called all the same: for a week at the most."""
        return self.policy.keeps_overnight and self.day(now) - day <= _LONGEST_KEPT

    def check_gives_numbers(self, now: datetime) -> None:
        """Raises `BoothClosed` after the end of the booth's day."""
        if now >= self.closing(self.day(now)):
            raise BoothClosed("It has closed for today: come back tomorrow.")

    def service(self, name: str | None) -> BoothService:
        """The service of that name; without a name the booth's first. Raises `Invalid`."""
        if name is None:
            return self.services[0]
        found = next((service for service in self.services if service.name == name), None)
        if found is None:
            raise Invalid(
                "The booth has no such service.",
                errors=[FieldError("service", "is not known here", _names(service.name for service in self.services))],
            )
        return found

    def open_service(self, name: str | None) -> BoothService:
        """The service of that name, which takes visitors. Raises `Invalid` and `ServiceClosed`."""
        service = self.service(name)
        if not service.is_open:
            raise ServiceClosed("That service takes nobody just now.")
        return service

    def services_at(self, counter: str | None) -> set[str] | None:
        """For which services a counter calls; None for all of them. Raises `Invalid` for a counter it does not have."""
        if counter is None or not self.counters:
            return None
        found = next((each for each in self.counters if each.name == counter), None)
        if found is None:
            raise Invalid(
                "The booth has no such counter.",
                errors=[FieldError("counter", "is not known here", _names(each.name for each in self.counters))],
            )
        return set(found.services) or None

    def dispenser(self, device: str) -> Dispenser:
        """The dispenser of that name. Raises `Invalid`."""
        found = next((each for each in self.dispensers if each.device == device), None)
        if found is None:
            raise Invalid(
                "The booth has no such dispenser.",
                errors=[FieldError("device", "is not known here", _names(each.device for each in self.dispensers))],
            )
        return found


def series_of(service: BoothService, dispenser: Dispenser | None = None) -> str:
    """What stands before the number on a paper: `A`, or `A-X` where a dispenser has a prefix of its own."""
    return f"{service.prefix}-{dispenser.prefix}" if dispenser and dispenser.prefix else service.prefix


def label_of(series: str, number: int) -> str:
    """What the paper says: `A001`, and after `A999` comes `A1000`; without a prefix the number alone."""
    return f"{series}{number:03}" if series else str(number)


def _names(names: object) -> str:
    return f"one of: {', '.join(sorted(filter(None, names)))}"  # type: ignore[call-overload]
