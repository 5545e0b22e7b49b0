"""Rows that are no respondents: what says so is passed over and told, what could be a slip of the pen is refused."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.sheet.labels import LABELS
from services.survey_index.domain.sheet.notes import MOST_LISTED, Notes
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from services.survey_index.domain.sheet.unnumbered import UnnumberedRows
from tests.services.survey_index.conftest import SKM, SLUGS

HEADER = ["respondent", *SLUGS]
UNNUMBERED = ["nama", *SLUGS]
SERVED = ["layanan", *SLUGS]
R1, R2 = ["R1", *"123412341"], ["R2", *"432143214"]


def read(*below: Sequence[str], header: Sequence[str] = HEADER, **rules: Any) -> tuple[list[str], Notes, Faults]:
    """The respondents of a file whose last rows are these, what was noticed, and its faults."""
    faults, notes = Faults(), Notes()
    told = Rules(rules.pop("instrument", SKM), ignore_others="respondent" not in header, needs_days=False, **rules)
    rows = [header, R1, R2, *below]
    found = [row.respondent for batch in read_rows(rows, told, faults, notes=notes) for row in batch]
    return found, notes, faults


def passed_over(*below: Sequence[str], header: Sequence[str] = HEADER, **rules: Any) -> list[tuple[int, str]]:
    """Which rows of a file without faults are passed over, and why; its two respondents count."""
    found, notes, faults = read(*below, header=header, **rules)
    assert (len(found), faults) == (2, [])
    return [(passed.row, passed.why) for passed in notes.passed_over]


def refused(*below: Sequence[str], header: Sequence[str] = HEADER) -> list[str]:
    """Where the faults are of a file that has no footer."""
    _, notes, faults = read(*below, header=header)
    assert notes.passed_over == []
    return [fault.field for fault in faults]


def counted(name: str, answers: Sequence[str] = "333333333", header: Sequence[str] = HEADER) -> bool:
    """Whether a row is a respondent's."""
    found, notes, faults = read([name, *answers], ["R3", *"333333333"], header=header)
    assert faults == []
    return (len(found), notes.passed_over_count) == (4, 0)


# -- by a label -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("Jumlah", "Jumlah"),
        ("JUMLAH NILAI PER UNSUR", "Jumlah"),
        ("  jml. ", "Jumlah"),
        ("Sub Total", "Subtotal"),
        ("Grand Total", "Total"),
        ("Total 72 responden", "Total"),
        ("Rata-rata", "Rata-rata"),
        ("rata rata", "Rata-rata"),
        ("Rata_rata", "Rata-rata"),
        ("RATA‐RATA/unsur", "Rata-rata"),
        ("Ｒａｔａ²", "Rata-rata"),
        ("T o t a l", "Total"),
        ("a) J u m l a h", "Jumlah"),
        ("Nilai terendah", "Nilai"),
        ("Tertinggi", "Maksimum"),
        ("NRR/unsur", "NRR"),
        ("NRR tertimbang per unsur", "NRR"),
        ("NRR: 3,47", "NRR"),
        ("IKM Unit Pelayanan", "IKM"),
        ("Indeks", "Indeks"),
        ("Nilai rata-rata", "Nilai"),
        ("Σ", "Jumlah"),
        ("ΣNRR", "Jumlah"),
        ("∑ nilai", "Jumlah"),
        ("- Jumlah", "Jumlah"),
        ("*) Jumlah NRR tertimbang", "Catatan"),
        ("**) x 25", "Catatan"),
        ("Median", "Median"),
        ("Std", "Std"),
        ("Mean", "Mean"),
    ],
)
@pytest.mark.parametrize("values", ["333333333", ["3.47"] * 9, ["240"] * 9, ["3,5", "3", "", "4"] + [""] * 5])
def test_row_with_a_label_for_a_number_is_passed_over_whatever_its_figures(
    label: str, why: str, values: Sequence[str]
) -> None:
    assert passed_over([label, *values]) == [(4, why)]


PREFIXES = ("", "1. ", "a) ", "[", "(", "=> ", "- ")


@pytest.mark.parametrize("header", [HEADER, UNNUMBERED])
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("word", [word for kind, word, _ in LABELS if kind == "figure"])
def test_label_alone_is_known_beside_answers_on_the_scale_whatever_stands_in_front(
    word: str, prefix: str, header: Sequence[str]
) -> None:
    for spelled in (word, word.upper(), word.lower()):
        assert passed_over([prefix + spelled, *"333333333"], header=header) == [(4, word)]


