"""Questionnaires as data: those of the regulations, and a unit's own, whose weights must sum to exactly 1."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.survey_index.domain.instruments import Element, Instrument, builtin
from tests.services.survey_index.domain.given import element, instrument

SKM = builtin()["skm14_2017"]


def slugs(of: str, measure: Any = "ikm") -> list[str]:
    return [element.slug for element in builtin()[of].of(measure)]


def test_nine_elements_stand_in_the_order_of_the_seed() -> None:
    assert slugs("skm14_2017") == (
        ["persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan"]
    )
    assert (SKM.by_position["U8"], SKM.by_position["U9"]) == ("sarana", "pengaduan")


def test_words_of_the_scale_are_those_of_the_domain() -> None:
    words = {question.code: (w := question.text.words.id)[:2] + w[3:] for question in SKM.questions}
    assert words == {
        "persyaratan": ("Tidak sesuai", "Kurang sesuai", "Sangat sesuai"),
        "prosedur": ("Tidak mudah", "Kurang mudah", "Sangat mudah"),
        "waktu": ("Tidak cepat", "Kurang cepat", "Sangat cepat"),
        "biaya": ("Sangat mahal", "Cukup mahal", "Gratis"),
        "produk": ("Tidak sesuai", "Kurang sesuai", "Sangat sesuai"),
        "kompetensi": ("Tidak kompeten", "Kurang kompeten", "Sangat kompeten"),
        "perilaku": ("Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sangat sopan dan ramah"),
        "sarana": ("Buruk", "Cukup", "Sangat baik"),
        "pengaduan": ("Tidak ada", "Ada tetapi tidak berfungsi", "Dikelola dengan baik"),
    }


def test_kep25_has_fourteen_elements_of_a_fourteenth_each() -> None:
    kep25 = builtin()["kep25_2004"]
    assert len(kep25.of("ikm")) == 14
    assert {kep25.weight_of(element) for element in kep25.elements} == {Fraction(1, 14)}


def test_call_centre_has_eight_aspects_and_no_cost() -> None:
    assert slugs("call_centre_2021") == (
        ["persyaratan", "prosedur", "waktu", "hasil", "kompetensi", "perilaku", "pengaduan", "sarana"]
    )


def test_16_2014_has_the_service_notice_in_place_of_the_facilities() -> None:
    assert set(slugs("skm14_2017")) ^ set(slugs("skm16_2014")) == {"sarana", "maklumat"}


def test_skm_online_asks_19_questions_for_nine_elements_and_five_of_ipak() -> None:
    online = builtin()["skm_online"]
    assert (len(online.questions), len(online.of("ikm")), len(online.of("ipak"))) == (19, 9, 5)
    assert online.by_position["U1.2"] == "persyaratan.2"


def test_csat_has_three_levels_and_nps_goes_from_0_to_10() -> None:
    (csat,), (nps,) = builtin()["csat3"].questions, builtin()["nps"].questions
    assert csat.text.words.id == ("Belum Puas", "Cukup Puas", "Puas")
    assert (csat.lowest, csat.highest, nps.lowest, nps.highest) == (1, 3, 0, 10)


@pytest.mark.parametrize("known", builtin().values(), ids=lambda known: known.code)
def test_every_instrument_speaks_both_languages_and_is_kept_and_read_again_as_it_was(known: Instrument) -> None:
    for question in known.questions:
        assert question.text.text.id != question.text.text.en
        assert len(question.text.words.id) == len(question.text.words.en)
    kept = Instrument.model_validate_json(known.model_dump_json())
    assert kept.model_copy(update={"edition": known.edition}) == known


def test_asking_for_nps_adds_one_question_once() -> None:
    assert SKM.asking_nps().codes == (*SKM.codes, "nps")
    assert SKM.asking_nps().asking_nps() == SKM.asking_nps()
    assert SKM.asking_nps().answerable == SKM.answerable
    assert SKM.asking_nps().without_nps() == SKM
    assert builtin()["nps"].without_nps() == builtin()["nps"]
    assert len(instrument(*(element(f"e{n}") for n in range(40))).asking_nps().elements) == 41


# -- a unit's own -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [["1/3", "1/3", "1/3"], ["0.5", "0.3", "0.2"], [0.1, 0.2, 0.7], ["1", "0", "0"]])
def test_weights_that_sum_to_exactly_1_are_taken_as_they_are_written(weights: list[Any]) -> None:
    own = instrument(*(element(f"e{n}", weight=weight) for n, weight in enumerate(weights)))
    assert [own.weight_of(known) for known in own.elements] == [Fraction(str(weight)) for weight in weights]


@pytest.mark.parametrize(
    "weights",
    [
        ["0.111"] * 9,
        ["0.33", "0.33", "0.33"],
        ["1/3", "1/3", "0.3333"],
        ["0.5", "0.6"],
        ["1", None],
        ["1/0"],
        ["-1", "2"],
        ["satu"],
    ],
)
def test_weights_that_do_not_are_refused(weights: list[Any]) -> None:
    with pytest.raises(ValidationError):
        instrument(*(element(f"e{n}", weight=weight) for n, weight in enumerate(weights)))


@given(parts=st.lists(st.integers(1, 1_000), min_size=1, max_size=12))
def test_any_shares_of_a_whole_sum_to_it(parts: list[int]) -> None:
    own = instrument(*(element(f"e{n}", weight=f"{part}/{sum(parts)}") for n, part in enumerate(parts)))
    assert sum(own.weight_of(known) for known in own.elements) == 1


@pytest.mark.parametrize(
    "elements",
    [
        [element("waktu"), element("waktu")],
        [element("respondent")],
        [element("u3")],
        [],
        [element("nps")],
        [element("rekomendasi", measure="nps", words=("Tidak", "Ya"))],
        [element(f"e{n}") for n in range(41)],
    ],
    ids=[
        "a slug twice",
        "the name of a column",
        "the name of a place",
        "no elements",
        "nps that is none",
        "nps by another name",
        "too many",
    ],
)
def test_instrument_that_could_not_be_read_back_from_a_file_is_refused(elements: list[Element]) -> None:
    with pytest.raises(ValidationError):
        instrument(*elements)


@pytest.mark.parametrize("change", [{"slug": "Waktu"}, {"measure": "ikp"}, {"questions": []}, {"colour": "red"}])
def test_element_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Element.model_validate(element("waktu").model_dump() | change)


def test_each_value_needs_its_word() -> None:
    with pytest.raises(ValidationError, match="word for each value"):
        instrument(element("waktu", words=("Buruk", "Baik")))


def test_order_of_the_elements_may_be_told() -> None:
    jepara = SKM.in_order((*SKM.answerable[:7], "pengaduan", "sarana"))
    assert (jepara.by_position["U8"], jepara.by_position["U9"]) == ("pengaduan", "sarana")
    for wrong in (("waktu", "waktu"), ("parkir",)):
        with pytest.raises(ValueError, match="each of these elements at most once"):
            SKM.in_order(wrong)
