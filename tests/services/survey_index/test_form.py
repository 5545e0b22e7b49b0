"""The form behind a link: for a citizen with any browser, without JavaScript, and forgiving about a second click."""

import asyncio
from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.survey_index.api.pages import _form, _templates
from services.survey_index.domain.instruments import builtin
from services.survey_index.models import Survey
from tests.services.survey_index.conftest import SKM, SLUGS, Running, all_answered, answers_by_code
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.given import begin
from tests.services.tickets.conftest import faults

THANKS, AGAIN, ENDED, UNKNOWN = (
    "<h1>Terima kasih</h1>",
    "<h1>Jawaban Anda sudah kami terima</h1>",
    "<h1>Tautan ini tidak berlaku lagi</h1>",
    "<h1>Tautan tidak dikenal</h1>",
)


class Page(HTMLParser):
    """What a browser without JavaScript makes of a page: its forms, their choices, and what it would have to fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str | None]] = []
        self.choices: defaultdict[str, list[str]] = defaultdict(list)
        self.texts: list[str] = []
        self.selects: list[str] = []
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.fetched += [f"{tag} {name}" for name in ("src", "href") if values.get(name)]
        if tag == "form":
            self.forms.append(values)
        if tag == "input":
            self.choices[str(values["name"])].append(str(values["value"]))
        if tag == "select":
            self.selects.append(str(values["name"]))
        if tag == "textarea":
            self.texts.append(str(values["name"]))


async def answers(running: Running) -> list[tuple[Any, ...]]:
    return [
        (answers_by_code(row.answers), row.comment)
        for row in await running.rows("SELECT answers, comment FROM responses")
    ]


async def test_page_is_a_plain_form_with_everything_that_is_asked(running: Running, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/s/{await running.token()}")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.forms == [{"method": "post"}]
    assert page.choices == {
        **{slug: ["1", "2", "3", "4"] for slug in SLUGS},
        "nps": [str(value) for value in range(11)],
        "age": [""],
    }
    assert page.selects == ["sex", "education", "occupation", "comment_about"]
    assert len(answer.content) <= 30_000
    assert (page.texts, page.tags.count("button")) == (["comment"], 1)
    for question in SKM.questions:
        assert question.text.text.id in answer.text
        assert all(word in answer.text for word in question.text.words.id)


async def test_page_needs_no_script_fetches_nothing_and_keeps_the_link_to_itself(
    running: Running, http: httpx.AsyncClient
) -> None:
    token = await running.token()
    for answer in (await http.get(f"/s/{token}"), await http.post(f"/s/{token}", data={"waktu": "3"})):
        page = Page(answer.text)
        assert ("script" in page.tags, page.fetched) == (False, [])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_survey_of_several_services_asks_which(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, "pengawas-2026", unit="pengawas", services=["Kartu AK.1", "<Legalisasi>"])
    one, other = await running.token(unit="pengawas"), await running.token(unit="pengawas")
    page = (await http.get(f"/s/{one}")).text
    assert Page(page).selects[0] == "service"
    assert '<option value="&lt;Legalisasi&gt;">&lt;Legalisasi&gt;</option>' in page
    refused = await http.post(f"/s/{one}", data={"waktu": "3", "service": "LPK"})
    assert (refused.status_code, "Pilih layanan yang Anda terima" in refused.text) == (422, True)
    assert THANKS in (await http.post(f"/s/{one}", data={"waktu": "3", "service": "<Legalisasi>"})).text
    response = {"token": other, "answers": {"waktu": 4}}
    assert (await http.get(f"/v1/invitations/{other}")).json()["services"] == ["Kartu AK.1", "<Legalisasi>"]
    assert faults(await http.post("/v1/responses", json={**response, "service": "LPK"})) == ["service"]
    assert (await http.post("/v1/responses", json={**response, "service": "kartu ak.1"})).status_code == 201
    kept = await running.rows("SELECT unit, service FROM responses ORDER BY service")
    assert [tuple(row) for row in kept] == [("pengawas", "<Legalisasi>"), ("pengawas", "Kartu AK.1")]


@pytest.mark.parametrize("code", ["skm14_2017", "kep25_2004", "skm_online"])
def test_page_stays_small_with_as_many_services_as_there_may_be(code: str) -> None:
    services = tuple(f"Layanan {number:02} " + "x" * 50 for number in range(40))
    survey = Survey("s", "Survei Kepuasan Masyarakat", builtin()[code].asking_nps(), services=services)
    page = _templates.env.get_template("form.html").render(**_form(survey, {}))
    assert len(page.encode()) <= 30_000


async def test_form_that_is_filled_in_is_kept_and_thanked_for(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    form = {**dict.fromkeys(SLUGS, "4"), "nps": "10", "comment": " Cepat & ramah. "}
    answer = await http.post(f"/s/{token}", data=form)
    assert answer.status_code == 200
    assert THANKS in answer.text
    assert await answers(running) == [({**all_answered(4), "nps": 10}, "Cepat & ramah.")]


async def test_what_is_left_empty_is_missing(running: Running, http: httpx.AsyncClient) -> None:
    form = {"waktu": "2", "biaya": "", "nps": "", "comment": "   "}
    assert THANKS in (await http.post(f"/s/{await running.token()}", data=form)).text
    assert await answers(running) == [({"waktu": 2}, None)]


async def test_long_comment_is_cut_and_not_refused(running: Running, http: httpx.AsyncClient) -> None:
    await http.post(f"/s/{await running.token()}", data={"waktu": "2", "comment": "x" * 3_000})
    assert await answers(running) == [({"waktu": 2}, "x" * 2_000)]


# -- what was sent is never part of a page ----------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"


async def test_markup_in_a_comment_is_kept_as_it_is_and_shown_nowhere(
    running: Running, http: httpx.AsyncClient
) -> None:
    token = await running.token()
    answer = await http.post(f"/s/{token}", data={"waktu": "2", "comment": SCRIPT})
    assert await answers(running) == [({"waktu": 2}, SCRIPT)]
    assert SCRIPT not in answer.text
    assert SCRIPT not in (await http.get(f"/s/{token}")).text


async def test_markup_in_a_field_or_a_link_is_shown_nowhere(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    for answer in (
        await http.post(f"/s/{token}", data={"waktu": SCRIPT, SCRIPT: "1"}),
        await http.get(httpx.URL("/", path=f"/s/{token}<b>")),
        await http.get(httpx.URL("/", path="/s/<img src=x onerror=alert(1)>")),
    ):
        assert answer.status_code in (404, 422)
        assert "alert(1)" not in answer.text
        assert "<b>" not in answer.text


def test_words_of_a_questionnaire_are_escaped() -> None:
    asked = instrument(element("biaya", words=("<i>", '"><b>', "Mahal & murah", "4")))
    html = _templates.get_template("form.html").render(**_form(Survey("s", "<b>Survei</b>", asked), {}))
    page = Page(html)
    assert ("b" in page.tags, "i" in page.tags) == (False, False)
    assert page.choices["biaya"] == ["1", "2", "3", "4"]
    assert "Mahal &amp; murah" in html


# -- not as planned ---------------------------------------------------------------------------------------------


async def test_second_click_is_thanked_and_counts_nothing(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    first, second = [await http.post(f"/s/{token}", data={"waktu": value}) for value in ("4", "1")]
    assert (first.status_code, second.status_code) == (200, 200)
    assert THANKS in first.text
    assert AGAIN in second.text
    assert "Terima kasih" in second.text
    assert await answers(running) == [({"waktu": 4}, None)]


async def test_double_click_counts_once_and_both_are_thanked(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    clicks = await asyncio.gather(*(http.post(f"/s/{token}", data={"waktu": "4"}) for _ in range(4)))
    assert {click.status_code for click in clicks} == {200}
    assert sorted(THANKS in click.text for click in clicks) == [False, False, False, True]
    assert len(await answers(running)) == 1


async def test_answered_link_opens_no_form(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    await http.post(f"/s/{token}", data={"waktu": "4"})
    answer = await http.get(f"/s/{token}")
    assert answer.status_code == 200
    assert AGAIN in answer.text
    assert Page(answer.text).forms == []


async def test_link_that_was_not_answered_in_time_says_so(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    running.clock.forward(days=15)
    for answer in (await http.get(f"/s/{token}"), await http.post(f"/s/{token}", data={"waktu": "4"})):
        assert answer.status_code == 410
        assert ENDED in answer.text
    assert await answers(running) == []


async def test_link_that_is_cut_off_says_so(running: Running, http: httpx.AsyncClient) -> None:
    token = (await running.token())[:-5]
    for answer in (await http.get(f"/s/{token}"), await http.post(f"/s/{token}", data={"waktu": "4"})):
        assert answer.status_code == 404
        assert UNKNOWN in answer.text


@pytest.mark.parametrize(
    "behind", [".", ",", ")", "/", ").", "%20", "%E2%80%9D", "?utm_source=surat&fbclid=x%00", ".?a=1"]
)
async def test_link_as_people_pass_it_on_opens_the_form(running: Running, http: httpx.AsyncClient, behind: str) -> None:
    link = f"/s/{await running.token()}{behind}"
    answer = await http.get(link)
    assert (answer.status_code, len(Page(answer.text).forms)) == (200, 1)
    assert (await http.head(link)).status_code == 200
    assert THANKS in (await http.post(link, data={"waktu": "4"})).text


@pytest.mark.parametrize("path", ["/s/", "/s/a/b/c", "/s/%00", "/s/é", "/p/", "/p/TIDAK-ADA!", "/p/%00", "/p/a/b"])
async def test_page_that_is_not_there_is_a_page(running: Running, http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>" in answer.text


async def test_page_that_fails_is_a_page_that_says_what_to_do(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    async with running.service.db.transaction() as session:
        await session.execute(text("ALTER TABLE invitations RENAME TO invitations_of_tomorrow"))
    for answer in (await http.get(f"/s/{token}"), await http.post(f"/s/{token}", data={"waktu": "4"})):
        assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
        assert "coba lagi beberapa menit lagi" in answer.text


async def test_form_that_cannot_be_counted_comes_back_and_may_be_sent_again(
    running: Running, http: httpx.AsyncClient
) -> None:
    token = await running.token()
    forms: list[dict[str, str]] = [
        {},
        {"comment": "Hanya saran."},
        {"waktu": "5"},
        {"waktu": "tiga"},
        {"waktu": "-1"},
        {"nps": "11"},
        {"nps": "²"},
    ]
    for form in forms:
        answer = await http.post(f"/s/{token}", data=form)
        assert answer.status_code == 422, form
        assert 'role="alert"' in answer.text
        assert Page(answer.text).choices.keys() == {*SLUGS, "nps", "age"}
    assert await answers(running) == []
    assert THANKS in (await http.post(f"/s/{token}", data={"waktu": "4"})).text


async def test_zero_byte_in_a_comment_does_not_use_up_the_link(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    await http.post(f"/s/{token}", data={"waktu": "4", "comment": "a\0b"})
    await http.post(f"/s/{token}", data={"waktu": "4", "comment": "ab"})
    assert await answers(running) == [({"waktu": 4}, "ab")]


async def test_form_in_an_alphabet_that_nobody_can_read_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    token = await running.token()
    body = b'--x\r\nContent-Disposition: form-data; name="waktu"\r\n\r\n4\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=undefined"}
    answer = await http.post(f"/s/{token}", content=body, headers=headers)
    assert (answer.status_code, "Isian tidak dapat dibaca" in answer.text) == (422, True)
    assert await answers(running) == []
