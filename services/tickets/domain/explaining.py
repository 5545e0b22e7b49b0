"""The sum of a deadline in words, in Indonesian and in English."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from babel.dates import format_date, format_datetime

from services.tickets.domain.explanation import DaySum, Explanation
from shared.holidays import in_english

Language = Literal["id", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "first_response": ("Tanggapan pertama", "First response"),
    "next_response": ("Tanggapan berikutnya", "Next response"),
    "resolution": ("Penyelesaian", "Resolution"),
    "verify": ("Verifikasi dan penerusan", "Verification and forwarding"),
    "first_follow_up": ("Tindak lanjut pertama", "First follow-up"),
    "complainant_silence": ("Jawaban pelapor", "The complainant's answer"),
    "working_minutes": ("jam kerja", "of working time"),
    "calendar_days": ("hari kalender", "calendar days"),
    "working_days": ("hari kerja", "working days"),
    "working_days_with_cuti_bersama": (
        "hari kerja (cuti bersama tidak dihitung)",
        "working days (collective leave does not count)",
    ),
    "target": (
        "{kind}: {target} {measure}, menurut kebijakan {policy} versi {policy_version} dan kalender {calendar} "
        "versi {calendar_version}.",
        "{kind}: {target} {measure}, by version {policy_version} of the policy {policy} and version "
        "{calendar_version} of the calendar {calendar}.",
    ),
    "started": ("Mulai dihitung {moment}.", "It began on {moment}."),
    "filed": ("Hari itu sendiri tidak dihitung.", "That day itself does not count."),
    "pause": (
        "Waktu berhenti dari {start} sampai {end}: {working} jam kerja.",
        "It stood still from {start} until {end}: {working} of working time.",
    ),
    "pausing": ("Waktu berhenti sejak {start}.", "It has stood still since {start}."),
    "weekend": ("{days} tidak dihitung: bukan hari kerja.", "{days} do not count: there is no work."),
    "day_off": ("{days} tidak dihitung: {name}.", "{days} does not count: {name}."),
    "paused": ("{days} tidak dihitung: waktu berhenti.", "{days} do not count: the clock stood still."),
    "estimated": (
        "Hari libur tahun {years} belum ditetapkan: ini perkiraan.",
        "There is no holiday data for {years} yet: this is estimated.",
    ),
    "fixed": ("Batas waktu ditetapkan oleh petugas.", "A person fixed the deadline."),
    "due": ("Batas waktu: {moment}.", "It is due on {moment}."),
    "met": ("Selesai tepat waktu, {moment}.", "It was done in time, on {moment}."),
    "late": ("Selesai terlambat, {moment}.", "It was done too late, on {moment}."),
    "breached": ("Batas waktu sudah lewat.", "The deadline is over."),
    "dropped": ("Kebijakan yang berlaku sekarang tidak memintanya.", "The policy that holds now does not ask for it."),
}


def sentences(told: Explanation, language: Language) -> list[str]:
    """Each step of the sum, in the order in which it is done."""
    return list(_Words(told, language).all())


class _Words:
    def __init__(self, told: Explanation, language: Language) -> None:
        self._told, self._clock, self._language = told, told.clock, language

    def all(self) -> Iterator[str]:
        clock, term = self._clock, self._clock.term
        target = term.target_of(clock.priority)
        in_minutes = term.measure == "working_minutes"
        yield self._say(
            "target",
            kind=self._word(clock.kind),
            target=_hours(timedelta(minutes=target)) if in_minutes else str(target),
            measure=self._word(term.measure),
            policy=clock.policy.name,
            policy_version=str(clock.policy.version),
            calendar=clock.calendar.name,
            calendar_version=str(clock.calendar.version),
        )
        yield self._say("started", moment=self._moment(clock.started_at))
        if not in_minutes:
            yield self._say("filed")
        yield from self._pauses()
        yield from self._days_left_out()
        if self._told.estimated:
            yield self._say("estimated", years=", ".join(map(str, self._told.estimated)))
        if clock.fixed_at:
            yield self._say("fixed")
        yield self._say("due", moment=self._moment(clock.due_at))
        yield from self._outcome()

    def _pauses(self) -> Iterator[str]:
        for pause in self._told.pauses:
            if pause.end is None:
                yield self._say("pausing", start=self._moment(pause.start))
            else:
                start, end = self._moment(pause.start), self._moment(pause.end)
                yield self._say("pause", start=start, end=end, working=_hours(pause.working))

    def _days_left_out(self) -> Iterator[str]:
        """The days that do not count: those of the weekend together, each day off by its name."""
        left_out = [day for day in self._told.days if not day.counts]
        for why in ("weekend", "paused"):
            days = [self._day(day.day) for day in left_out if day.why == why]
            if days:
                yield self._say(why, days=", ".join(days))
        for day in left_out:
            if day.why == "day_off":
                yield self._say("day_off", days=self._day(day.day), name=self._called(day))

    def _outcome(self) -> Iterator[str]:
        clock, standing = self._clock, self._told.standing
        if standing == "dropped":
            yield self._say("dropped")
        elif clock.stopped_at:
            yield self._say("late" if standing == "breached" else "met", moment=self._moment(clock.stopped_at))
        elif standing == "breached":
            yield self._say("breached")

    def _called(self, day: DaySum) -> str:
        name = day.name or ""
        return in_english(day.day, name) if self._language == "en" else name

    def _say(self, key: str, **values: str) -> str:
        return self._word(key).format(**values)

    def _word(self, key: str) -> str:
        return _WORDS[key][self._language == "en"] if key in _WORDS else key

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self._told.zone).replace(tzinfo=None)
        return format_datetime(local, "EEEE, d MMMM y HH.mm", locale=self._language)

    def _day(self, day: date) -> str:
        return format_date(day, "EEEE, d MMMM y", locale=self._language)


def _hours(amount: timedelta) -> str:
    """So many hours and minutes, as `9:30`."""
    hours, minutes = divmod(int(amount.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"
