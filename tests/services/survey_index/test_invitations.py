"""A resolved case may be asked about: once, if there is a way to ask, by a link that is the citizen's own."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.survey_index.models import Survey
from services.survey_index.service import surveys
from services.survey_index.service.links import Links, UnknownLink
from shared.events import Person
from shared.ids import new_id
from shared.secret import Secrets
from tests.conftest import SECRETS, staff_header
from tests.factories import CITIZEN, ticket_resolved
from tests.services.survey_index.conftest import PUBLIC_URL, SKM, Running, new_citizen
from tests.services.survey_index.given import OFFICER, get_figure
from tests.services.tickets.conftest import faults, refusal

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LINKS = Links(secrets=SECRETS, public_url=PUBLIC_URL)


async def test_resolved_case_is_invited_with_a_link_of_its_own(running: Running) -> None:
    event = ticket_resolved(unit="pengawas", channel="chat").model_copy(update={"traceparent": PARENT})
    await running.resolve(event)
    (invited,) = await running.invitations()
    data = invited.data
    assert (data.survey, data.ticket_id, data.tracking_code) == (
        "layanan",
        event.data.ticket_id,
        event.data.tracking_code,
    )
    assert data.link == LINKS.link(data.invitation_id)
    assert data.link.startswith("https://survei.contoh.example/s/")
    assert data.expires_at == datetime(2026, 3, 27, 16, 59, 59, tzinfo=UTC), "the end of that day in Jakarta"
    assert (data.citizen, data.zone) == (CITIZEN, "Asia/Jakarta")
    assert (invited.source, invited.subject, invited.trace) == (
        "survey_index",
        str(event.data.ticket_id),
        event.trace,
    )


async def test_what_is_kept_of_an_invitation_says_nothing_of_the_person(running: Running) -> None:
    await running.resolve(ticket_resolved(unit="pengawas", channel="chat"))
    (row,) = await running.rows("SELECT * FROM invitations")
    assert (row.unit, row.channel, row.used_at) == ("pengawas", "chat", None)
    for known in (CITIZEN.name, CITIZEN.email, CITIZEN.phone):
        assert str(known) not in str(tuple(row))


async def test_case_is_asked_about_once_however_often_it_was_resolved(running: Running) -> None:
    ticket_id = new_id()
    await running.resolve(ticket_resolved(ticket_id=ticket_id), ticket_resolved(ticket_id=ticket_id, version=6))
    await running.resolve(ticket_resolved(ticket_id=ticket_id, version=8))
    assert len(await running.invitations()) == len(await running.rows("SELECT 1 FROM invitations")) == 1


async def test_batches_at_once_ask_once(running: Running) -> None:
    events = [ticket_resolved(citizen=new_citizen()) for _ in range(5)]
    await asyncio.gather(*(running.resolve(*events) for _ in range(3)))
    asked = [invited.data.ticket_id for invited in await running.invitations()]
    assert sorted(asked) == sorted(event.data.ticket_id for event in events)


async def test_who_cannot_be_reached_is_not_asked(running: Running) -> None:
    await running.resolve(ticket_resolved(citizen=Person()))
    assert await running.invitations() == []
    email, phone = Person(email="warga@surel.example"), Person(phone="+6281255501234")
    people = (Person(), email, Person(name="Warga Satu"), phone)
    await running.resolve(*(ticket_resolved(citizen=citizen) for citizen in people))
    assert [invited.data.citizen for invited in await running.invitations()] == [email, phone]
    assert len(await running.rows("SELECT 1 FROM invitations")) == 2


# -- the link ---------------------------------------------------------------------------------------------------


async def test_link_tells_what_is_asked(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    answer = await http.get(f"/v1/invitations/{token}")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["survey"], told["answered"], told["expires_at"]) == ("layanan", False, "2026-03-27T16:59:59Z")
    assert [question["code"] for question in told["questions"]][-3:] == ["sarana", "pengaduan", "nps"]
    assert told["questions"][3]["words"]["id"] == ["Sangat mahal", "Cukup mahal", "Murah", "Gratis"]
    assert {field: len(known) for field, known in told["profile"].items()} == (
        {"sex": 2, "education": 8, "occupation": 9}
    )
    assert told["profile"]["sex"][0] == {"code": "L", "name": {"id": "Laki-laki", "en": "Male"}}
    assert str(CITIZEN.email) not in answer.text


async def test_link_that_is_not_ours_is_not_known(running: Running, http: httpx.AsyncClient) -> None:
    for token in ("x", "x.y", "é", "A" * 300, LINKS.link(new_id()).rpartition("/")[2]):
        answer = await http.get(httpx.URL("/", path=f"/v1/invitations/{token}"))
        assert faults(answer, 404, "unknown_link") == ["token"], token


@given(name=st.uuids(), public_url=st.sampled_from(["https://a.example", "https://a.example/", "https://a.example/x/"]))
def test_token_names_its_invitation_and_fits_into_a_path(name: UUID, public_url: str) -> None:
    links = Links(secrets=SECRETS, public_url=public_url)
    token = links.link(name).rpartition("/")[2]
    assert links.read(token) == name
    assert len(token) <= 200
    assert links.link(name) == f"{public_url.rstrip('/')}/s/{token}"
    assert not set(token) & set("/?#% ")


@given(name=st.uuids(), place=st.integers(0, 40), letter=st.sampled_from("AZaz09-_"))
def test_token_with_another_letter_is_not_known(name: UUID, place: int, letter: str) -> None:
    token = LINKS.link(name).rpartition("/")[2]
    forged = token[:place] + letter + token[place + 1 :]
    if forged != token:
        with pytest.raises(UnknownLink):
            LINKS.read(forged)


@given(name=st.uuids())
def test_token_of_another_installation_is_not_known(name: UUID) -> None:
    foreign = Links(secrets=Secrets(("the secret of another installation as long",)), public_url=PUBLIC_URL)
    with pytest.raises(UnknownLink):
        LINKS.read(foreign.link(name).rpartition("/")[2])


@given(token=st.text(max_size=60))
def test_whatever_comes_as_a_token_is_refused_as_unknown(token: str) -> None:
    with pytest.raises(UnknownLink):
        LINKS.read(token)


# -- who is asked -----------------------------------------------------------------------------------------------


async def outcomes(running: Running) -> dict[str, int]:
    rows = await running.rows("SELECT outcome, count(*) AS number FROM cases GROUP BY outcome")
    return {row.outcome: row.number for row in rows}


async def rule(running: Running, rules: str) -> None:
    async with running.service.db.transaction() as session:
        await session.execute(text(f"UPDATE survey_index.surveys SET {rules} WHERE code = 'layanan'"))


async def test_nobody_is_asked_again_within_thirty_days(running: Running) -> None:
    one, other = new_citizen(), new_citizen()
    await running.resolve(ticket_resolved(citizen=one), ticket_resolved(citizen=one), ticket_resolved(citizen=other))
    assert await outcomes(running) == {"invited": 2, "asked_recently": 1}
    running.clock.forward(days=29)
    await running.resolve(ticket_resolved(citizen=one))
    assert await outcomes(running) == {"invited": 2, "asked_recently": 2}
    running.clock.forward(days=2)
    await running.resolve(ticket_resolved(citizen=one))
    assert await outcomes(running) == {"invited": 3, "asked_recently": 2}


async def test_how_long_somebody_is_not_asked_again_stands_with_the_survey(running: Running) -> None:
    await rule(running, "recontact_days = 3")
    one = new_citizen()
    for days in (0, 2, 2):
        running.clock.forward(days=days)
        await running.resolve(ticket_resolved(citizen=one))
    assert await outcomes(running) == {"invited": 2, "asked_recently": 1}


async def test_two_batches_at_once_ask_one_person_once(running: Running) -> None:
    one = new_citizen()
    await asyncio.gather(*(running.resolve(ticket_resolved(citizen=one)) for _ in range(4)))
    assert await outcomes(running) == {"invited": 1, "asked_recently": 3}


async def test_survey_may_ask_about_each_case(running: Running) -> None:
    await rule(running, "recontact_days = 0")
    one = new_citizen()
    await running.resolve(ticket_resolved(citizen=one), ticket_resolved(citizen=one))
    assert await outcomes(running) == {"invited": 2}


async def test_simple_random_asks_as_many_as_are_needed_and_nobody_for_whom_it_was_resolved_again(
    running: Running,
) -> None:
    """Of 1,000 served, 278 must answer; when a half of those asked does, 556 are to be asked."""
    await rule(running, "selection = 'simple_random', population = 1000, response_percent = 50")
    events = [ticket_resolved(citizen=new_citizen()) for _ in range(1_000)]
    await running.resolve(*events[:250])
    await asyncio.gather(*(running.resolve(*events[start : start + 250]) for start in (250, 500, 750)))
    assert await outcomes(running) == {"invited": 556, "not_drawn": 444}
    await running.resolve(*events)
    await running.resolve(*(ticket_resolved(citizen=new_citizen()) for _ in range(50)))
    assert await outcomes(running) == {"invited": 556, "not_drawn": 494}
    assert [tuple(row) for row in await running.rows("SELECT seen, reached, drawn FROM draws")] == [(1_050, 1_050, 556)]


async def test_who_cannot_be_asked_makes_way_in_a_sample(running: Running) -> None:
    await rule(running, "selection = 'simple_random', population = 100")
    await running.resolve(*(ticket_resolved(citizen=Person()) for _ in range(15)))
    one = new_citizen()
    await running.resolve(*(ticket_resolved(citizen=one) for _ in range(3)))
    asked = (await outcomes(running)).get("invited", 0)
    await running.resolve(*(ticket_resolved(citizen=new_citizen()) for _ in range(82)))
    assert asked == 1
    assert 78 <= (await outcomes(running))["invited"] <= 80
    assert [tuple(row) for row in await running.rows("SELECT seen, reached FROM draws")] == [(100, 83)]


async def test_lot_decides_and_another_survey_draws_others(running: Running) -> None:
    await rule(running, "selection = 'simple_random', population = 400")
    await begin(running, "lain", unit="lain", selection="simple_random", population=400)
    ids = [new_id() for _ in range(300)]
    await running.resolve(*(ticket_resolved(ticket_id=id_, citizen=new_citizen(), unit="pengawas") for id_ in ids))
    drawn = await running.rows("SELECT ticket_id FROM cases WHERE outcome = 'invited'")
    async with running.service.db.transaction() as session:
        for table in ("invitations", "cases", "draws"):
            await session.execute(text(f"DELETE FROM survey_index.{table}"))
    await running.resolve(*(ticket_resolved(ticket_id=id_, citizen=new_citizen(), unit="lain") for id_ in ids))
    others = await running.rows("SELECT ticket_id FROM cases WHERE outcome = 'invited'")
    assert 100 < len(drawn) < 200
    assert sorted(drawn) != sorted(others)


# -- which survey asks ------------------------------------------------------------------------------------------


async def begin(running: Running, code: str, **rules: Any) -> None:
    survey = Survey(code, "Survei uji", SKM, **rules)
    async with running.service.db.transaction() as session:
        await surveys.begin(session, survey, running.clock())


async def frames(running: Running) -> list[tuple[str, str, str]]:
    rows = await running.rows("SELECT survey, unit, outcome FROM cases ORDER BY survey, unit, outcome")
    return [tuple(row) for row in rows]


async def test_unit_asks_its_own_citizens_under_its_own_rules(running: Running) -> None:
    await begin(running, "pengawas-2026", unit="pengawas", invitation_days=3)
    await running.resolve(
        *(ticket_resolved(citizen=new_citizen(), unit=unit) for unit in ("pengawas", "Setjen", "pengawas"))
    )
    assert await frames(running) == [
        ("layanan", "Setjen", "invited"),
        ("pengawas-2026", "pengawas", "invited"),
        ("pengawas-2026", "pengawas", "invited"),
    ]
    days = {(sent.data.survey, (sent.data.expires_at - running.clock()).days) for sent in await running.invitations()}
    assert days == {("layanan", 14), ("pengawas-2026", 3)}


async def test_how_a_unit_is_written_makes_no_other_unit_of_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(running, "pengawas-2026", unit="Pengawas", services=("Kartu AK.1",))
    token = await running.token(unit="PENGAWAS")
    assert await frames(running) == [("pengawas-2026", "PENGAWAS", "invited")]
    await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 4}})
    assert [row.unit for row in await running.rows("SELECT unit FROM responses")] == ["Pengawas"]
    for part in ({"unit": "pengawas"}, {"service": "kartu  ak.1"}, {"unit": "PENGAWAS", "by": "sex"}):
        assert (await get_figure(http, survey="pengawas-2026", **part))["n"] == 1
    assert (await get_figure(http, survey="pengawas-2026", unit="Setjen"))["n"] == 0


async def test_of_two_surveys_of_a_unit_the_newer_one_that_runs_asks(running: Running) -> None:
    await begin(running, "dulu", unit="pengawas")
    running.clock.forward(hours=1)
    await begin(running, "kini", unit="pengawas")
    running.clock.forward(hours=1)
    await begin(running, "nanti", unit="pengawas", opens_on=date(2026, 3, 14))
    await begin(running, "kertas", unit="pengawas", selection="nobody")
    await begin(running, "tutup", unit="pengawas", closed_at=running.clock())
    await running.resolve(ticket_resolved(citizen=new_citizen(), unit="pengawas"))
    running.clock.forward(hours=15)  # 01:00 on the 14th in Jakarta
    await running.resolve(ticket_resolved(citizen=new_citizen(), unit="pengawas"))
    assert [survey for survey, *_ in await frames(running)] == ["kini", "nanti"]


async def test_who_was_asked_for_one_survey_is_not_asked_at_once_for_another(running: Running) -> None:
    await begin(running, "pengawas-2026", unit="pengawas")
    one = new_citizen()
    await running.resolve(*(ticket_resolved(citizen=one, unit=unit) for unit in ("pengawas", "Setjen", "pengawas")))
    assert await outcomes(running) == {"invited": 1, "asked_recently": 2}


async def test_next_years_survey_follows_the_installations_without_a_change_of_settings(
    running: Running,
) -> None:
    await begin(running, "layanan-2027")
    await begin(running, "berkas", selection="nobody")
    await running.resolve(ticket_resolved(citizen=new_citizen(), unit=""))
    await rule(running, "closed_at = now()")
    await running.resolve(ticket_resolved(citizen=new_citizen()))
    assert [(survey, outcome) for survey, _, outcome in await frames(running)] == [
        ("layanan", "invited"),
        ("layanan-2027", "invited"),
    ]


async def test_survey_of_one_unit_does_not_ask_about_another(running: Running) -> None:
    await rule(running, "unit = 'Setjen', selection = 'simple_random', population = 10")
    await running.resolve(*(ticket_resolved(citizen=new_citizen(), unit=unit) for unit in ("pengawas", "Setjen")))
    assert await frames(running) == [("layanan", "Setjen", "invited"), ("layanan", "pengawas", "other_unit")]
    assert [tuple(row) for row in await running.rows("SELECT seen, reached, drawn FROM draws")] == [(1, 1, 1)]


async def test_survey_with_other_ways_in_alone_asks_nobody(running: Running) -> None:
    await rule(running, "selection = 'nobody'")
    await running.resolve(ticket_resolved(citizen=new_citizen()))
    assert await outcomes(running) == {"nobody_is_asked": 1}


async def test_when_a_link_expires_and_which_day_it_is_stands_with_the_survey(
    running: Running, http: httpx.AsyncClient
) -> None:
    await rule(running, "invitation_days = 2, zone = 'Asia/Jayapura'")
    token, late = await running.token(), await running.token()
    running.clock.forward(hours=14)  # 01:00 on the 14th in Jayapura, 23:00 on the 13th in Jakarta
    await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 4}})
    assert [str(row.day) for row in await running.rows("SELECT day FROM responses")] == ["2026-03-14"]
    running.clock.forward(
        hours=46
    )  # one hour before midnight on the 15th in Jayapura: to its end the letter promised it
    assert (await http.get(f"/v1/invitations/{late}")).status_code == 200
    running.clock.forward(hours=2)
    refusal(await http.post("/v1/responses", json={"token": late, "answers": {"waktu": 4}}), 410, "invitation_expired")


async def test_link_is_never_promised_beyond_the_end_of_its_survey(running: Running, http: httpx.AsyncClient) -> None:
    await rule(running, "closes_on = '2026-03-16'")
    token = await running.token()
    (invited,) = await running.invitations()
    assert invited.data.expires_at == datetime(2026, 3, 16, 16, 59, 59, tzinfo=UTC)
    running.clock.forward(days=3, hours=14)
    assert (await http.get(f"/v1/invitations/{token}")).status_code == 200
    running.clock.forward(hours=1)
    assert (await http.get(f"/v1/invitations/{token}")).status_code == 410


async def test_when_the_survey_does_not_run_nobody_is_asked(running: Running) -> None:
    await rule(running, "closes_on = '2026-03-12'")
    await running.resolve(ticket_resolved(citizen=new_citizen()), ticket_resolved(citizen=Person()))
    assert await outcomes(running) == {"not_running": 2}


async def test_who_left_no_address_is_in_the_frame_and_not_asked(running: Running) -> None:
    await running.resolve(ticket_resolved(citizen=Person(name="Warga Satu")))
    assert await outcomes(running) == {"no_address": 1}


async def test_forgetting_a_citizen_leaves_every_figure_as_it_was(running: Running, http: httpx.AsyncClient) -> None:
    event = ticket_resolved(citizen=new_citizen())
    await running.resolve(event)
    token = (await running.invitations())[-1].data.link.rpartition("/")[2]
    profile = {"sex": "L", "age": 40}
    said = {"answers": {"waktu": 4}, "profile": profile, "nps": 9, "comment": "Saya"}
    await http.post("/v1/responses", json={"token": token, **said})
    before = [await get_figure(http, figure, "layanan", by="sex") for figure in ("skm", "nps")]
    path = f"/v1/cases/{event.data.ticket_id}/forget"
    refusal(await http.post(path, headers=OFFICER), 403, "forbidden")
    assert (await http.post(path, headers=staff_header("supervisor"))).status_code == 204
    assert [await get_figure(http, figure, "layanan", by="sex") for figure in ("skm", "nps")] == before
    kept = await running.rows("SELECT tracking_code FROM invitations UNION ALL SELECT tracking_code FROM cases")
    assert {row.tracking_code for row in kept} == {""}
    assert [row.person for row in await running.rows("SELECT person FROM cases")] == [None]
    assert [tuple(row) for row in await running.rows("SELECT comment, invitation_id FROM responses")] == [(None, None)]
    unknown = await http.post(f"/v1/cases/{new_id()}/forget", headers=staff_header("supervisor"))
    assert faults(unknown, 404, "not_found") == ["ticket_id"]
    refusal(await http.post("/v1/responses", json={"token": token, "answers": {"waktu": 1}}), 409, "already_answered")