@pytest.mark.parametrize(
    "name", ["MAX", "Min", "Sum", "Total Persada", "Nilai A", "Kategori B", "Keterangan Ahli", "Bobot Santoso"]
)
def test_row_with_answers_that_begins_as_a_label_does_is_refused_and_shown(name: str) -> None:
    _, notes, faults = read([name, *"444444444"])
    assert notes.passed_over == []
    assert [(fault.field, fault.message.partition(" label")[0]) for fault in faults] == [
        ("row 4, column respondent", "begins as the")
    ]


def test_service_that_is_called_as_a_label_is_is_asked_about_and_one_with_more_words_counts() -> None:
    for service in ("Kategori 1", "Mutu Benih", "Total Persada"):
        assert counted(service, "444444444", header=SERVED)
    for service in ("IKM", "Kinerja"):
        assert refused([service, *"444444444"], header=SERVED)
    assert refused(["Rata-rata KTP", *"333333333"], header=SERVED)
    assert refused(["Kategori 1", *"444444444"], header=UNNUMBERED)


@pytest.mark.parametrize(
    "label", ["Mengetahui,", "Kepala Dinas", "a.n. Kepala", "Ketua Tim", "NIP. 19750101 200003 1 001"]
)
def test_signature_is_passed_over_where_nothing_is_answered(label: str) -> None:
    (found,) = passed_over([label, *[""] * 9])
    assert found[0] == 4


def test_count_of_respondents_is_passed_over_and_a_respondent_n_is_not() -> None:
    assert passed_over(["n", *["72"] * 9]) == [(4, "n")]
    assert passed_over(["n = 72", *[""] * 9]) == [(4, "n")]
    assert counted("N")


@pytest.mark.parametrize(
    "name",
    [
        "R-12", "007", "Responden 3", "S002-07", "IKM-001", "SKM 12", "NRR/3", "N-12", "Maksum", "Max Lumentut",
        "Jumlahwati", "Kepala Desa", "Ketua RT 05", "Budi", "Totalitas", "sumarni",
    ],
)  # fmt: skip
def test_respondent_who_answered_is_never_a_label(name: str) -> None:
    assert counted(name)


def test_label_may_stand_in_any_cell_where_the_number_is_empty() -> None:
    header = ["No", "Nama", *SLUGS]
    people = [["1", "A", *"333333333"], ["2", "B", *"333333333"]]
    below = [["", "Jumlah", *["6"] * 9], ["", "NRR", *"333333333"], ["", "IKM", "75", *[""] * 8]]
    faults, notes = Faults(), Notes()
    rules = Rules(SKM, needs_days=False, ignore_others=True)
    assert [len(batch) for batch in read_rows([header, *people, *below], rules, faults, notes=notes)] == [2]
    assert [(passed.row, passed.why) for passed in notes.passed_over] == [(4, "Jumlah"), (5, "NRR"), (6, "IKM")]


def test_label_in_what_somebody_suggested_is_none() -> None:
    header = [*HEADER, "saran"]
    faults, notes = Faults(), Notes()
    rows = [header, [*R1, ""], ["", *"333333333", "Kinerja pelayanan"]]
    assert [*read_rows(rows, Rules(SKM, needs_days=False), faults, notes=notes)] == []
    assert ([fault.field for fault in faults], notes.passed_over) == (["row 3, column respondent"], [])


def test_occupation_of_a_respondent_is_no_signature() -> None:
    header = [*HEADER, "pekerjaan"]
    rows = [header, ["R1", *"333333333", "Kepala sekolah"], ["R2", *[""] * 9, "Kepala sekolah"]]
    faults, notes = Faults(), Notes()
    assert [len(batch) for batch in read_rows(rows, Rules(SKM, needs_days=False), faults, notes=notes)] == [1]
    assert (faults, [passed.why for passed in notes.passed_over]) == ([], ["no answers"])


def test_service_that_begins_as_a_label_does_is_a_respondents_where_there_are_no_numbers() -> None:
    for service in ("Nilai Jual Objek Pajak", "Mutu Benih", "Kategori A"):
        assert counted(service, header=SERVED)
    assert refused(["Mutu Benih", *"33x333333"], header=SERVED) == ["row 4, column waktu"]
    assert passed_over(["Rata-rata", *"333333333"], header=SERVED) == [(4, "Rata-rata")]
    assert passed_over(["Jumlah seluruh jawaban masuk", *["7"] * 9], header=SERVED) == [(4, "Jumlah")]


# -- by what stands in the cells --------------------------------------------------------------------------------


