"""A file without numbers is known again when what was said of it was corrected; one that stands is previewed so."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.survey_index.repository import likeness
from services.survey_index.repository.likeness import Rows
from shared.ids import new_id
from tests.services.survey_index.conftest import SLUGS, Running
from tests.services.survey_index.given import OFFICER, begin, get_figure
from tests.services.survey_index.test_same_file import DAY, bring, numbered, preview, rows, rows_of_files, send
from tests.services.tickets.conftest import refusal

ANSWERS = (1, 2, 3, 4)


def with_column(name: str, *cells: str) -> str:
    """A file without numbers, with one more column."""
    lines = [f"{','.join([str(value)] * 9)},{cell}" for value, cell in zip(ANSWERS, cells, strict=True)]
    return "\n".join([f"{','.join(SLUGS)},{name}", *lines])


MARCH = ("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")
FEBRUARY = ("2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04")


async def is_asked(http: httpx.AsyncClient, content: str, first: str, **query: Any) -> None:
    """Holds that a file is refused, and told before, as one that may be the first corrected."""
    problem = refusal(await send(http, content, ignore_others=True, **query), 409, "imported_before")
    assert [first in error["message"] for error in problem["errors"]] == [True]
    found = await preview(http, content, ignore_others=True, **query)
    assert ([file["import_id"] for file in found["same_as"]], found["repeated"]) == ([first], False)


# -- what a correction may correct ------------------------------------------------------------------------------


@pytest.mark.parametrize("days", ["2026-03-03", "2026-02-01..2026-02-28"])
async def test_days_that_were_said_of_a_file_may_be_corrected_with_it(
    running: Running, http: httpx.AsyncClient, days: str
) -> None:
    first = await bring(http, rows(1, 2, 3, 4), ignore_others=True)
    await is_asked(http, rows(1, 2, 3, 3), first, answered_on=days)
    assert (await get_figure(http))["n"] == 4


def unlike_in_the_last(*lasts: tuple[int, int], header: Sequence[str] = SLUGS) -> str:
    """A file without numbers whose respondents, one after the other, differ in each answer but the two last, which are
    these.
    """
    lines = [
        ",".join(str(1 + (number + place) % 4) for place in range(7)) + f",{eighth},{ninth}"
        for number, (eighth, ninth) in enumerate(lasts)
    ]
    return "\n".join([",".join(header), *lines])


EIGHTH, NINTH = SLUGS[7:9]
SWAPPED = (*SLUGS[:7], NINTH, EIGHTH)


@pytest.mark.parametrize(
    ("header", "mapping"),
    [(SLUGS, f"{EIGHTH}:{NINTH},{NINTH}:{EIGHTH}"), (SWAPPED, "")],
    ids=["mapped", "in the file"],
)
async def test_elements_that_are_swapped_with_a_correction_do_not_hide_it(
    running: Running, http: httpx.AsyncClient, header: Sequence[str], mapping: str
) -> None:
    first = await bring(http, unlike_in_the_last((1, 2), (2, 3), (4, 1), (3, 1)), ignore_others=True)
    corrected = unlike_in_the_last((1, 2), (2, 3), (4, 1), (3, 2), header=header)
    await is_asked(http, corrected, first, **({"mapping": mapping} if mapping else {}))


async def test_file_of_others_who_differ_in_more_than_the_order_of_two_elements_is_asked_nothing(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, unlike_in_the_last((1, 2), (2, 3), (4, 1), (3, 1)), ignore_others=True)
    await bring(http, unlike_in_the_last((1, 3), (2, 4), (4, 2), (3, 1)), ignore_others=True)
    assert (await get_figure(http))["n"] == 8


@pytest.mark.parametrize("column", ["pendidikan", "sex", "occupation", "channel"])
async def test_column_that_only_the_correction_has_does_not_hide_it(
    running: Running, http: httpx.AsyncClient, column: str
) -> None:
    cells = {"pendidikan": "SMA", "sex": "L", "occupation": "PNS", "channel": "paper"}
    first = await bring(http, rows(1, 2, 3, 4), ignore_others=True)
    await is_asked(http, with_column(column, *[cells[column]] * 4), first)


async def test_column_that_is_mapped_in_the_correction_only_does_not_hide_it(
    running: Running, http: httpx.AsyncClient
) -> None:
    """The column was left out when the file came first; now it is read, and one answer is another."""
    first = await bring(http, with_column("lulusan", *["SMA"] * 4), ignore_others=True)
    mended = with_column("lulusan", *["SMA"] * 4).replace("4,4,SMA", "4,3,SMA")
    await is_asked(http, mended, first, mapping="lulusan:education")


async def test_column_of_days_in_one_of_two_files_does_not_hide_that_they_are_the_same(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, rows(1, 2, 3, 4), ignore_others=True)
    await is_asked(http, with_column("date", *MARCH), first)
    second = await bring(http, with_column("date", *FEBRUARY), ignore_others=True, replaces=first)
    await is_asked(http, with_column("date", "", *MARCH[1:]), second)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("date", "day_first"), ("date", "month_first")),
        (("date", "day_first"), ("tanggal", "day_first")),
    ],
)
async def test_days_that_were_read_in_another_way_do_not_hide_that_two_files_are_the_same(
    running: Running, http: httpx.AsyncClient, before: tuple[str, str], after: tuple[str, str]
) -> None:
    (name, order), (other_name, other_order) = before, after
    days = ("01/02/2026", "02/02/2026", "03/02/2026", "02/03/2026")
    others = days if name == other_name else ("04/02/2026", "05/02/2026", "06/02/2026", "07/02/2026")
    first = await bring(http, with_column(name, *days), ignore_others=True, day_order=order)
    mended = with_column(other_name, *others).replace("4,4,0", "4,3,0")
    await is_asked(http, mended, first, day_order=other_order)


async def test_same_answers_of_other_days_are_of_others_where_both_files_tell_the_days(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, with_column("date", *FEBRUARY), ignore_others=True)
    mended = with_column("date", *FEBRUARY[:3], "2026-02-05")
    await is_asked(http, mended, first)
    await bring(http, with_column("date", *MARCH), ignore_others=True)
    assert (await get_figure(http))["n"] == 8


async def test_file_of_which_nobody_wrote_down_who_told_its_days_is_compared_without_them(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, with_column("date", *FEBRUARY), ignore_others=True)
    async with running.service.db.transaction() as session:
        await session.execute(text("UPDATE survey_index.imports SET first_day = NULL, days_by = ''"))
    await is_asked(http, with_column("date", *MARCH), first)


# -- the very file that stands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [numbered("1", "2"), rows(1, 2, 3, 4)])
async def test_preview_of_the_file_that_stands_says_that_it_is_repeated(
    running: Running, http: httpx.AsyncClient, content: str
) -> None:
    assert (await preview(http, content, ignore_others=True))["repeated"] is False
    first = await bring(http, content, ignore_others=True)
    await bring(http, content.replace("2,2", "2,1").replace("3,3", "3,2"), ignore_others=True, as_more=True)
    found = await preview(http, content, ignore_others=True)
    assert (found["repeated"], found["same_as"], found["known_numbers"]) == (True, [], 0)
    again = (await send(http, content, ignore_others=True)).json()
    assert (again["import_id"], again["repeated"]) == (first, True)


async def test_preview_of_the_file_that_stands_read_in_another_way_is_refused_as_its_import_is(
    running: Running, http: httpx.AsyncClient
) -> None:
    await bring(http, numbered("1", "2"))
    before = await rows_of_files(running)
    other = {**DAY, "answered_on": "2026-03-03"}
    path = "/v1/surveys/s/responses"
    told = [
        refusal(
            await http.post(f"{path}:{what}", headers=OFFICER, content=numbered("1", "2"), params=other),
            409,
            "imported_otherwise",
        )["errors"]
        for what in ("preview", "import")
    ]
    assert told[0] == told[1]
    assert await rows_of_files(running) == before


async def test_preview_of_a_file_that_was_taken_back_does_not_call_it_repeated(
    running: Running, http: httpx.AsyncClient
) -> None:
    first = await bring(http, numbered("1", "2"))
    gone = await http.post(f"/v1/surveys/s/imports/{first}/withdraw", headers=OFFICER)
    assert gone.status_code == 200
    assert (await preview(http, numbered("1", "2"), answered_on="2026-03-03"))["repeated"] is False


# -- the transaction --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("was", ["on", "off"])
async def test_comparing_leaves_the_settings_of_the_transaction(
    running: Running, http: httpx.AsyncClient, was: str
) -> None:
    await begin(http)
    async with running.service.db.transaction() as session:
        await session.execute(text(f"SET LOCAL enable_nestloop = {was}"))
        await likeness.in_common(session, "s", new_id(), [new_id()], ["answers"], in_any_order=(7, 8), rows=Rows.KEPT)
        assert await session.scalar(text("SELECT current_setting('enable_nestloop')")) == was


async def test_file_whose_place_another_took_is_not_replaced_again(running: Running, http: httpx.AsyncClient) -> None:
    first = await bring(http, numbered("1", "2"))
    second = await bring(http, numbered("1", "2", value=4), replaces=first)
    third = numbered("7", "8", value=2)
    answer = await send(http, third, replaces=first)
    refusal(answer, 409, "replaced_before")
    assert second in answer.text
    assert (await get_figure(http))["n"] == 2
    await bring(http, third, replaces=second)
    assert (await get_figure(http))["n"] == 2
