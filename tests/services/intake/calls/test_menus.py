"""Telephone menus: data that holds together, and the way of a caller through them."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.turns import Turn, begin, go_on, repeat
from services.intake.schemas.menus import MenuIn
from shared.events import ContactReceived
from shared.seal import Seal
from tests.conftest import SECRETS, staff_header
from tests.services.intake.calls.given import calls, open_call, spoken, tell, type_digits
from tests.services.intake.conftest import Running
from tests.services.intake.given import events_in_outbox, fields_of, problem_of

PATH = "/v1/ivr/menus/utama"
CARD = "3201234567890007"
MENU: dict[str, Any] = {
    "start": "sapaan",
    "steps": {
        "sapaan": {
            "kind": "choose",
            "say": {"text": "Tekan 1, 2 atau 3."},
            "choices": {"1": "jam", "2": "kartu", "3": "pesan", "0": "sapaan"},
            "otherwise": "petugas",
        },
        "jam": {"kind": "say", "say": {"text": "Buka pukul delapan."}, "next": "selesai"},
        "kartu": {
            "kind": "collect",
            "say": {"text": "Ketik nomor kartu."},
            "about": "programme_number",
            "digits": 16,
            "least": 16,
            "next": "petugas",
            "otherwise": "petugas",
        },
        "pesan": {"kind": "record", "say": {"text": "Bicaralah."}, "next": "selesai"},
        "petugas": {"kind": "queue", "say": {"text": "Mohon tunggu."}, "queue": "umum"},
        "selesai": {"kind": "hangup", "say": {"text": "Terima kasih.", "recording": "https://suara.example/tk.mp3"}},
    },
}


def changed(step: str, **fields: Any) -> dict[str, Any]:
    """The menu with a step that is otherwise."""
    menu = copy.deepcopy(MENU)
    menu["steps"][step] = menu["steps"].get(step, {}) | fields
    return menu


async def write(running: Running, staff: dict[str, str], menu: dict[str, Any]) -> Any:
    return await running.http.put(PATH, headers=staff, json=menu)


# -- writing ----------------------------------------------------------------------------------------------------


async def test_menu_of_the_beginning_leads_to_information_and_to_an_officer(
    running: Running, staff: dict[str, str]
) -> None:
    menu = (await running.http.get(PATH, headers=staff)).json()
    assert (menu["name"], menu["version"], menu["start"]) == ("utama", 1, "sapaan")
    assert (await write(running, staff, {key: menu[key] for key in ("start", "steps")})).json()["version"] == 1


async def test_menu_is_written_as_a_version_and_calls_in_the_older_end_in_it(
    running: Running, staff: dict[str, str]
) -> None:
    await open_call(running, "before")
    assert [(await write(running, staff, MENU)).json()["version"] for _ in range(2)] == [2, 2]
    assert (await running.http.get(PATH, headers=staff)).json()["steps"]["jam"]["next"] == "selesai"
    assert "Selamat datang" in spoken(await open_call(running, "before"))
    assert spoken(await open_call(running, "after")) == "Tekan 1, 2 atau 3."


@pytest.mark.parametrize(
    ("menu", "path"),
    [
        (changed("sapaan", choices={"1": "tidak_ada"}), "steps.sapaan.choices.1"),
        (changed("jam", next="tidak_ada"), "steps.jam.next"),
        (MENU | {"start": "tidak_ada"}, "start"),
        (changed("jam", next="jam"), "steps.jam.next"),
        (changed("sapaan", otherwise="sapaan"), "steps.sapaan.otherwise"),
    ],
)
async def test_menu_that_does_not_hold_together_is_refused_with_its_path(
    running: Running, staff: dict[str, str], menu: dict[str, Any], path: str
) -> None:
    answer = await write(running, staff, menu)
    assert problem_of(answer) == (422, "invalid")
    assert fields_of(answer) == [path]
    assert (await running.http.get(PATH, headers=staff)).json()["version"] == 1


async def test_menu_may_lead_back_to_its_beginning_where_a_silent_caller_comes_out_of_it(
    running: Running, staff: dict[str, str]
) -> None:
    assert (await write(running, staff, changed("kartu", next="sapaan", otherwise="sapaan"))).status_code == 200


async def test_menu_with_a_loop_of_several_steps_names_the_way(running: Running, staff: dict[str, str]) -> None:
    menu = changed("jam", next="lagi") | {}
    menu["steps"]["lagi"] = {"kind": "say", "say": {"text": "Lagi."}, "next": "jam"}
    answer = await write(running, staff, menu)
    assert fields_of(answer) == ["steps.lagi.next"]
    assert "jam → lagi → jam" in answer.json()["errors"][0]["message"]


async def test_menu_with_a_dead_end_is_refused_with_its_path(running: Running, staff: dict[str, str]) -> None:
    menu = copy.deepcopy(MENU)
    del menu["steps"]["jam"]["next"]
    answer = await write(running, staff, menu)
    assert problem_of(answer) == (422, "invalid")
    assert any("jam" in field and field.endswith("next") for field in fields_of(answer))


async def test_menu_is_written_by_supervisors_only(running: Running) -> None:
    assert problem_of(await write(running, staff_header("agent"), MENU)) == (403, "forbidden")


async def test_menu_that_is_not_there_is_not_found(running: Running, staff: dict[str, str]) -> None:
    assert problem_of(await running.http.get("/v1/ivr/menus/lain", headers=staff)) == (404, "not_found")


# -- going through ----------------------------------------------------------------------------------------------

STARTED = begin(MenuIn.model_validate(MENU).menu())


def after(*digits: str) -> Turn:
    """The turn after these were typed, one after another."""
    menu, turn = MenuIn.model_validate(MENU).menu(), STARTED
    for typed in digits:
        turn = go_on(menu, turn.position, typed)
    return turn


def heard(turn: Turn) -> str:
    return " ".join(prompt.text for prompt in turn.prompts)


def test_unknown_digit_is_asked_again_and_ends_at_an_officer() -> None:
    assert heard(after("9")) == "Pilihan tidak dikenal. Tekan 1, 2 atau 3."
    assert after("9", "9", "9").queue == "umum"
    assert after("9", "9", "1").prompts[-1].text == "Terima kasih."


def test_no_digit_is_asked_again_and_ends_at_an_officer() -> None:
    assert heard(after("")).endswith("Tekan 1, 2 atau 3.")
    assert after("", "", "").queue == "umum"


def test_what_is_only_said_is_heard_on_the_way() -> None:
    turn = after("1")
    assert heard(turn) == "Buka pukul delapan. Terima kasih."
    assert turn.is_last
    assert turn.queue is None


def test_sixteen_slow_digits_are_kept_and_the_rest_is_asked_for() -> None:
    turn = after("2", CARD[:3])
    assert turn.gather is not None
    assert turn.gather.digits == 13
    assert "13 angka" in heard(turn)
    assert after("2", *CARD).position.typed == {"programme_number": CARD}
    assert after("2", CARD[:9], "", CARD[9:]).position.typed == {"programme_number": CARD}


def test_digits_begin_again_with_a_star() -> None:
    assert after("2", "99*" + CARD[:4], CARD[4:]).position.typed == {"programme_number": CARD}


def test_digits_that_are_too_few_go_on_without_them_in_the_end() -> None:
    turn = after("2", "123#", "#", "#")
    assert (turn.queue, turn.position.typed) == ("umum", {})


@given(st.lists(st.text("0123456789*#", max_size=18), max_size=60))
def test_caller_always_hears_something_and_repeating_changes_nothing(typed: list[str]) -> None:
    menu, turn = MenuIn.model_validate(MENU).menu(), STARTED
    for digits in typed:
        turn = go_on(menu, turn.position, digits)
        assert turn.prompts
        again = repeat(menu, turn.position)
        assert (again.gather, again.queue, again.position) == (turn.gather, turn.queue, turn.position)


def test_silent_caller_comes_to_an_end() -> None:
    assert after(*[""] * 9).is_last


# -- what is made of it -----------------------------------------------------------------------------------------


async def test_number_that_was_typed_is_sealed_and_makes_a_contact(running: Running, staff: dict[str, str]) -> None:
    await write(running, staff, MENU)
    await open_call(running)
    await type_digits(running, "2")
    await type_digits(running, CARD[:7])
    [call] = await calls(running)
    assert CARD[:7] not in str(call)
    turn = await type_digits(running, CARD[7:])
    assert turn["next"]["queue"] == "umum"
    [contact] = await events_in_outbox(running.service.db)
    assert isinstance(contact, ContactReceived)
    assert (contact.data.channel, contact.data.citizen.phone) == ("call", "+6281255501207")
    assert Seal(SECRETS).open(contact.data.programme_number_sealed or "") == CARD
    ended = await tell(running, "ended", 60)
    assert ended["tracking_code"] == contact.data.tracking_code
    [call] = await calls(running)
    assert call.position_sealed is None
    assert len(await events_in_outbox(running.service.db)) == 1


async def test_message_after_the_tone_makes_a_contact_once(running: Running, staff: dict[str, str]) -> None:
    await write(running, staff, MENU)
    await open_call(running)
    assert (await type_digits(running, "3"))["next"] == {"action": "record", "queue": None, "longest_seconds": 120}
    for _ in range(2):
        await tell(running, "ended", 30, recording="https://suara.example/1.mp3")
    [contact] = await events_in_outbox(running.service.db)
    assert isinstance(contact, ContactReceived)
    assert "https://suara.example/1.mp3" in contact.data.body


async def test_caller_who_is_passed_on_gets_a_contact_once_and_who_is_settled_none(running: Running) -> None:
    for call_id in ("passed", "settled"):
        await open_call(running, call_id)
        await tell(running, "answered", 10, call_id)
    for _ in range(2):
        await tell(running, "transferred", 20, "passed", queue="banding")
    await tell(running, "ended", 30, "settled")
    [contact] = await events_in_outbox(running.service.db)
    assert isinstance(contact, ContactReceived)
    assert contact.data.channel == "call"
