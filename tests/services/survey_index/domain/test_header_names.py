"""A column may be called as its element is, or by the whole question; and U8 and U9 by their places alone are told."""

from collections.abc import Sequence

import pytest

from services.survey_index.domain.instruments import REGULATION_ORDER, Instrument, builtin
from services.survey_index.domain.sheet.header import meaning_of, order_taken, read_header, read_mapping
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from tests.services.survey_index.conftest import ASKED, SKM, SLUGS, answers_by_code, sheet
from tests.services.survey_index.domain.given import element, instrument
from tests.services.survey_index.domain.reading import POSITIONS, places, read, rows

ONLINE = builtin()["skm_online"]
NAMES = {question.code: question.text.text for question in SKM.questions}


def reading(
    header: Sequence[str], mapping: str | None = None, asked: Instrument = SKM, *, order_is_told: bool = False
) -> dict[str, str] | None:
    """How U8 and U9 were read, where that is told."""
    columns, wrong = read_mapping(mapping, asked)
    faults = Faults()
    rules = Rules(asked, mapping=columns, ignore_others=True, order_is_told=order_is_told, needs_days=False)
    found = order_taken(read_header(header, rules, faults), rules)
    assert (wrong, faults) == ([], [])
    return None if found is None else dict(found)


# -- by names and sentences -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", builtin().values(), ids=lambda asked: asked.code)
def test_wording_of_every_question_means_that_question_and_no_other(asked: Instrument) -> None:
    for question in asked.questions:
        for text in (question.text.text.id, question.text.text.en):
            assert meaning_of(text, asked, {}) == question.code
    for known in asked.elements:
        for name in (known.name.id, known.name.en):
            assert meaning_of(name, asked, {}) == (known.slug if len(known.questions) == 1 else None)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Sarana dan prasarana", "sarana"),
        ("SARANA DAN PRASARANA", "sarana"),
        ("  Sarana  dan prasarana:", "sarana"),
        ("8. Sarana dan Prasarana", "sarana"),
        ("9) Sarana dan prasarana", "sarana"),
        ("U9 - Sarana dan prasarana", "sarana"),
        ("U1. Persyaratan", "persyaratan"),
        ("U1 (Persyaratan)", "persyaratan"),
        ("U8 Penanganan Pengaduan, Saran, dan Masukan", "pengaduan"),
        ("Sistem, mekanisme dan prosedur", "prosedur"),
        ("Biaya / Tarif", "biaya"),
        ("Facilities and infrastructure", "sarana"),
        ("8. Bagaimana pendapat Anda tentang kualitas sarana dan prasarana?", "sarana"),
        ("How polite and friendly are the staff", "perilaku"),
        ("U9", "pengaduan"),
        ("Sarana parkir", None),
        ("8.", None),
        ("", None),
    ],
)
def test_name_of_an_element_decides_and_the_number_in_front_says_nothing(name: str, slug: str | None) -> None:
    assert meaning_of(name, SKM, {}) == slug


def test_file_with_names_and_sentences_is_read() -> None:
    header = [f"{place}. {NAMES[slug].id}" for place, slug in enumerate(SLUGS, start=1)]
    content = sheet([dict(zip(header, (1, 2, 3, 4, 1, 2, 3, 4, 1), strict=True))], header)
    assert rows(content.replace(",", ";")) == [Answered("R1", (1, 2, 3, 4, 1, 2, 3, 4, 1, None))]


def test_name_of_an_element_with_several_questions_says_too_little() -> None:
    assert meaning_of("Waktu penyelesaian", ONLINE, {}) is None
    assert meaning_of("Biaya/tarif", ONLINE, {}) == "biaya"
    assert meaning_of("3. Seberapa cepat Anda dilayani, termasuk waktu menunggu?", ONLINE, {}) == "waktu.1"


def test_wording_that_two_elements_share_means_none_of_them() -> None:
    twin = element("parkir").model_dump() | {"slug": "taman"}
    own = instrument(element("parkir"), type(element("parkir")).model_validate(twin), element("loket"))
    assert meaning_of("Bagaimana parkir?", own, {}) is None
    assert meaning_of("Bagaimana loket?", own, {}) == "loket"


