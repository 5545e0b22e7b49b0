"""Following a case by its code: whoever knows the code sees how it stands, and nothing that says whose it is."""

import httpx
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import normalise_tracking_code
from tests.conftest import staff_header
from tests.factories import CITIZEN
from tests.services.tickets.conftest import Running, faults, refusal

CODE = "7K3Q-WM9X-TB40"


async def test_code_shows_how_the_case_stands(running: Running, http: httpx.AsyncClient) -> None:
    ticket = await running.bring(tracking_code=CODE)
    await http.post(f"/v1/tickets/{ticket}/escalate", headers=staff_header("agent"), json={"unit": "Setjen"})
    answer = await http.get(f"/v1/track/{CODE}")
    assert answer.status_code == 200
    assert answer.json() == {
        "tracking_code": CODE,
        "status": "escalated",
        "status_category": "open",
        "channel": "form",
        "topic": "insentif",
        "unit": "setjen",
        "unit_name": "Setjen",
        "opened_at": "2026-03-13T09:00:00+07:00",
        "resolution_due_at": "2026-03-20T23:59:59+07:00",
        "first_replied_at": None,
        "resolved_at": None,
        "escalation_level": 1,
        "status_text": "Diteruskan, sedang ditangani",
        "asked": None,
        "steps": [
            {"step": "opened", "text": "Pengaduan kami terima", "at": "2026-03-13T09:00:00+07:00", "times": 1},
            {
                "step": "escalated",
                "text": "Pengaduan diteruskan untuk ditangani lebih lanjut",
                "at": "2026-03-13T09:00:00+07:00",
                "times": 1,
            },
        ],
    }


async def test_nothing_says_whose_case_it_is(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(
        tracking_code=CODE, subject="Nama saya Warga Satu", body="Insentif", programme_number_last4="4321"
    )
    shown = (await http.get(f"/v1/track/{CODE}")).text
    for secret in (CITIZEN.name, CITIZEN.email, CITIZEN.phone, "4321", "Nama saya"):
        assert str(secret) not in shown


async def test_what_is_asked_is_told_in_the_language_that_was_asked_for(
    running: Running, http: httpx.AsyncClient
) -> None:
    ticket = await running.bring(tracking_code=CODE)
    await http.post(f"/v1/tickets/{ticket}/reply", headers=staff_header("agent"), json={"body": "Mohon kirim slip."})
    told = (await http.get(f"/v1/track/{CODE}", params={"lang": "en"})).json()
    assert told["asked"] == "Please read our answer, and reply if that does not settle it."
    assert [step["text"] for step in told["steps"]] == ["We received your complaint", "We answered you"]
    assert faults(await http.get(f"/v1/track/{CODE}", params={"lang": "jv"})) == ["lang"]


async def test_it_is_found_however_it_was_typed(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(tracking_code=CODE)
    for typed in ("7k3q-wm9x-tb40", "7K3QWM9XTB40", "7k3qwm9xtb4o", " 7K3Q WM9X TB4O ", "7K3Q--WM9X-TB40"):
        answer = await http.get(httpx.URL("/", path=f"/v1/track/{typed}"))
        assert (answer.status_code, answer.json().get("tracking_code")) == (200, CODE), typed


async def test_code_that_is_not_known_is_not_found_and_not_repeated(running: Running, http: httpx.AsyncClient) -> None:
    await running.bring(tracking_code=CODE)
    for typed in ("7K3Q-WM9X-TB41", "ABCD-EFGH-JKM", "7K3Q-WM9X-TB4U", "%00", "🙂", "' OR 1=1 --"):
        answer = await http.get(httpx.URL("/", path=f"/v1/track/{typed}"))
        assert faults(answer, 404, "not_found") == ["tracking_code"], typed
        assert typed not in answer.text


async def test_what_is_no_route_is_refused_in_the_same_form(running: Running, http: httpx.AsyncClient) -> None:
    refusal(await http.get("/v1/nothing-here"), 404, "not_found")
    refusal(await http.delete(f"/v1/track/{CODE}"), 405, "method_not_allowed")


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = {"0": "0Oo", "1": "1IilL"}


@given(letters=st.text(ALPHABET, min_size=12, max_size=12), between=st.sampled_from(["-", " ", ""]), typing=st.data())
def test_code_survives_being_read_out_and_typed_in(letters: str, between: str, typing: st.DataObject) -> None:
    typed = [typing.draw(st.sampled_from(MISREAD.get(letter, letter + letter.lower()))) for letter in letters]
    heard = between.join("".join(typed[start : start + 4]) for start in (0, 4, 8))
    assert normalise_tracking_code(heard) == f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


@given(text=st.text(max_size=20))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = normalise_tracking_code(text)
    assert code is None or normalise_tracking_code(code) == code
