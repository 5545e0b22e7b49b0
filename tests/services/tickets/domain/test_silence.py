"""What a citizen's silence comes to: against a naive model, whatever is done to the case in whatever order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Handle, introduced
from services.tickets.domain.completeness import InfoRequest, receive_info, request_info
from services.tickets.domain.entries import agent_entry
from services.tickets.domain.escalation import Chart, fire
from services.tickets.domain.happenings import Happened, InfoReceived, InfoRequested
from services.tickets.domain.policies import RESOLUTION, SILENCE, Policy, Step, Term
from services.tickets.domain.status import possible
from services.tickets.domain.thresholds import BREACH, STEP, WARN, Timer, timers
from services.tickets.domain.timeline import begin, run
from shared.events import Person
from tests.factories import NOW, contact
from tests.services.tickets.domain.given import TICKET, every_day
from tests.services.tickets.domain.test_verbs import WORDS, act, new_case

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ALWAYS = every_day()
SILENCE_TERM = Term(SILENCE, 8 * 60, "working_minutes", ALWAYS, "asked", ("citizen_wrote", "ended"), warn_before=2 * 60)
ASKING = Policy(
    "asking", 1, "Asia/Jakarta", (Term(RESOLUTION, 6_000, "working_minutes", ALWAYS, pauses=("waiting",)), SILENCE_TERM)
)
OVER = 8 * HOUR + SECOND
SETS = (("nik",), ("phone",), ("nik", "phone"), ("email",), ("email", "nik"), ("programme_number",))


def filed(policy: Policy = ASKING) -> Case:
    case = new_case()
    return replace(case, clocks=begin(TICKET, policy, NOW))


def asked(case: Case, *fields: str, at: datetime = NOW, before: Sequence[InfoRequest] = ()) -> tuple[Case, InfoRequest]:
    change, request = request_info(case, fields, before, act(at))
    return change.after, request


def fired(case: Case, kind: str, at: datetime, *requests: InfoRequest) -> list[Change]:
    """What the threshold of the citizen's clock comes to at that moment."""
    return fire(case, Timer(TICKET, SILENCE, kind, at), Chart({}, ()), requests, act(at, "clock"))


def due_at(case: Case) -> datetime:
    return next(clock.due_at for clock in case.clocks if clock.kind == SILENCE)


def knows(case: Case, kind: str, since: datetime) -> Case:
    """The case of a citizen who said this in another of his cases."""
    handle = Handle(UUID(int=9), case.citizen.id, kind, "x", None, None, "said", since)  # type: ignore[arg-type]
    return replace(case, citizen=replace(case.citizen, handles=(*case.citizen.handles, handle)))


def test_question_gives_the_whole_time_also_to_who_owes_another_answer_and_a_reminder_does_not() -> None:
    case, first = asked(filed(), "nik")
    [reminder] = fired(case, WARN, NOW + 6 * HOUR, first)
    assert due_at(reminder.after) == NOW + 8 * HOUR
    again, second = asked(reminder.after, "phone", at=NOW + 7 * HOUR, before=[first])
    assert due_at(again) == NOW + 15 * HOUR
    assert fired(again, BREACH, NOW + OVER, first, second) == []
    over = verbs.escalate(again, None, "", act()).after
    assert fired(over, BREACH, NOW + 9 * OVER, first, second) == [], "the next word is ours"
    later, third = asked(over, "email", at=NOW + 99 * HOUR, before=[first, second])
    assert due_at(later) == NOW + 107 * HOUR
    [closed] = fired(later, BREACH, NOW + 107 * HOUR + SECOND, first, second, third)
    assert closed.after.ticket.status == "closed"


def test_reminder_names_all_that_was_not_answered_and_none_comes_with_the_end() -> None:
    case, first = asked(filed(), "nik")
    case, second = asked(case, "phone", at=NOW + HOUR, before=[first])
    [reminder] = fired(case, WARN, NOW + 7 * HOUR, first, second)
    assert reminder.entry
    assert "NIK" in reminder.entry.body
    assert "nomor telepon" in reminder.entry.body
    assert fired(case, WARN, NOW + HOUR + OVER, first, second) == [], "a keeper that was away finds both at once"


def test_what_the_citizen_said_in_another_case_is_not_asked_for_again() -> None:
    case, request = asked(filed(), "nik", "email")
    partly = knows(case, "nik", NOW + HOUR)
    [reminder] = fired(partly, WARN, NOW + 6 * HOUR, request)
    assert [each.happening.fields for each in reminder.happened if isinstance(each.happening, InfoRequested)] == [
        ("email",)
    ]
    whole = knows(partly, "email", NOW + 2 * HOUR)
    for kind, at in ((WARN, NOW + 6 * HOUR), (BREACH, NOW + OVER)):
        [received] = fired(whole, kind, at, request)
        assert received.happened[0].happening == InfoReceived(request.id, request.names)
        assert (received.after.ticket.status, received.entry) == ("open", None)
        assert received.after.resolution.paused_at is None


def test_what_was_known_before_and_is_asked_for_on_purpose_is_waited_for() -> None:
    case, request = asked(knows(filed(), "phone", NOW), "phone")
    [reminder] = fired(case, WARN, NOW + 6 * HOUR, request)
    assert reminder.after.ticket.status == "waiting"


def test_silence_leads_nobody_up() -> None:
    """A policy of before may have steps for it."""
    chain = (Step(-60, "setjen", ("unit-head",)),)
    case, request = asked(filed(replace(ASKING, terms=(ASKING.terms[0], replace(SILENCE_TERM, chain=chain)))), "nik")
    assert fired(case, f"{STEP}1", NOW + 7 * HOUR, request) == []