def test_two_columns_with_the_words_of_one_element_are_a_fault() -> None:
    content = sheet([{}], [*SLUGS, "U3 Waktu penyelesaian"])
    assert places(content) == ["row 1, column U3 Waktu penyelesaian"]


# -- who answered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["No", "No.", "No. Responden", "NOMOR RESPONDEN", "No. Urut", "ID Responden", "rid", "Responden", "no_urut"]
)
def test_number_of_a_respondent_has_many_names(name: str) -> None:
    content = sheet([{"waktu": 4}] * 2).replace("respondent", name).replace("R1", "17")
    assert [row.respondent for row in rows(content)] == ["17", "R2"]


def test_column_that_only_numbers_the_rows_is_passed_over_beside_one_of_respondents() -> None:
    content = sheet([{"waktu": 4}] * 2, ["No", *SLUGS])
    assert [row.respondent for row in rows(content)] == ["R1", "R2"]
    assert [row.respondent for row in rows(sheet([{"No": 4, "waktu": 3}], ["No", *SLUGS]), "respondent:-")] == ["4"]
    assert places(sheet([{}], ["nomor", *SLUGS])) == ["row 1, column nomor"]


# -- U8 and U9 --------------------------------------------------------------------------------------------------


def test_elements_by_their_places_are_told_where_the_regulation_has_them_otherwise() -> None:
    assert [REGULATION_ORDER.index(slug) for slug in ("pengaduan", "sarana")] == [7, 8]
    taken = {"U8": "sarana", "U9": "pengaduan"}
    assert reading(POSITIONS) == reading([name.lower() for name in POSITIONS]) == taken
    assert reading([*SLUGS[:7], "U8", "U9"], asked=ASKED) == taken
    assert reading(list(ONLINE.by_position), asked=ONLINE) == (
        {"U8.1": "sarana.1", "U8.2": "sarana.2", "U9": "pengaduan"}
    )


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (SLUGS, None),
        ([*POSITIONS[:7], "sarana", "pengaduan"], None),
        ([*POSITIONS[:7], "U8", "pengaduan"], None),
        ([*POSITIONS[:7], "U8 Penanganan pengaduan, saran dan masukan", "U9 Sarana dan prasarana"], None),
        (POSITIONS, "U8:pengaduan,U9:sarana"),
        (POSITIONS, "U8:sarana,U9:pengaduan"),
        (POSITIONS, "u8:sarana"),
    ],
)
def test_elements_that_are_named_or_mapped_are_certain(header: Sequence[str], mapping: str | None) -> None:
    assert reading(header, mapping) is None


@pytest.mark.parametrize("code", ["skm16_2014", "kep25_2004", "call_centre_2021", "csat3"])
def test_instruments_that_the_regulation_does_not_number_say_nothing(code: str) -> None:
    asked = builtin()[code]
    assert reading(list(asked.by_position), asked=asked) is None


def test_order_that_somebody_told_or_that_is_the_regulations_says_nothing() -> None:
    assert reading(POSITIONS, order_is_told=True) is None
    assert reading(POSITIONS, asked=SKM.in_order(REGULATION_ORDER)) is None


def test_answers_go_where_the_name_says_whatever_its_number() -> None:
    header = [*POSITIONS[:7], "U8 Penanganan pengaduan; saran dan masukan", "U9 Sarana dan prasarana"]
    (row,) = read(sheet([{header[7]: 1, header[8]: 4}], header)).rows
    assert answers_by_code(row.answers) == {"sarana": 4, "pengaduan": 1}


def test_columns_of_one_name_that_ask_for_the_same_are_told_apart_in_the_file() -> None:
    """A mapping would pass both over."""
    for name in ("tanggal", "U8"):
        faults = Faults()
        read_header(["respondent", name, name.upper(), *POSITIONS], Rules(SKM, needs_days=False), faults)
        assert faults[0].expected.startswith("another name for one of these columns, in the file")
    faults = Faults()
    read_header(["respondent", "tanggal", "date", *POSITIONS], Rules(SKM, needs_days=False), faults)
    assert faults[0].expected.startswith("one column of days: mapping=date:-")
