"""What may follow what: each verb in each state, and a refusal that says what is possible."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, get_args

import pytest

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Change
from services.tickets.domain.status import CATEGORY, MAY, VERBS, Status, Verb, category_of, possible
from shared.errors import Conflict, Invalid
from shared.events.words import TicketPrivacy, TicketStatus
from shared.visibility import Privacy
from tests.factories import NOW
from tests.services.tickets.domain.test_verbs import WORDS, act, new_case, standing
from tests.services.tickets.domain.test_verbs import joined as joined_by_citizen

SOON = NOW + timedelta(days=1)
OTHER = new_case(id=new_case().ticket.contact_id)


DO: Mapping[Verb, Callable[[Case], Change]] = {
    "claim": lambda case: verbs.claim(case, act()),
    "assign": lambda case: verbs.assign(case, "staff:2", act()),
    "unassign": lambda case: verbs.unassign(case, act()),
    "reply": lambda case: verbs.reply(case, WORDS, act()),
    "note": lambda case: verbs.write_note(case, WORDS, act()),
    "hold": lambda case: verbs.hold(case, SOON, "bank", act()),
    "escalate": lambda case: verbs.escalate(case, None, "", act()),
    "forward": lambda case: verbs.forward(case, "Disnaker", None, act()),
    "resolve": lambda case: verbs.resolve(case, None, act()),
    "reopen": lambda case: verbs.reopen(case, "keliru", act()),
    "close": lambda case: verbs.close(case, WORDS, act()),
    "reject": lambda case: verbs.reject(case, WORDS, act()),
    "merge": lambda case: verbs.merge(case, OTHER, [], act()).source,
    "link": lambda case: verbs.link(case, OTHER.ticket.id, act()),
    "set_priority": lambda case: verbs.set_priority(case, "high", act()),
    "set_privacy": lambda case: verbs.set_privacy(case, "anonymous", act()),
}
BECOMES: Mapping[Verb, Status] = {
    "reply": "answered",
    "hold": "held",
    "escalate": "escalated",
    "forward": "forwarded",
    "resolve": "resolved",
    "reopen": "open",
    "close": "closed",
    "reject": "rejected",
    "merge": "merged",
}
"""The others leave it as it stands."""


def case_that_is(status: Status) -> Case:
    known: dict[str, dict[str, Any]] = {
        "merged": {"merged_into": OTHER.ticket.id},
        "held": {"held_until": SOON},
        "resolved": {"resolved_at": NOW},
    }
    return new_case(status=status, **known.get(status, {}))


def test_words_are_those_of_the_contract_and_each_has_its_category_and_its_row() -> None:
    assert get_args(Status) == get_args(TicketStatus)
    assert get_args(Privacy) == get_args(TicketPrivacy)
    assert CATEGORY.keys() == MAY.keys() == set(get_args(Status))
    assert category_of("of tomorrow") == "open"


@pytest.mark.parametrize("verb", DO)
@pytest.mark.parametrize("status", get_args(Status))
def test_verb_follows_where_the_table_says_so_and_is_refused_with_what_is_possible_elsewhere(
    status: Status, verb: Verb
) -> None:
    case = case_that_is(status)
    if verb in MAY[status]:
        after = DO[verb](case).after.ticket
        assert after.status == BECOMES.get(verb, status)
        assert after.version == case.ticket.version + (verb != "unassign")
        assert (after.held_until is not None) is (after.status == "held")
        return
    with pytest.raises(verbs.NotInThisState) as refused:
        DO[verb](case)
    [fault] = refused.value.errors
    assert fault.message == f"is {status}"
    assert all(word in refused.value.detail for word in possible(status))
    assert refused.value.code == {"resolved": "ticket_resolved", "merged": "ticket_merged"}.get(
        status, "not_in_this_state"
    )


@pytest.mark.parametrize("status", sorted(MAY.keys() - {"merged"}))
def test_citizens_word_opens_every_case_again_whatever_its_end(status: Status) -> None:
    after = joined_by_citizen(case_that_is(status))
    assert (*standing(after), after.ticket.held_until, after.ticket.resolved_at) in {
        ("open", "open", None, None),
        ("escalated", "open", None, None),
    }
    assert after.resolution.stopped_at is None


def test_verbs_of_the_table_are_all_there() -> None:
    assert DO.keys() | {"request_info", "unmerge", "split"} == set(VERBS)


# -- who has it -------------------------------------------------------------------------------------------------


def test_claim_takes_what_nobody_has_and_twice_is_once() -> None:
    mine = verbs.claim(new_case(), act()).after
    assert mine.ticket.assignee == "staff:1"
    again = verbs.claim(mine, act())
    assert (again.after, again.happened) == (mine, ())
    with pytest.raises(verbs.AlreadyAssigned) as refused:
        verbs.claim(mine, act(actor="staff:2"))
    assert "staff:1" not in refused.value.detail + str(refused.value.errors)


def test_case_that_goes_to_another_unit_is_nobodys() -> None:
    mine = verbs.claim(new_case(), act()).after
    assert verbs.escalate(mine, None, "", act()).after.ticket.assignee == "staff:1"
    assert verbs.escalate(mine, OTHER.unit, "", act()).after.ticket.assignee == "staff:1"
    elsewhere = verbs.escalate(mine, type(mine.unit)("setjen", "Setjen"), "", act()).after
    assert elsewhere.ticket.assignee is None


# -- held -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_hold_is_until_a_moment_to_come_within_a_year(days: int) -> None:
    with pytest.raises(Invalid) as refused:
        verbs.hold(new_case(), NOW + timedelta(days=days), "bank", act())
    assert [fault.field for fault in refused.value.errors] == ["until"]


def test_hold_ends_when_its_moment_comes_and_not_before_or_twice() -> None:
    held = verbs.hold(new_case(), SOON, "bank", act()).after
    assert verbs.end_hold(held, act(SOON - timedelta(seconds=1))).happened == ()
    ended = verbs.end_hold(held, act(SOON))
    assert (standing(ended.after), ended.after.ticket.held_until) == (("open", "open"), None)
    assert verbs.end_hold(ended.after, act(SOON)).happened == ()
    assert verbs.end_hold(verbs.resolve(held, None, act()).after, act(SOON)).happened == ()


# -- ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["resolve", "close", "reject"])
def test_clock_stops_with_each_end_once_and_runs_on_due_when_it_was(verb: Verb) -> None:
    ended = DO[verb](new_case()).after
    assert ended.resolution.stopped_at == NOW
    if verb != "close":
        closed = verbs.close(ended, WORDS, act(SOON)).after
        assert closed.resolution.stopped_at == NOW
        assert verbs.reopen(ended, "keliru", act(SOON)).after.resolution == new_case().resolution


def test_note_and_marks_move_no_clock_and_no_status() -> None:
    case = verbs.reply(new_case(), WORDS, act()).after
    for verb in ("note", "link", "set_priority", "set_privacy", "claim"):
        after = DO[verb](case).after
        assert standing(after) == standing(case)
        assert [clock.of_priority("normal") for clock in after.clocks] == list(case.clocks)


def test_link_is_with_another() -> None:
    with pytest.raises(Invalid):
        verbs.link(OTHER, OTHER.ticket.id, act())


def test_refusals_of_a_state_are_conflicts() -> None:
    assert issubclass(verbs.NotInThisState, Conflict)
