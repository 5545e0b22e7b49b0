"""Two cases become one and two again: against a naive model, whatever is done in whatever order."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.entries import Entry
from services.tickets.domain.merging import Merge
from services.tickets.domain.status import MAY
from shared.errors import Conflict, Invalid
from tests.factories import NOW
from tests.services.tickets.domain.test_verbs import act, joined, new_case

HOUR = timedelta(hours=1)


def case_of(number: int, due_in_hours: int = 9) -> Case:
    case = new_case(id=UUID(int=100 + number), contact_id=UUID(int=200 + number))
    [clock] = case.clocks
    return replace(case, clocks=(replace(clock, due_at=NOW + due_in_hours * HOUR),))


def test_merge_goes_on_with_the_target_under_the_earlier_deadline() -> None:
    for dues in ((5, 9), (9, 5)):
        done = verbs.merge(case_of(1, dues[0]), case_of(2, dues[1]), [], act())
        source, target = done.source.after, done.target.after
        assert (source.ticket.status, source.ticket.merged_into) == ("merged", target.ticket.id)
        assert source.resolution.stopped_at == NOW
        assert (target.resolution.due_at, target.resolution.stopped_at) == (NOW + 5 * HOUR, None)


def test_merge_into_itself_and_into_a_merged_one_is_refused_and_names_the_root() -> None:
    one, two, three = case_of(1), case_of(2), case_of(3)
    with pytest.raises(Invalid):
        verbs.merge(one, one, [], act())
    gone = verbs.merge(one, two, [], act()).source.after
    with pytest.raises(verbs.MergedAway, match=str(two.ticket.id)):
        verbs.merge(three, gone, [], act())
    with pytest.raises(verbs.MergedAway):
        verbs.merge(two, gone, [], act())
    with pytest.raises(verbs.MergedAway):
        verbs.merge(gone, three, [], act())


def test_target_is_open_if_the_source_waits_for_our_word_and_hides_what_either_hid() -> None:
    answered = case_of(2)
    answered = replace(answered, ticket=replace(answered.ticket, status="answered"))
    hidden = replace(case_of(1), ticket=replace(case_of(1).ticket, privacy="confidential"))
    after = verbs.merge(hidden, answered, [], act()).target.after.ticket
    assert (after.status, after.privacy) == ("open", "confidential")


def test_split_needs_a_line_of_the_citizen_and_leaves_the_first_where_it_was() -> None:
    case = case_of(1)
    first = Entry(UUID(int=1), case.ticket.id, "citizen", case.ticket.contact_id, "Satu.", NOW)
    second = replace(first, id=UUID(int=2), contact_id=UUID(int=7), body="Dua.", at=NOW + HOUR)
    ours = Entry(UUID(int=3), case.ticket.id, "agent", None, "Ya.", NOW)
    origin, new = verbs.split(case, [ours, second], act())
    assert (new.before, new.after.ticket.contact_id, new.after.ticket.opened_at) == (None, UUID(int=7), NOW + HOUR)
    assert new.after.ticket.tracking_code != case.ticket.tracking_code
    assert new.after.resolution == replace(case.resolution, ticket_id=new.after.ticket.id)
    assert origin.after.ticket.version == 2
    for wrong in ([first], [ours], [replace(second, said_to=UUID(int=9))]):
        with pytest.raises(Invalid):
            verbs.split(case, wrong, act())


class Lifecycle(RuleBasedStateMachine):
    """Four cases, to which anything is done. The model: a pointer and an own deadline for each, and nothing else."""

    count = 4
    which = st.integers(0, count - 1)

    @initialize(dues=st.lists(st.integers(1, 99), min_size=count, max_size=count))
    def begin(self, dues: list[int]) -> None:
        self.cases = {case.ticket.id: case for number, due in enumerate(dues) for case in [case_of(number, due)]}
        self.ids = list(self.cases)
        self.own = {id_: case.resolution.due_at for id_, case in self.cases.items()}
        self.into: dict[UUID, UUID] = {}
        self.merges: dict[UUID, Merge] = {}

    @rule(one=which, other=which)
    def merge(self, one: int, other: int) -> None:
        source, target = self.cases[self.ids[one]], self.cases[self.ids[other]]
        into_target = [self.merges[id_] for id_, to in self.into.items() if to == target.ticket.id]
        possible = one != other and all("merge" in MAY[case.ticket.status] for case in (source, target))
        try:
            done = verbs.merge(source, target, into_target, act())
        except (Conflict, Invalid):
            assert not possible
            return
        assert possible
        self._keep(done.source.after, done.target.after)
        self.into[source.ticket.id] = target.ticket.id
        self.merges[source.ticket.id] = done.merge

    @rule(one=which)
    def unmerge(self, one: int) -> None:
        source = self.cases[self.ids[one]]
        target_id = self.into.get(source.ticket.id)
        if target_id is None:
            return
        into_target = [self.merges[id_] for id_, to in self.into.items() if to == target_id]
        try:
            done = verbs.unmerge(source, self.cases[target_id], self.merges[source.ticket.id], into_target, act())
        except verbs.MergedMeanwhile as refused:
            assert str(self.into[target_id]) in refused.detail
            return
        assert target_id not in self.into
        self._keep(done.source.after, done.target.after)
        del self.into[source.ticket.id], self.merges[source.ticket.id]

    @rule(one=which, verb=st.sampled_from(("resolve", "reopen", "reply", "close", "join", "hold")))
    def work(self, one: int, verb: str) -> None:
        case = self.cases[self.ids[one]]
        try:
            match verb:
                case "resolve":
                    self._keep(verbs.resolve(case, None, act()).after)
                case "reopen":
                    self._keep(verbs.reopen(case, "keliru", act()).after)
                case "hold":
                    self._keep(verbs.hold(case, NOW + HOUR, "bank", act()).after)
                case "reply" | "close":
                    line = Entry(UUID(int=3), case.ticket.id, "agent", None, "Ya.", NOW)
                    self._keep((verbs.reply if verb == "reply" else verbs.close)(case, line, act()).after)
                case _ if case.ticket.status != "merged":
                    self._keep(joined(case))
        except verbs.NotInThisState:
            assert verb not in MAY[case.ticket.status]

    @invariant()
    def every_chain_ends_in_a_root_and_none_goes_round(self) -> None:
        for id_ in getattr(self, "ids", ()):
            seen = [id_]
            while (after := self.cases[seen[-1]].ticket.merged_into) is not None:
                assert after not in seen
                seen.append(after)
            assert self.cases[seen[-1]].ticket.status != "merged"

    @invariant()
    def each_is_due_with_the_earliest_of_all_that_it_goes_on_with(self) -> None:
        for id_ in getattr(self, "ids", ()):
            ticket = self.cases[id_].ticket
            assert ticket.merged_into == self.into.get(id_)
            assert (ticket.status == "merged") is (id_ in self.into)
            assert self.cases[id_].resolution.due_at == self._due(id_)
            ended = ticket.status in ("merged", "resolved", "closed")
            assert (self.cases[id_].resolution.stopped_at is not None) is ended

    def _due(self, id_: UUID) -> datetime:
        return min([self.own[id_], *(self._due(other) for other, to in self.into.items() if to == id_)])

    def _keep(self, *cases: Case) -> None:
        self.cases |= {case.ticket.id: case for case in cases}


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