def test_text_where_answers_stand_is_a_signature_where_nobody_has_a_number() -> None:
    below = [
        ["", *[""] * 6, "Kepala Dinas", "", ""],
        ["", *[""] * 6, "Drs. Budi", "", ""],
        ["", *[""] * 6, "19750101 200003 1 001", "", ""],
        ["Kudus", " 3 Januari 2021"],
    ]
    text = "text where answers stand"
    assert passed_over(*below) == [(4, "Kepala"), (5, text), (6, text), (7, text)]
    assert passed_over(["", *"BBBABBBAA"]) == [(4, text)]


def test_row_without_number_and_answers_is_passed_over() -> None:
    header = ["respondent", "nama", *SLUGS]
    faults, notes = Faults(), Notes()
    rows = [header, ["1", "A", *"333333333"], ["", "Kudus, 3 Januari 2021", *[""] * 9], ["Drs. Budi", "x", *[""] * 9]]
    assert [
        len(batch) for batch in read_rows(rows, Rules(SKM, needs_days=False, ignore_others=True), faults, notes=notes)
    ] == [1]
    assert [(passed.row, passed.why) for passed in notes.passed_over] == [(3, "no answers"), (4, "no answers")]


def test_questionnaire_that_came_back_empty_is_passed_over_whatever_it_tells_of_whoever_had_it() -> None:
    assert passed_over(["R3", *[""] * 9], ["R4"]) == [(4, "no answers"), (5, "no answers")]
    header = ["usia", "jenis_kelamin", *SLUGS]
    rows = [header, ["30", "L", *"333333333"], ["40", "P", *[""] * 9], ["", "Kudus", *[""] * 9]]
    faults, notes = Faults(), Notes()
    assert [len(b) for b in read_rows(rows, Rules(SKM, needs_days=False, ignore_others=True), faults, notes=notes)] == [
        1
    ]
    assert [passed.row for passed in notes.passed_over] == [3, 4]


def test_questionnaire_with_a_suggestion_alone_is_somebodys() -> None:
    rows = [[*HEADER, "saran"], [*R1, ""], ["R2", *[""] * 9, "Antre lama"]]
    faults, notes = Faults(), Notes()
    assert [len(b) for b in read_rows(rows, Rules(SKM, needs_days=False), faults, notes=notes)] == [2]
    assert (faults, notes.passed_over) == ([], [])


def test_footer_may_have_more_or_fewer_cells_than_the_header() -> None:
    below = [["Jumlah", "5"], ["Mengetahui,"], [*[""] * 12, "Kudus, 3 Januari 2021"], ["NRR", *["3.2"] * 9, "", "27"]]
    assert passed_over(*below) == [(4, "Jumlah"), (5, "Mengetahui"), (6, "no answers"), (7, "NRR")]


def test_footer_may_stand_between_respondents_and_numbers_go_on_below() -> None:
    found, notes, faults = read(["Jumlah", *["5"] * 9], [""] * 10, ["R3", *"333333333"], ["Jumlah", *["8"] * 9])
    assert (found, faults) == (["R1", "R2", "R3"], [])
    assert [passed.row for passed in notes.passed_over] == [4, 7]


# -- what is left to be refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (["R55", *"33x433333"], ["row 4, column waktu"]),
        (["R55", *"xxxxxxxxx"], [f"row 4, column {slug}" for slug in SLUGS]),
        (["Budi", *["baik"] * 9], [f"row 4, column {slug}" for slug in SLUGS]),
        (["Budi", *[""] * 7, "Sangat baik", ""], ["row 4, column sarana"]),
        (["Hasil", "x", "240", *"3333333"], ["row 4, column persyaratan", "row 4, column prosedur"]),
        (["Budi", "x", *[""] * 8], ["row 4, column persyaratan"]),
        (["", *"333333333"], ["row 4, column respondent"]),
        (["", *["240"] * 9], ["row 4, column respondent"]),
        (["", *[""] * 7, "Sangat baik", ""], ["row 4, column respondent"]),
        (["R55", "3", "3"], ["row 4"]),
    ],
    ids=str,
)
def test_row_that_could_be_a_respondent_is_refused_with_its_place(row: Sequence[str], where: list[str]) -> None:
    assert refused(row) == where


def test_text_beside_what_only_a_respondent_tells_is_refused() -> None:
    header = [*HEADER, "tanggal", "usia"]
    for facts in (["2021-01-05", ""], ["", "40"]):
        rows = [header, [*R1, *facts], ["Budi", "tidak tahu", *[""] * 8, *facts]]
        faults, notes = Faults(), Notes()
        assert [*read_rows(rows, Rules(SKM, needs_days=False), faults, notes=notes)] == []
        assert ([fault.field for fault in faults], notes.passed_over) == (["row 3, column persyaratan"], [])