class Waiting(RuleBasedStateMachine):
    """One case, to which anything is done, and a keeper that comes now and then. The model: when the citizen was asked
    last, while he has not written since and was not told the end; whether he was reminded of it; whose word is next,
    and whether it was ours since he was asked.
    """

    @initialize()
    def begin(self) -> None:
        self.case, self.now = filed(), NOW
        self.trail: list[Happened] = []
        self.requests: list[InfoRequest] = []
        self.open_timers: dict[str, datetime] = {}
        self.fired_at: dict[str, datetime] = {}
        self.asked_at: datetime | None = None
        self.is_reminded, self.is_his, self.was_ours = False, False, False

    @rule(hours=st.integers(0, 9))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(fields=st.sampled_from(SETS))
    def agent_asks(self, fields: tuple[str, ...]) -> None:
        possible = "request_info" in verbs_of(self.case) and " ".join(fields) not in {r.fields for r in self.requests}
        if possible:
            change, request = request_info(self.case, fields, self.requests, self._act())
            self._keep(change)
            self.requests.append(request)
            self.asked_at, self.is_reminded, self.is_his, self.was_ours = self.now, False, True, False

    @rule()
    def citizen_writes(self) -> None:
        said = contact(citizen=Person()).data
        self._keep(verbs.join(self.case, said, introduced(said), None, WORDS, self._act()))
        for place, request in enumerate(self.requests):
            if request.answered_at is None:
                self._keep(receive_info(self.case, request, (), self._act()))
                self.requests[place] = replace(request, answered_at=self.now)
        self.asked_at, self.is_his = None, False

    @rule(verb=st.sampled_from(("reply", "escalate", "hold", "resolve", "reopen", "note")))
    def agent_works(self, verb: str) -> None:
        if verb not in verbs_of(self.case) or (verb == "escalate" and self.case.ticket.escalation_level >= 3):
            return
        words, at = agent_entry(TICKET, "Ya.", self.now), self._act()
        match verb:
            case "reply":
                self._keep(verbs.reply(self.case, words, at))
            case "escalate":
                self._keep(verbs.escalate(self.case, None, "", at))
            case "hold":
                self._keep(verbs.hold(self.case, self.now + HOUR, "bank", at))
            case "resolve":
                self._keep(verbs.resolve(self.case, None, at))
            case "reopen":
                self._keep(verbs.reopen(self.case, "keliru", at))
            case _:
                self._keep(verbs.write_note(self.case, words, at))
        if verb != "note":
            self.is_his = verb == "reply"
            self.was_ours |= not self.is_his

    @rule()
    def keeper_comes(self) -> None:
        for kind in sorted(self.open_timers, key=lambda kind: (self.open_timers[kind], kind)):
            if self.open_timers.get(kind, self.now + HOUR) > self.now:
                continue
            unanswered = [request for request in self.requests if request.answered_at is None]
            changes = fired(self.case, kind, self.now, *unanswered)
            del self.open_timers[kind]
            self.fired_at[kind] = self.now
            self._check(kind, changes)
            for change in changes:
                self._keep(change)
        assert self.was_ours or self._waited() < OVER, "who did not answer is told that his case is closed"

    @invariant()
    def who_was_asked_has_the_whole_time_since(self) -> None:
        if not hasattr(self, "case"):
            return
        if self.asked_at is not None and self.case.ticket.status_category != "resolved":
            [clock] = [clock for clock in self.case.clocks if clock.kind == SILENCE]
            assert (clock.due_at, clock.runs) == (self.asked_at + 8 * HOUR, True)

    @invariant()
    def whole_trail_gives_the_same_clocks(self) -> None:
        if hasattr(self, "case"):
            policies = {(ASKING.name, ASKING.version): ASKING}
            assert self.case.clocks == run(policies, ASKING, TICKET, NOW, self.trail)

    def _check(self, kind: str, changes: Sequence[Change]) -> None:
        """Against the model: reminded once, closed at the end, and never before, nor while the next word is ours."""
        waited = self._waited()
        if kind == WARN and 6 * HOUR <= waited < OVER:
            assert not self.is_reminded
            assert [change.after.ticket.status for change in changes] == ["waiting"]
            self.is_reminded = True
        elif kind == BREACH and waited >= OVER:
            assert [change.after.ticket.status for change in changes] == ["closed"]
            self.asked_at, self.is_his = None, False
        else:
            assert changes == []

    def _waited(self) -> timedelta:
        """How long the citizen did not answer, while the next word is his."""
        return self.now - self.asked_at if self.asked_at and self.is_his else timedelta()

    def _act(self) -> Act:
        return act(self.now)

    def _keep(self, change: Change) -> None:
        """What is written: the case, its trail, and its timers. One that fired does so again only for later."""
        self.case = change.after
        self.trail += change.happened
        for clock in self.case.clocks:
            for timer in timers(clock) if clock.kind == SILENCE else ():
                fired_at = self.fired_at.get(timer.kind)
                if timer.due_at is None:
                    self.open_timers.pop(timer.kind, None)
                elif fired_at is None or timer.due_at > fired_at:
                    self.open_timers[timer.kind] = timer.due_at


def verbs_of(case: Case) -> frozenset[str]:
    return frozenset(possible(case.ticket.status))


TestWaiting = Waiting.TestCase
TestWaiting.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
