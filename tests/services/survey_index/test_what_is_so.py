"""What reports and publications state over HTTP: periods that came to pass, editions, and how answers came."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from html import escape

import httpx
import pytest
from sqlalchemy import text

from tests.factories import ticket_resolved
from tests.services.survey_index.conftest import RESPONDENTS_72, SKM, SLUGS, Running, all_answered, new_citizen, sheet
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, post, send_answers


async def page_of(http: httpx.AsyncClient, **query: str) -> str:
    """The report as a page, its lines joined."""
    answer = await http.get("/v1/surveys/s/report.html", headers=OFFICER, params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


async def test_period_of_a_survey_that_was_closed_early_ends_when_it_was_closed(
    running: Running, http: httpx.AsyncClient
) -> None:
    today = running.clock().date()
    begun, planned = today - timedelta(days=30), today + timedelta(days=300)
    await begin(http, opens_on=begun.isoformat(), closes_on=planned.isoformat(), population=40)
    for number in range(6):
        await send_answers(http, f"k{number}")
    assert "belum ditutup pada hari laporan ini disusun" in await page_of(http)
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    told = await page_of(http), " ".join((await http.get("/p/s")).text.split())
    for told_so in told:
        assert "Periode survei (dibuka sampai ditutup)" in told_so
        assert f"{begun.day} " in told_so
        assert str(planned.year) not in told_so.partition("<title>")[2]
        assert f"sampai dengan {today.day} " in told_so
    assert "6 responden; yang diperlukan 36 untuk populasi 40" in told[1]
    assert "<dt>Diterbitkan</dt><dd>" in told[1]


async def test_period_of_a_survey_that_began_with_a_file_is_of_its_answers(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, RESPONDENTS_72.read_bytes(), day="2020-03-13")
    text = await page_of(http)
    assert "Periode jawaban (pertama sampai terakhir)" in text
    assert "13 Maret 2020" in text
    assert KNOWN_BY_NAMES in text
    assert "berasal dari 1 berkas yang diimpor" in text
    assert "Survei ini tidak mengirim undangan." in text
    detail = (await http.get("/v1/surveys/s", headers=OFFICER)).json()
    assert detail["questions_assumed"] is True


QUESTIONS = [question.text.text.id for question in SKM.questions]
BY_QUESTIONS, BY_NAMES, BY_PLACES = QUESTIONS, SLUGS, [f"U{place}" for place in range(1, 10)]
KNOWN_BY_QUESTIONS = "Pertanyaan dikenali dari kepala kolom berkas jawaban"
KNOWN_BY_NAMES = "Unsur yang ditanyakan dikenali dari nama kolom berkas"
ASSUMED = "Diandaikan bahwa jawaban yang tercatat menyangkut unsur"
SAID = "adalah menurut yang menyerahkan berkas jawaban, sejauh disebutkannya"
PUBLISHED = {
    KNOWN_BY_QUESTIONS: "Pertanyaan menurut kepala kolom berkas jawaban",
    KNOWN_BY_NAMES: "unsur menurut nama kolom berkas jawaban",
    ASSUMED: "diandaikan unsur menurut urutan di halaman ini",
    SAID: "unsur menurut yang menyerahkan berkas jawaban",
}


async def publication_of(http: httpx.AsyncClient) -> str:
    """The page for everybody, of a survey that is closed for it."""
    for verb in ("close", "publish"):
        assert (await post(http, f"/v1/surveys/s/{verb}")).status_code == 200
    return " ".join((await http.get("/p/s")).text.split())


def states(text: str, said: str, sentences: Collection[str]) -> bool:
    """Whether it has this sentence, and none of the others."""
    return [words for words in sentences if words in text] == [said]


def file_of(header: Sequence[str], value: int) -> str:
    """A file of three respondents."""
    out = io.StringIO()
    csv.writer(out).writerows([["respondent", *header], *([f"{value}-{n}", *[value] * 8, n] for n in (1, 2, 3))])
    return out.getvalue()


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([BY_QUESTIONS], KNOWN_BY_QUESTIONS),
        ([BY_NAMES], KNOWN_BY_NAMES),
        ([BY_PLACES], ASSUMED),
        ([BY_QUESTIONS, BY_NAMES], KNOWN_BY_NAMES),
        ([BY_QUESTIONS, BY_PLACES], ASSUMED),
    ],
    ids=["questions", "names", "places", "questions and names", "questions and places"],
)
async def test_questions_of_a_survey_that_began_with_files_are_known_as_far_as_all_their_headers_tell(
    running: Running, http: httpx.AsyncClient, headers: Sequence[Sequence[str]], said: str
) -> None:
    for number, header in enumerate(headers, start=1):
        await bring(http, file_of(header, number), day=f"2020-03-1{number}")
    text = await page_of(http)
    assert states(text, said, PUBLISHED)
    assert (escape(QUESTIONS[0]) in text) is (said == KNOWN_BY_QUESTIONS)
    if len(headers) > 1:
        assert KNOWN_BY_QUESTIONS in await page_of(http, to="2020-03-11"), "of the first file alone"
    assert states(await publication_of(http), PUBLISHED[said], PUBLISHED.values())


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        ([f"P{place}" for place in range(1, 10)], {f"P{place}": slug for place, slug in enumerate(SLUGS, start=1)}),
        (BY_PLACES, {f"U{place}": slug for place, slug in enumerate(SLUGS, start=1)}),
        (BY_PLACES, {"U8": "pengaduan", "U9": "sarana"}),
        (BY_QUESTIONS, {QUESTIONS[7]: "pengaduan", QUESTIONS[8]: "sarana"}),
    ],
    ids=["all, of columns that nobody knows", "all, as their places", "two of them", "against their questions"],
)
async def test_elements_that_were_said_of_columns_are_stated_as_said_and_not_as_read_in_the_header(
    running: Running, http: httpx.AsyncClient, header: Sequence[str], mapping: Mapping[str, str]
) -> None:
    said = ",".join(f"{column}:{slug}" for column, slug in mapping.items())
    await bring(http, file_of(header, 3), mapping=said)
    assert states(await page_of(http), SAID, PUBLISHED)
    for noted in ("NULL", "'names'"):
        await running.rows(f"UPDATE imports SET elements_named_by = {noted} RETURNING id")
        if header != BY_PLACES or len(mapping) < 9:  # of which nothing is kept but that
            assert states(await page_of(http), SAID, PUBLISHED), "of a file from before it was noted"


async def test_elements_whose_columns_are_called_so_need_not_be_said(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, file_of(BY_NAMES, 3), mapping="sarana:sarana")
    assert states(await page_of(http), KNOWN_BY_NAMES, PUBLISHED)


async def test_publication_of_answers_that_came_in_no_file_as_well_assumes_what_was_asked(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, file_of(BY_QUESTIONS, 3))
    await send_answers(http, "satu")
    assert states(await page_of(http), ASSUMED, PUBLISHED)
    assert states(await publication_of(http), PUBLISHED[ASSUMED], PUBLISHED.values())


async def test_publication_of_a_file_that_took_the_place_of_another_tells_of_its_own_header(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, file_of(BY_PLACES, 3))
    await bring(http, file_of(BY_QUESTIONS, 3), replaces=first)
    assert states(await publication_of(http), PUBLISHED[KNOWN_BY_QUESTIONS], PUBLISHED.values())


async def test_files_of_before_their_headers_were_noted_leave_it_assumed_what_was_asked(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, file_of(BY_QUESTIONS, 3))
    files = (await http.get("/v1/surveys/s/imports", headers=OFFICER)).json()["items"]
    assert [file["elements_named_by"] for file in files] == ["sentences"]
    await running.rows("UPDATE imports SET elements_named_by = NULL RETURNING id")
    assert ASSUMED in await page_of(http)


async def test_part_of_a_survey_says_that_it_is_one_and_nothing_of_invitations(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, opens_on="2026-01-01")
    await send_answers(http, "satu", answered_on="2026-03-01")
    text = await page_of(http, **{"from": "2026-02-01"})
    assert "Periode yang dilaporkan (sebagian dari survei)" in text
    assert "1 Februari 2026 sampai dengan" in text
    assert "undang" not in text


async def test_invitations_are_told_by_what_became_of_the_cases(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, unit="setjen")
    again = new_citizen()
    await running.resolve(
        *(ticket_resolved(unit="setjen", citizen=citizen) for citizen in (new_citizen(), again, again))
    )
    await send_answers(http, "satu")
    text = await page_of(http)
    assert "Dari 3 urusan yang selesai selama survei berjalan, 2 orangnya diundang; 1 tidak diundang lagi" in text
    assert "(1 orang) menjawab melalui aplikasi, telepon, loket, atau petugas" in text


async def test_edition_is_the_instruments_own_unless_another_is_named_and_that_is_said(
    running: Running, http: httpx.AsyncClient
) -> None:
    own = await begin(http, "lama", instrument="kep25_2004")
    assert (own["edition"], own["instrument_edition"]) == ("kep25_2004", "kep25_2004")
    other = await begin(http, "s", instrument="kep25_2004", edition="permenpanrb14_2017", ask_nps=False)
    assert (other["edition"], other["instrument_edition"]) == ("permenpanrb14_2017", "kep25_2004")
    await send_answers(http, "satu", answers=dict.fromkeys(other["definition"]["elements"][0]["slug"].split(), 3))
    found = await get_figure(http)
    assert (found["edition"], found["instrument_edition"]) == ("permenpanrb14_2017", "kep25_2004")
    assert "Kategori yang termasuk kuesioner ini adalah kategori menurut Keputusan Menteri PAN" in await page_of(http)
    known = (await http.get("/v1/instruments", headers=OFFICER)).json()["items"]
    editions = {item["code"]: item["edition"] for item in known}
    assert (editions["kep25_2004"], editions["skm14_2017"]) == ("kep25_2004", "permenpanrb14_2017")


async def test_edition_of_a_units_own_instrument_is_kept_and_its_surveys_begin_with_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    form = (await http.get("/v1/instruments/skm14_2017", headers=OFFICER)).json()
    answer = await post(http, "/v1/instruments", form | {"code": "sendiri", "edition": "kep25_2004"})
    assert (answer.status_code, answer.json()["edition"]) == (201, "kep25_2004")
    assert (await http.get("/v1/instruments/sendiri", headers=OFFICER)).json()["edition"] == "kep25_2004"
    detail = await begin(http, instrument="sendiri")
    assert (detail["edition"], detail["instrument_edition"]) == ("kep25_2004", "kep25_2004")
    # a process of the release before reads the definition as well: there is no word in it that it does not know
    rows = await running.rows(
        "SELECT definition ? 'edition' FROM surveys UNION SELECT definition ? 'edition' FROM instruments"
    )
    assert [row[0] for row in rows] == [False]


async def test_survey_that_an_earlier_release_began_has_the_edition_of_its_instrument(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, instrument="kep25_2004", edition="permenpanrb14_2017")
    async with running.service.db.transaction() as session:
        await session.execute(text("UPDATE surveys SET instrument_edition = NULL"))
    assert (await http.get("/v1/surveys/s", headers=OFFICER)).json()["instrument_edition"] == "kep25_2004"


async def test_priorities_are_a_rule_of_the_survey(running: Running, http: httpx.AsyncClient) -> None:
    assert (await begin(http, priorities=1))["priorities"] == 1
    await send_answers(http, "satu", answers=all_answered(3) | {"waktu": 1, "biaya": 2})
    text = await page_of(http)
    assert "perbaikan diutamakan pada 1 unsur dengan nilai terendah" in text
    assert "Unsur yang diprioritaskan untuk diperbaiki adalah Waktu penyelesaian." in text
    answer = await post(http, "/v1/surveys", {"code": "t", "title": "T", "priorities": 0})
    assert answer.status_code == 422


async def test_default_code_list_names_no_office(running: Running, http: httpx.AsyncClient) -> None:
    for detail in (await begin(http), (await http.get("/v1/surveys/layanan", headers=OFFICER)).json()):
        assert detail["code_list"] == "umum_2024"
        assert not {"Dinas", "Kabupaten", "Kota"} & set(detail["codes"]["source"].split())


async def test_report_of_a_part_tells_of_the_respondents_whose_days_it_cuts(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, RESPONDENTS_72.read_bytes(), day="2020-01-01..2020-06-30")
    assert "72 responden yang hanya diketahui menjawab dalam rentang hari" in await page_of(http, to="2020-03-31")
    whole = await page_of(http)
    assert "1 Januari 2020 sampai dengan 30 Juni 2020 (menurut yang menyerahkan berkas)" in whole
    assert "rentang hari" not in whole
    assert "Jawaban diberikan antara 1 Januari 2020 dan 30 Juni 2020; hari tiap jawaban tidak semuanya" in whole
    assert "Jawaban pertama bertanggal" not in whole


async def test_part_without_answers_names_its_days_and_denies_no_others(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, RESPONDENTS_72.read_bytes(), day="2021-03-13")
    text = await page_of(http, **{"from": "2022-01-01", "to": "2022-12-31"})
    assert "1 Januari 2022 sampai dengan 31 Desember 2022. Tidak ada jawaban yang pasti diberikan" in text
    assert "Belum ada jawaban yang tercatat" not in text


async def test_part_that_holds_the_whole_survey_is_no_part(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, opens_on="2026-01-01", closes_on="2026-02-28", population=40)
    await send_answers(http, "satu", answered_on="2026-02-01")
    text = await page_of(http, **{"from": "2026-01-01", "to": "2026-12-31"})
    assert "sebagian" not in text
    assert "untuk populasi 40 orang" in text
    assert "untuk populasi 40 orang" not in await page_of(http, to="2026-02-10")


async def test_file_is_told_with_the_days_of_its_respondents_in_the_report(
    running: Running, http: httpx.AsyncClient
) -> None:
    rows = [all_answered(3), all_answered(4)]
    lines = sheet(rows, extra=["date"]).splitlines()
    content = "\n".join([lines[0], f"{lines[1]}2021-01-10", f"{lines[2]}2021-12-20"])
    await bring(http, content)
    text = await page_of(http, to="2021-06-30")
    assert "1 responden, jawaban bertanggal 10 Januari 2021 (menurut kolom “date”)" in text
    assert "Desember 2021" not in text


async def test_questionnaire_that_came_back_empty_dates_nothing(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    lines = sheet([{}, *[all_answered(3)] * 5], extra=["date"]).splitlines()
    days = ["2020-01-01", *["2021-06-01"] * 5]
    await bring(http, "\n".join([lines[0], *(line + day for line, day in zip(lines[1:], days, strict=True))]))
    for verb in ("close", "publish"):
        await post(http, f"/v1/surveys/s/{verb}")
    for page in (await page_of(http), (await http.get("/p/s")).text):
        assert "1 Juni 2021" in page
        assert "2020" not in page


async def test_answers_that_an_earlier_release_dated_by_their_import_date_nothing(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, RESPONDENTS_72.read_bytes(), day=running.clock().date().isoformat())
    async with running.service.db.transaction() as session:
        await session.execute(text("UPDATE imports SET first_day = NULL, last_day = NULL, days_by = ''"))
    page = await page_of(http)
    assert "Tanggal jawaban tidak diketahui." in page
    assert "Jawaban pertama bertanggal" not in page
