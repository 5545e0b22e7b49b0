"""Is it somebody whom we know? What is equal speaks for it, what differs against it, and what is empty says nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.domain.citizens import Citizen, introduced
from services.tickets.domain.identity import Verdict, likeness, recognise
from shared.events import Person
from shared.ids import new_id
from tests.factories import contact

MOBILE, OTHER, LANDLINE = "+6281234567890", "+6281234567891", "+62215550123"
MAIL = "keluarga@contoh.example"
KEYS = {"nik": "nik_index", "programme": "programme_number_index"}


def citizen(name: str | None = None, email: str | None = None, phone: str | None = None, **said: str | None) -> Citizen:
    """Somebody; `nik` and `programme` are equal for equal numbers, `whatsapp`, `line` are ids that those vouch for."""
    numbers: dict[str, Any] = {}
    for short, number in (("nik", "nik"), ("programme", "programme_number")):
        if said.get(short):
            numbers |= {f"{number}_sealed": "sealed", f"{number}_index": said[short]}
    for channel in ("whatsapp", "line"):
        if said.get(channel):
            numbers |= {"channel": channel, "sender": said[channel]}
    if said.get("proved"):
        numbers |= {"channel": "email", "ticket_id": new_id()}
    return introduced(contact(citizen=Person(name=name, email=email, phone=phone), **numbers).data)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (citizen(), citizen(), "new"),
        (citizen("Budi Santoso"), citizen("Budi Santoso"), "new"),
        (citizen(email=MAIL), citizen(email=MAIL.upper()), "same"),
        (citizen(phone=MOBILE), citizen(phone="0812-3456-7890"), "same"),
        (citizen("Budi", phone=MOBILE), citizen("Pak Budi Santoso", MAIL, MOBILE), "same"),
        (citizen("Budi", phone=MOBILE), citizen("Siti", phone=MOBILE), "suggest"),
        (citizen(phone=LANDLINE), citizen(phone=LANDLINE), "suggest"),
        (citizen("Budi", MAIL), citizen("Budi", MAIL), "same"),
        (citizen("Budi Santoso", MAIL), citizen("Siti Santoso", MAIL), "suggest"),
        (citizen(None, MAIL, MOBILE), citizen(None, MAIL, OTHER), "suggest"),
        (citizen(email=MAIL, nik="1"), citizen(email=MAIL, nik="2"), "suggest"),
        (citizen(email=MAIL, nik="1"), citizen(email=MAIL), "same"),
        (citizen(nik="1", phone=MOBILE), citizen(nik="1", phone=OTHER), "same"),
        (citizen(nik="1", programme="1"), citizen(nik="1", programme="2"), "suggest"),
        (citizen("Budi", nik="1"), citizen("Siti", nik="1"), "suggest"),
        (citizen(nik="1"), citizen(programme="1"), "new"),
        (citizen(phone=MOBILE, whatsapp="W"), citizen("Budi", MAIL, MOBILE), "same"),
        (citizen("Mama Dinda", whatsapp="W", phone=MOBILE), citizen("Siti Aminah", phone=MOBILE), "same"),
        (citizen(line="L"), citizen(line="L"), "same"),
        (citizen(line="L"), citizen(whatsapp="L"), "new"),
        (citizen(phone=MOBILE, whatsapp="W"), citizen(phone=MOBILE, whatsapp="V"), "suggest"),
        (citizen(nik="1", line="L"), citizen(nik="1", line="K"), "suggest"),
        (citizen(nik="1", email="a@contoh.example", proved="1"), citizen(nik="1", email=MAIL, proved="1"), "suggest"),
        (citizen(nik="1", email="a@contoh.example", proved="1"), citizen(nik="1", email=MAIL), "same"),
    ],
)
def test_two_are_one_by_a_strong_handle_that_nothing_speaks_against(
    one: Citizen, other: Citizen, verdict: Verdict
) -> None:
    assert likeness(one, other).verdict == likeness(other, one).verdict == verdict


MAYBE = st.none() | st.sampled_from("12")
CITIZENS = st.builds(
    citizen,
    name=st.sampled_from([None, "Budi", "Siti"]),
    email=st.sampled_from([None, MAIL, "lain@contoh.example"]),
    phone=st.sampled_from([None, MOBILE, OTHER, LANDLINE]),
    nik=MAYBE,
    programme=MAYBE,
    whatsapp=MAYBE,
)


@given(one=CITIZENS, other=CITIZENS)
@settings(max_examples=80)
def test_likeness_is_symmetric_and_needs_something_equal(one: Citizen, other: Citizen) -> None:
    found = likeness(one, other)
    assert found == likeness(other, one)
    equal = {handle.name for handle in one.handles} & {handle.name for handle in other.handles}
    assert (found.verdict == "new") == (not equal)
    assert found.verdict != "same" or equal - {("phone", LANDLINE)}, "never without a strong handle"


@given(one=CITIZENS, other=CITIZENS)
@settings(max_examples=60)
def test_what_is_empty_never_makes_two_one(one: Citizen, other: Citizen) -> None:
    """Without what is equal of both, whatever is missing, nothing is left that speaks for it."""
    names = {handle.name for handle in other.handles}
    rest = replace(one, handles=tuple(handle for handle in one.handles if handle.name not in names))
    assert likeness(rest, other).verdict == "new"


@given(details=CITIZENS, known=st.lists(CITIZENS, max_size=6))
@settings(max_examples=60)
def test_recognition_merges_nobody_and_goes_by_no_order(details: Citizen, known: Sequence[Citizen]) -> None:
    found, again = recognise(details, known), recognise(details, known[::-1])
    assert found.known is again.known
    assert found.known is None or likeness(details, found.known).verdict == "same"
    assert found.known not in [other for other, _ in found.suggested]
    assert {likeness(details, other).verdict for other in found.same} <= {"same"}


def test_surest_of_several_is_who_it_is_and_a_person_is_asked_about_the_others() -> None:
    by_mail, by_nik = citizen(email=MAIL), citizen(nik="1")
    found = recognise(citizen(email=MAIL, nik="1"), [by_mail, by_nik])
    assert found.known is by_nik
    assert [other for other, _ in found.suggested] == [by_mail]


def test_family_address_is_a_suggestion_and_somebody_new() -> None:
    father = citizen("Budi Santoso", MAIL, MOBILE)
    found = recognise(citizen("Siti Aminah", MAIL, OTHER), [father])
    assert found.known is None
    [(other, like)] = found.suggested
    assert (other, like.because) == (father, ("same email", "different name", "different phone"))


def test_citizen_who_is_recognised_has_all_his_handles_and_one_who_goes_on_one_of_each_kind() -> None:
    known, said = citizen("Budi", MAIL), citizen("Budi", "baru@contoh.example", MOBILE)
    assert [handle.value for handle in known.recognised(said).handles] == [MAIL, "baru@contoh.example", MOBILE]
    assert [handle.value for handle in known.learned(said).handles] == [MAIL, MOBILE]
    assert known.recognised(said).person == Person(name="Budi", email=MAIL, phone=MOBILE)


def test_handle_is_verified_once_its_channel_vouches_for_it() -> None:
    said = citizen(email=MAIL, phone=MOBILE)
    assert {handle.sureness for handle in said.handles} == {"said"}
    after = said.learned(citizen(phone=MOBILE, whatsapp="W")).learned(citizen(email=MAIL, proved="1"))
    assert [(handle.kind, handle.sureness) for handle in after.handles] == [
        ("email", "verified"),
        ("phone", "verified"),
        ("whatsapp", "verified"),
    ]
