"""Who brings complaints: what a contact says of him, and what is learnt of him later."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.citizens import Citizen, introduced
from shared.events import Person
from tests.factories import CITIZEN, NOW, contact

NOBODY = Person()
MAYBE = st.sampled_from([None, "one", "other"])
PERSONS = st.builds(Person, name=MAYBE, email=MAYBE, phone=MAYBE)


def introduction(citizen: Person = CITIZEN, **changes: Any) -> Citizen:
    return introduced(contact(citizen=citizen, **changes).data)


def test_citizen_is_known_by_what_he_says_of_himself() -> None:
    citizen = introduction(programme_number_sealed="sealed", programme_number_last4="1234")
    assert (citizen.person, citizen.created_at, citizen.version) == (CITIZEN, NOW, 1)
    assert [(h.kind, h.value, h.sealed, h.last4, h.sureness, h.first_seen_at) for h in citizen.handles] == [
        ("email", CITIZEN.email, None, None, "said", NOW),
        ("phone", CITIZEN.phone, None, None, "said", NOW),
        ("programme_number", None, "sealed", "1234", "said", NOW),
    ]
    assert {handle.citizen_id for handle in citizen.handles} == {citizen.id}


def test_numbers_of_a_citizen_are_known_by_their_blind_index() -> None:
    citizen = introduction(
        NOBODY, nik_sealed="sealed", nik_last4="1234", nik_index="one", programme_number_sealed="sealed too"
    )
    assert [(handle.kind, handle.last4, handle.blind_index) for handle in citizen.handles] == [
        ("nik", "1234", "one"),
        ("programme_number", None, None),
    ]


def test_citizen_who_says_nothing_of_himself_is_one_all_the_same() -> None:
    assert (introduction(NOBODY).person, introduction(NOBODY).handles, introduction(NOBODY).programme_number) == (
        NOBODY,
        (),
        None,
    )
    assert introduction(NOBODY).id != introduction(NOBODY).id


def test_citizen_of_whom_nothing_new_is_said_is_the_same() -> None:
    known = introduction()
    assert known.learned(introduction(NOBODY)) is known
    assert known.learned(introduction(CITIZEN)) is known


@given(known=PERSONS, heard=PERSONS)
def test_what_was_not_known_is_learnt_once_and_what_was_known_stays(known: Person, heard: Person) -> None:
    before = introduction(known)
    after = before.learned(introduction(heard))
    for field in Person.model_fields:
        assert getattr(after.person, field) == (getattr(known, field) or getattr(heard, field))
    assert after.version == before.version + (after.person != before.person)
    assert after.handles[: len(before.handles)] == before.handles
    assert {handle.citizen_id for handle in after.handles} <= {before.id}
    assert after.learned(introduction(heard)) is after