def test_refusal_of_a_row_without_number_tells_the_ways_on_and_no_cell() -> None:
    _, _, (fault,) = read(["", *["240"] * 9])
    assert fault.message == "is empty, and nothing says what the row is"
    assert "Jumlah" in fault.expected
    assert "delete the row" in fault.expected
    assert "240" not in str(fault)


def test_answers_in_words_are_refused_where_there_are_no_numbers() -> None:
    assert len(refused(["", *["Setuju"] * 9], header=UNNUMBERED)) == 9
    assert len(refused(["Tati", *["240"] * 9], header=UNNUMBERED)) == 9


def test_text_in_the_only_question_is_refused() -> None:
    faults = Faults()
    rows = [["csat"], ["3"], ["tidak tahu"]]
    assert [*read_rows(rows, Rules(builtin()["csat3"], needs_days=False, ignore_others=True), faults)] == []
    assert [fault.field for fault in faults] == ["row 3, column csat"]


# -- what is told -----------------------------------------------------------------------------------------------


def test_passed_over_rows_are_told_up_to_fifty_with_the_count_of_all_and_without_their_cells() -> None:
    _, notes, faults = read(*[["Jumlah rahasia", *["240"] * 9]] * 70)
    assert (faults, len(notes.passed_over), notes.passed_over_count) == ([], MOST_LISTED, 70)
    assert "rahasia" not in repr(notes)


def test_file_of_footers_alone_has_no_respondents() -> None:
    faults = Faults()
    assert [*read_rows([HEADER, ["Jumlah", *["0"] * 9]], Rules(SKM, needs_days=False), faults)] == []
    assert [fault.field for fault in faults] == ["row 2"]


@pytest.mark.parametrize("name", ["Capaian", "Target", "Baris contoh", "%"])
def test_row_with_a_name_where_nearly_all_have_numbers_is_refused_and_shown(name: str) -> None:
    people = [[f"R-{n}", *"333333333"] for n in range(3, 11)]
    assert refused([name, *"444444444"], *people) == ["row 4, column respondent"]
    assert refused(*people, [name, *"444444444"]) == ["row 12, column respondent"]
    (fault,) = read(*people, [name, *"444444444"])[2]
    assert fault.message == "is not numbered as the other respondents are, and may be no respondent"


def test_row_with_a_name_below_the_last_number_is_refused_however_few_there_are() -> None:
    assert refused(["Target", *"444444444"], ["Capaian", *"333333333"]) == [
        "row 4, column respondent",
        "row 5, column respondent",
    ]
    assert refused(["n", *"222222222"]) == ["row 4, column respondent"]


def test_names_count_where_many_have_them_between_numbers_and_so_do_numbers_of_any_kind() -> None:
    people = [[f"R-{n}", *"333333333"] for n in range(3, 7)]
    _, _, faults = read(["Budi", *"333333333"], ["Sumarni", *"333333333"], *people)
    assert faults == []
    _, _, faults = read(["Ketua RT 05", *"333333333"], *people, ["a7f", *"333333333"])
    assert faults == []
    _, _, faults = read(["Budi", *"333333333"], ["a7f", *"333333333"], ["Ketua RT 05", *"333333333"])
    assert faults == []


@pytest.mark.parametrize("numbers", ["S002-{:02}", "2021-{:03}", "{}.0", "{:03}/2021", "Responden {}", "TW1-{}"])
@pytest.mark.parametrize("name", ["Tertinggi", "Nilai target 4", "-"])
def test_row_in_words_is_refused_of_whatever_shape_the_numbers_are(numbers: str, name: str) -> None:
    found = UnnumberedRows()
    for row in range(2, 12):
        found.look_at(row, numbers.format(row))
    found.look_at(12, name)
    assert found.doubtful == [12]


@pytest.mark.parametrize(
    "names",
    [
        [f"{n:x}" for n in range(1, 200)],
        [f"{random.Random(n).getrandbits(32):08x}" for n in range(20_000)],
        [f"{random.Random(n).getrandbits(16):04x}" for n in range(400)],
        [*(f"R{n}" for n in range(20)), *(f"R{n}a" for n in range(3))],
        ["AA", "AB", "AC", "1"],
    ],
    ids=["hexadecimal", "by chance", "short by chance", "one more letter", "letters"],
)
def test_numbers_of_many_shapes_are_nobodys_label(names: list[str]) -> None:
    found = UnnumberedRows()
    for row, name in enumerate(names, start=2):
        found.look_at(row, name)
    assert [*found.doubtful] == []
