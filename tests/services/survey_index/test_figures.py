"""Indices on demand: the published figures, under the rule that is named, for the days that are named."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import httpx
import pytest

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.skm import half_up
from shared.caller import ROLES
from tests.conftest import staff_header
from tests.services.survey_index.conftest import RESPONDENTS_72, SLUGS, Running, all_answered, sheet
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.given import OFFICER, begin, bring, get_figure, post, send_answers
from tests.services.tickets.conftest import faults, refusal

FIGURES = ("skm", "nps")
FACES = ("Belum puas", "Cukup puas", "Puas")


# -- SKM --------------------------------------------------------------------------------------------------------


async def test_72_respondents_give_the_published_figures(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    published: list[tuple[dict[str, str], float, str, str]] = [
        ({}, 87.73, "B", "Baik"),
        ({"edition": "permenpanrb14_2017"}, 87.73, "B", "Baik"),
        ({"edition": "kep25_2004"}, 87.73, "A", "Sangat Baik"),
        ({"weighting": "0.111"}, 87.64, "B", "Baik"),
        ({"weighting": "0.11"}, 86.85, "B", "Baik"),
        ({"missing": "complete_rows"}, 87.73, "B", "Baik"),
    ]
    for query, *wanted in published:
        found = await get_figure(http, **query)
        assert found["n"] == 72
        assert [found["index"], found["grade"], found["performance"]] == wanted, query


async def test_figure_comes_with_everything_needed_to_reproduce_it(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    found = await get_figure(http)
    assert (found["survey"], found["instrument"], found["edition"]) == ("s", "skm14_2017", "permenpanrb14_2017")
    assert (found["weighting"], found["missing"], found["period"]) == ("exact", "per_question", [None, None])
    assert Fraction(found["fraction"]) == Fraction(2274 * 25, 72 * 9)
    assert found["elements"][3] == {
        "slug": "biaya",
        "number": "U4",
        "name": "Biaya/tarif",
        "sum": 281,
        "n": 72,
        "weight": "1/9",
        "nrr": 3.9028,
        "fraction": "281/72",
        "index": 97.57,
        "grade": "A",
        "performance": "Sangat Baik",
    }
    assert sum(Fraction(e["fraction"]) for e in found["elements"]) * 25 / 9 == Fraction(found["fraction"])


async def test_incomplete_row_counts_by_question_or_not_at_all(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, sheet([all_answered(4), {"waktu": 1}]))
    by_question, complete = await get_figure(http), await get_figure(http, missing="complete_rows")
    assert (by_question["n"], by_question["elements"][2]["n"], by_question["elements"][2]["nrr"]) == (2, 2, 2.5)
    assert (complete["n"], complete["index"], complete["elements"][2]["nrr"]) == (1, 100, 4)
    assert (by_question["missing"], complete["missing"]) == ("per_question", "complete_rows")


def by_hand(rows: Sequence[Mapping[str, int]]) -> list[Fraction]:
    answers = [[row[slug] for row in rows if slug in row] for slug in SLUGS]
    return [Fraction(sum(values), len(values)) for values in answers]


@pytest.mark.parametrize("seed", range(3))
async def test_figure_is_that_of_the_sheet_under_either_policy(
    running: Running, http: httpx.AsyncClient, seed: int
) -> None:
    chance = random.Random(seed)
    rows = [
        {slug: chance.randint(1, 4) for slug in SLUGS if chance.random() < 0.9} for _ in range(chance.randint(40, 80))
    ]
    complete = [row for row in rows if len(row) == len(SLUGS)]
    await bring(http, sheet(rows[:30]))
    await bring(http, sheet(rows[30:]).replace("R", "S"))
    for policy, counted in (("per_question", rows), ("complete_rows", complete)):
        found = await get_figure(http, missing=policy)
        averages = by_hand(counted)
        exact = sum(averages, Fraction()) * 25 / 9
        assert (found["n"], Fraction(found["fraction"])) == (len(counted), exact)
        assert found["index"] == float(half_up(exact, 2))
        assert [Fraction(element["fraction"]) for element in found["elements"]] == averages


async def test_only_the_days_that_are_named_count(running: Running, http: httpx.AsyncClient) -> None:
    running.clock.forward(days=30)
    for value, day in ((4, "2026-02-28"), (3, "2026-03-01"), (2, "2026-03-31")):
        await bring(http, sheet([all_answered(value)]), day=day)
    asked: list[tuple[dict[str, str], int, float | None]] = [
        ({}, 3, 75),
        ({"from": "2026-03-01"}, 2, 62.5),
        ({"to": "2026-03-01"}, 2, 87.5),
        ({"from": "2026-03-01", "to": "2026-03-01"}, 1, 75),
        ({"from": "2026-02-28", "to": "2026-03-31"}, 3, 75),
        ({"from": "2026-03-02", "to": "2026-03-30"}, 0, None),
    ]
    for period, n, index in asked:
        found = await get_figure(http, **period)
        assert (found["n"], found["index"]) == (n, index), period
        assert found["period"] == [period.get("from"), period.get("to")]


async def test_period_without_answers_has_no_grade(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    found = await get_figure(http, **{"from": "2031-01-01"})
    assert (found["n"], found["index"], found["grade"], found["performance"], found["fraction"]) == (0, *[None] * 4)
    for unsur in found["elements"]:
        assert (unsur["sum"], unsur["n"]) == (0, 0)
        assert {unsur[name] for name in ("nrr", "fraction", "index", "grade", "performance")} == {None}


async def test_one_survey_is_not_another(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, sheet([all_answered(4)]), "satu")
    await bring(http, sheet([all_answered(1)]), "dua")
    assert [(await get_figure(http, survey=survey))["index"] for survey in ("satu", "dua", "layanan")] == [
        100,
        25,
        None,
    ]


# -- NPS --------------------------------------------------------------------------------------------------------


async def test_400_answers_and_14_more_promoters_than_detractors_are_3_50_and_good(
    running: Running, http: httpx.AsyncClient
) -> None:
    answers = [10] * 114 + [7] * 186 + [6] * 100
    await bring(http, sheet([{"nps": value} for value in answers], extra=["nps"]))
    found = await get_figure(http, "nps")
    assert (found["n"], found["promoters"], found["passives"], found["detractors"]) == (400, 114, 186, 100)
    assert (found["score"], found["label"], found["interval"], found["fraction"]) == (
        3.5,
        "Good",
        [-3.66, 10.61],
        "7/2",
    )


async def test_nobody_asked_is_no_score(running: Running, http: httpx.AsyncClient) -> None:
    await bring(http, RESPONDENTS_72.read_bytes())
    found = await get_figure(http, "nps", **{"from": "2026-01-01", "to": "2026-12-31"})
    assert (found["n"], found["score"], found["interval"], found["label"], found["fraction"]) == (0, *[None] * 4)
    assert found["period"] == ["2026-01-01", "2026-12-31"]


# -- CSAT and IPAK ----------------------------------------------------------------------------------------------


async def test_three_levels_of_s003(running: Running, http: httpx.AsyncClient) -> None:
    """Puas 230, Cukup Puas 30, Belum Puas 10: 85.19 / 11.11 / 3.70 %, printed 85 / 11 / 4."""
    await begin(http, instrument="csat3", ask_nps=False)
    values = [3] * 230 + [2] * 30 + [1] * 10
    await bring(http, "respondent,csat\n" + "".join(f"R{n},{value}\n" for n, value in enumerate(values)))
    found = await get_figure(http, "csat")
    levels = [(x["name"], x["count"], x["percent"], x["printed"]) for x in found["levels"]]
    assert levels == [("Puas", 230, 85.19, 85), ("Cukup Puas", 30, 11.11, 11), ("Belum Puas", 10, 3.7, 4)]
    assert (found["n"], found["score"], Fraction(found["fraction"])) == (270, 85.19, Fraction(23000, 270))


async def test_nobody_asked_is_no_level(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, instrument="csat3")
    found = await get_figure(http, "csat")
    assert (found["n"], found["score"], found["fraction"]) == (0, None, None)
    assert [level["percent"] for level in found["levels"]] == [None] * 3


async def test_ipak_is_told_apart_from_ikm(running: Running, http: httpx.AsyncClient) -> None:
    online = builtin()["skm_online"]
    await begin(http, instrument="skm_online")
    answers = {q.code: 2 if q.measure == "ikm" else 4 for q in online.questions}
    assert (await send_answers(http, "satu", answers=answers)).status_code == 201
    found = [await get_figure(http, measure) for measure in ("skm", "ipak")]
    assert [(f["index"], f["measure"], len(f["elements"])) for f in found] == [(50, "ikm", 9), (100, "ipak", 5)]


async def test_figure_that_a_survey_does_not_measure_is_refused(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, instrument="csat3", ask_nps=False)
    for figure in ("skm", "ipak", "nps"):
        answer = await http.get(f"/v1/index/{figure}", headers=OFFICER, params={"survey": "s"})
        assert faults(answer) == ["survey"], figure


# -- taken apart ------------------------------------------------------------------------------------------------

TOLD = ("sex", "education", "occupation")


@pytest.mark.parametrize("seed", range(2))
async def test_each_group_is_what_counting_its_rows_gives(running: Running, http: httpx.AsyncClient, seed: int) -> None:
    """Answers of several units and doors over two years, some telling who they are, under either policy."""
    chance = random.Random(seed)
    codes = {"sex": ["", "L", "P"], "education": ["", "sma", "smp"], "occupation": ["", "pns", "lainnya"]}
    await begin(http)
    rows: list[dict[str, Any]] = []
    for _ in range(60):
        day = date(2024, 12, 25) + timedelta(days=chance.randrange(440))
        rows.append(
            {
                "day": day,
                "month": f"{day:%Y-%m}",
                "quarter": f"{day:%Y}-Q{(day.month + 2) // 3}",
                "semester": f"{day:%Y}-S{1 if day.month <= 6 else 2}",
                "year": f"{day:%Y}",
                "unit": chance.choice(["Setjen", "pengawas"]),
                "service": chance.choice(["AK.1", ""]),
                "channel": chance.choice(["app", "call"]),
                **{name: chance.choice(known) for name, known in codes.items()},
                "answers": {slug: chance.randint(1, 4) for slug in SLUGS if chance.random() < 0.95},
            }
        )
    for number, row in enumerate(rows):
        profile = {name: row[name] for name in TOLD}
        place = {name: row[name] for name in ("unit", "service", "channel", "answers")}
        said = await send_answers(http, f"k{number}", answered_on=row["day"].isoformat(), profile=profile, **place)
        assert said.status_code == 201, said.text

    def figures(kept: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
        return [
            (sum(values), len(values))
            for values in ([row["answers"][slug] for row in kept if slug in row["answers"]] for slug in SLUGS)
        ]

    periods = [("2024-12-25", "2026-03-09"), ("2025-01-01", "2025-12-31"), ("2025-02-10", "2025-11-20")]
    for first, last in periods:
        inside = [row for row in rows if first <= row["day"].isoformat() <= last]
        for missing in ("per_question", "complete_rows"):
            kept = [row for row in inside if missing == "per_question" or len(row["answers"]) == len(SLUGS)]
            for by in (*TOLD, "unit", "service", "channel", "month", "quarter", "semester", "year"):
                found = await get_figure(http, by=by, missing=missing, **{"from": first, "to": last})
                assert [(e["sum"], e["n"]) for e in found["elements"]] == figures(kept)
                keys = sorted({row[by] for row in kept if row[by] or by not in TOLD})
                assert [group["key"] for group in found["groups"]] == keys, (by, missing)
                for group in found["groups"]:
                    mine = [row for row in kept if row[by] == group["key"]]
                    assert [(e["sum"], e["n"]) for e in group["figure"]["elements"]] == figures(mine)
                    assert group["figure"]["n"] == len(mine)
    here = [row for row in rows if (row["unit"], row["channel"]) == ("Setjen", "call")]
    found = await get_figure(http, unit="Setjen", channel="call")
    assert [(e["sum"], e["n"]) for e in found["elements"]] == figures(here)


async def test_group_is_named_as_a_person_reads_it(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    await send_answers(http, "satu", profile={"education": "sma"}, nps=10)
    found = await get_figure(http, "nps", by="education")
    (group,) = found["groups"]
    assert (group["key"], group["name"]) == ("sma", "SMA/SMK/sederajat")
    assert (group["figure"]["n"], group["figure"]["score"]) == (1, 100)


async def test_sample_is_held_against_the_population(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, population=100)
    await send_answers(http, "satu")
    assert (await get_figure(http))["sample"] == {"population": 100, "required": 80, "reached": 1, "enough": False}
    await begin(http, "dua")
    assert (await get_figure(http, survey="dua"))["sample"] == {
        "population": None,
        "required": None,
        "reached": 0,
        "enough": None,
    }


async def test_sample_of_some_days_is_held_against_no_population(running: Running, http: httpx.AsyncClient) -> None:
    """How many were served in them nobody knows."""
    await begin(http, population=100, opens_on="2026-01-01", closes_on="2026-06-30")
    whole = {"from": "2026-01-01", "to": "2026-06-30"}
    for asked in ({}, whole, {"from": "2025-12-01"}, {"to": "2026-03-13"}):
        assert (await get_figure(http, **asked))["sample"]["population"] == 100, asked
    for asked in ({"from": "2026-01-02"}, {"to": "2026-02-28"}, {"from": "2026-03-01", "to": "2026-03-31"}):
        for figure in ("skm", "nps"):
            assert (await get_figure(http, figure, **asked))["sample"]["population"] is None, asked
    await begin(http, "dua", population=100)
    assert (await get_figure(http, survey="dua", **whole))["sample"]["population"] is None


# -- refusals ---------------------------------------------------------------------------------------------------


async def test_survey_that_nobody_ran_is_not_found(running: Running, http: httpx.AsyncClient) -> None:
    for figure in FIGURES:
        answer = await http.get(f"/v1/index/{figure}", headers=OFFICER, params={"survey": "never"})
        assert faults(answer, 404, "not_found") == ["survey"]


async def test_question_that_means_nothing_is_named(running: Running, http: httpx.AsyncClient) -> None:
    asked: list[tuple[dict[str, str], str]] = [
        ({}, "survey"),
        ({"survey": "a b"}, "survey"),
        ({"survey": "layanan", "edition": "permenpanrb16_2014"}, "edition"),
        ({"survey": "layanan", "weighting": "0.1112"}, "weighting"),
        ({"survey": "layanan", "missing": "zero"}, "missing"),
        ({"survey": "layanan", "by": "religion"}, "by"),
        ({"survey": "layanan", "unti": "Setjen"}, "unti"),
        ({"survey": "layanan", "from": "2026-02-30"}, "from"),
        ({"survey": "layanan", "to": "soon"}, "to"),
        ({"survey": "layanan", "to": "9999-12-31"}, "to"),
        ({"survey": "layanan", "from": "0001-01-01"}, "from"),
        ({"survey": "layanan", "from": "2026-03-02", "to": "2026-03-01"}, "to"),
    ]
    for query, field in asked:
        assert faults(await http.get("/v1/index/skm", headers=OFFICER, params=query)) == [field], query


async def test_staff_may_look_and_nobody_else(running: Running, http: httpx.AsyncClient) -> None:
    for figure in FIGURES:
        path = f"/v1/index/{figure}?survey=layanan"
        for role in ROLES:
            assert (await http.get(path, headers=staff_header(role))).status_code == 200, role
        refusal(await http.get(path), 401, "unauthenticated")
        refusal(await http.get(path, headers=staff_header()), 403, "forbidden")


async def test_survey_is_counted_by_its_own_rule_unless_another_is_named(
    running: Running, http: httpx.AsyncClient
) -> None:
    await begin(http, edition="kep25_2004", missing="complete_rows")
    await send_answers(http, "lengkap", answers=all_answered(4))
    await send_answers(http, "separuh", answers={"waktu": 1})
    own = await get_figure(http)
    assert (own["edition"], own["missing"], own["n"], own["index"]) == ("kep25_2004", "complete_rows", 1, 100)
    named = await get_figure(http, missing="per_question", edition="permenpanrb14_2017")
    assert (named["n"], named["index"], named["grade"]) == (2, 95.83, "A")
    page = (await http.get("/v1/surveys/s/report.html", headers=OFFICER, timeout=60)).text
    assert ">100,00<" in page
    assert "KEP/25/M.PAN/2/2004" in page
    other = {"missing": "per_question", "edition": "permenpanrb14_2017"}
    page = (await http.get("/v1/surveys/s/report.html", headers=OFFICER, params=other, timeout=60)).text
    assert ">95,83<" in page
    assert "KEP/25/M.PAN/2/2004" not in page


async def test_nps_and_csat_take_the_same_words_as_the_index(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http, missing="complete_rows", population=10)
    await send_answers(http, "lengkap", answers=all_answered(4), nps=9)
    await send_answers(http, "separuh", answers={"waktu": 1}, nps=0)
    everybody = await get_figure(http, "nps", edition="kep25_2004", weighting="0.11")
    assert (everybody["missing"], everybody["n"], everybody["score"]) == ("per_question", 2, 0)
    assert everybody["sample"] == {"population": 10, "required": 10, "reached": 2, "enough": False}
    complete = await get_figure(http, "nps", missing="complete_rows", by="month")
    assert (complete["missing"], complete["n"], complete["score"]) == ("complete_rows", 1, 100)
    assert [group["figure"]["n"] for group in complete["groups"]] == [1]
    two = instrument(*(element(slug, measure="csat", words=FACES) for slug in ("satu", "dua")), code="dua_wajah")
    await post(http, "/v1/instruments", two.model_dump(mode="json"))
    await begin(http, "wajah", instrument="dua_wajah", ask_nps=False)
    await send_answers(http, "lengkap", "wajah", answers={"satu": 3, "dua": 2})
    await send_answers(http, "separuh", "wajah", answers={"satu": 1})
    found = {rule: await get_figure(http, "csat", "wajah", missing=rule) for rule in ("per_question", "complete_rows")}
    assert [figure["sample"]["reached"] for figure in found.values()] == [2, 1]
    assert {rule: (figure["missing"], figure["n"]) for rule, figure in found.items()} == {
        "per_question": ("per_question", 3),
        "complete_rows": ("complete_rows", 2),
    }
    for figure in ("nps", "csat"):
        for wrong in ({"edition": "2031"}, {"weighting": "0.2"}, {"missing": "zero"}):
            query = {"survey": "s", **wrong}
            assert faults(await http.get(f"/v1/index/{figure}", headers=OFFICER, params=query)) == [*wrong]


async def test_one_service_is_one_service(running: Running, http: httpx.AsyncClient) -> None:
    await begin(http)
    await send_answers(http, "satu", answers=all_answered(4), service="AK.1")
    await send_answers(http, "dua", answers=all_answered(2), service="LPK")
    assert (await get_figure(http, service="AK.1"))["index"] == 100
    assert (await get_figure(http, service="LPK"))["index"] == 50
