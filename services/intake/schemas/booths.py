"""A booth as supervisors describe it."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.intake.domain.booths import Booth, BoothService, Counter, Dispenser, Policy
from shared.http import Model, example

NAME = r"^[A-Za-z0-9._-]{1,64}$"
ServiceName = Annotated[str, StringConstraints(pattern=NAME)]
CounterName = Annotated[str, StringConstraints(pattern=NAME)]
DeviceName = Annotated[str, StringConstraints(pattern=NAME)]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("not_known", "is not a known zone", {"expected": "a zone such as Asia/Jayapura"})
    return name


def _local(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise PydanticCustomError("not_local", "is no time of a clock on a wall", {"expected": "a time such as 15:30"})
    return at


class ServiceOfBooth(Model):
    """A service. `prefix` stands before its numbers: `A` makes `A001`."""

    name: ServiceName
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{0,2}$")]
    is_open: bool = True


class CounterOfBooth(Model):
    """A counter, and the services for which it calls visitors; without any, for all."""

    name: CounterName
    services: Annotated[tuple[ServiceName, ...], Field(max_length=50)] = ()


class DispenserOfBooth(Model):
    """A dispenser that goes on alone when it is offline. With `prefix` `X` it prints `A-X001` then."""

    device: DeviceName
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{0,4}$")] = ""


class PolicyOfBooth(Model):
    """How visitors are called, and how the day ends. `closes_at` is a time in the booth's zone, or null: midnight."""

    calls_before_no_show: int = Field(default=3, ge=1, le=20)
    minutes_between_calls: int = Field(default=2, ge=0, le=120)
    return_within_minutes: int = Field(default=30, ge=0, le=1440)
    priority_run: int = Field(
        default=2, ge=1, le=100, description="After so many priority visitors in a row it is another's turn"
    )
    warn_seconds_before: int = Field(default=60, ge=0, le=3600, description="Before the first call is due")
    closes_at: Annotated[time, AfterValidator(_local)] | None = None
    keeps_overnight: bool = Field(default=False, description="Who waits at the end of the day is called the next one")


class BoothIn(Model):
    """A booth. A button without a service takes numbers of the first."""

    model_config = example(
        zone="Asia/Makassar",
        services=[{"name": "kartu-kuning", "prefix": "A"}, {"name": "pengaduan", "prefix": "B"}],
        counters=[{"name": "1"}, {"name": "2", "services": ["pengaduan"]}],
        dispensers=[{"device": "D1", "prefix": "X"}],
        policy={"calls_before_no_show": 3, "minutes_between_calls": 2, "closes_at": "15:30"},
    )
    zone: Annotated[str, AfterValidator(_zone)]
    services: Annotated[tuple[ServiceOfBooth, ...], Field(min_length=1, max_length=50)]
    counters: Annotated[tuple[CounterOfBooth, ...], Field(max_length=200)] = ()
    dispensers: Annotated[tuple[DispenserOfBooth, ...], Field(max_length=200)] = ()
    policy: PolicyOfBooth = PolicyOfBooth()

    @model_validator(mode="after")
    def _without_doubles(self) -> Self:
        names = {service.name for service in self.services}
        _each_once("services", "a name of its own for each", [service.name for service in self.services])
        _each_once("services", "a prefix of its own for each", [service.prefix for service in self.services])
        _each_once("counters", "a name of its own for each", [counter.name for counter in self.counters])
        _each_once("dispensers", "a name of its own for each", [dispenser.device for dispenser in self.dispensers])
        own = [dispenser.prefix for dispenser in self.dispensers if dispenser.prefix]
        _each_once("dispensers", "a prefix of its own for each", own)
        if not names.issuperset(name for counter in self.counters for name in counter.services):
            raise _amiss("counters", "services that the booth has")
        return self

    def booth(self, name: str) -> Booth:
        """The booth that is described."""
        policy = self.policy
        return Booth(
            name=name,
            zone=self.zone,
            services=[BoothService(each.name, each.prefix, each.is_open) for each in self.services],
            counters=[Counter(each.name, each.services) for each in self.counters],
            dispensers=[Dispenser(each.device, each.prefix) for each in self.dispensers],
            policy=Policy(
                calls_before_no_show=policy.calls_before_no_show,
                between_calls=timedelta(minutes=policy.minutes_between_calls),
                return_within=timedelta(minutes=policy.return_within_minutes),
                priority_run=policy.priority_run,
                warn_before=timedelta(seconds=policy.warn_seconds_before),
                closes_at=policy.closes_at,
                keeps_overnight=policy.keeps_overnight,
            ),
        )


class BoothOut(BaseModel):
    """A booth as it is described, or as it goes where nobody has described it."""

    booth: str
    zone: str
    services: list[ServiceOfBooth]
    counters: list[CounterOfBooth]
    dispensers: list[DispenserOfBooth]
    policy: PolicyOfBooth

    @classmethod
    def of(cls, booth: Booth) -> Self:
        """The answer about a booth."""
        policy = booth.policy
        return cls(
            booth=booth.name,
            zone=booth.zone,
            services=[
                ServiceOfBooth.model_construct(name=each.name, prefix=each.prefix, is_open=each.is_open)
                for each in booth.services
            ],
            counters=[CounterOfBooth(name=each.name, services=each.services) for each in booth.counters],
            dispensers=[DispenserOfBooth(device=each.device, prefix=each.prefix) for each in booth.dispensers],
            policy=PolicyOfBooth(
                calls_before_no_show=policy.calls_before_no_show,
                minutes_between_calls=policy.between_calls // timedelta(minutes=1),
                return_within_minutes=policy.return_within // timedelta(minutes=1),
                priority_run=policy.priority_run,
                warn_seconds_before=policy.warn_before // timedelta(seconds=1),
                closes_at=policy.closes_at,
                keeps_overnight=policy.keeps_overnight,
            ),
        )


def _each_once(field: str, expected: str, values: Sequence[str]) -> None:
    if len(set(values)) < len(values):
        raise _amiss(field, expected)


def _amiss(field: str, expected: str) -> PydanticCustomError:
    return PydanticCustomError("inconsistent", "has {field} that do not fit", {"field": field, "expected": expected})
