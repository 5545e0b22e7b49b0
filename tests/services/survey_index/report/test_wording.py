"""Figures, days and strangers' texts as the report writes them."""

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from services.survey_index.domain.period import Kind, Period
from services.survey_index.report.wording import (
    count,
    day,
    figure,
    listed,
    percent,
    period_days,
    period_name,
    plain,
    short_day,
)


def test_figures_are_written_as_indonesian_writes_them() -> None:
    assert figure(Decimal("89.72")) == "89,72"
    assert figure(Decimal("3.5"), 4) == "3,5000"
    assert figure(Decimal("-3.7")) == "-3,70"
    assert count(1_234_567) == "1.234.567"
    assert percent(Decimal("67.16")) == "67,16%"


def test_what_is_not_known_is_a_dash() -> None:
    assert [figure(None), count(None), percent(None)] == ["-", "-", "-"]


def test_days_have_indonesian_months() -> None:
    assert day(date(2020, 1, 1)) == "1 Januari 2020"
    assert day(date(2026, 8, 17)) == "17 Agustus 2026"
    assert short_day(date(2020, 12, 31)) == "31 Des 2020"


def test_period_is_named_for_what_its_days_are() -> None:
    first, last = date(2020, 1, 1), date(2020, 6, 30)
    assert period_days(Period("opened_to_closed", first, last), n=3) == "1 Januari 2020 sampai dengan 30 Juni 2020"
    assert period_days(Period("answers", first, first), n=3) == "1 Januari 2020"
    assert period_days(Period(), n=3) == "tanggal jawaban tidak diketahui"
    assert period_days(Period(), n=0) == "belum ada jawaban"
    assert len({period_name(Period(kind)) for kind in get_args(Kind)}) == len(get_args(Kind))


def test_names_are_enumerated_with_dan() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a dan b", "a, b, dan c"]
    assert listed(["a, b", "c"]) == "a, b; dan c"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  dua \t kata\r\nlagi ", "dua kata lagi"),
        ("bel\x07 dan \x1b[31m", "bel dan [31m"),
        ("kiri \u202enanak\u202c", "kiri nanak"),
        ("\ud800separuh", "separuh"),
        ("\u200b\u200b", ""),
        ("terima kasih 👨‍👩‍👧 ❤️", "terima kasih 👨‍👩‍👧 ❤️"),
        ("#let $x$ *tebal* <b>", "#let $x$ *tebal* <b>"),
    ],
)
def test_text_becomes_one_line_without_signs_that_nobody_sees(written: str, kept: str) -> None:
    assert plain(written) == kept
