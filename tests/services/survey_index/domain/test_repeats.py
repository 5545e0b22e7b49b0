"""Numbers and rows that come again: a fault of an import, told of a file alone."""

from services.survey_index.domain.sheet.notes import Notes, Repeats
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Faults, Rules
from tests.services.survey_index.conftest import SKM, SLUGS

HEADER = ["respondent", "loket", *SLUGS]
A, B = "333333333", "433333333"


def noticed(*rows: list[str], header: list[str] = HEADER) -> Notes:
    """What is noticed of a file alone, all of whose rows count."""
    faults, notes = Faults(), Notes()
    rules = Rules(SKM, needs_days=False, ignore_others=True, repeats_may_stand=True)
    assert sum(map(len, read_rows([header, *rows], rules, faults, notes=notes))) == len(rows)
    assert faults == []
    return notes


def test_number_that_comes_again_is_told_once_with_its_row() -> None:
    found = noticed(["R1", "1", *A], ["R2", "2", *A], ["R1", "3", *A], ["R1", "4", *A], ["R2", "5", *A])
    assert (found.repeated_numbers, found.repeated_rows) == (Repeats(2, [4, 6]), Repeats())


def test_row_that_says_the_same_in_every_column_is_told_whoever_it_is_of() -> None:
    found = noticed(["R1", "1", *A], ["R2", "1", *A], ["R3", "1", *B], ["R4", "2", *A], ["R5", " 1", *A])
    assert (found.repeated_numbers, found.repeated_rows) == (Repeats(), Repeats(2, [3, 6]))


def test_column_that_only_numbers_the_rows_makes_no_difference_between_them() -> None:
    header = ["No", "nomor responden", "loket", *SLUGS]
    assert noticed(["1", "R1", "A", *A], ["2", "R2", "A", *A], header=header).repeated_rows == Repeats(1, [3])
    unnumbered = noticed(["a", *A], ["a", *A], header=["loket", *SLUGS])
    assert (unnumbered.repeated_numbers, unnumbered.repeated_rows) == (Repeats(), Repeats(1, [3]))


def test_rows_of_a_number_and_answers_alone_are_of_different_people() -> None:
    assert noticed(["R1", *A], ["R2", *A], header=["respondent", *SLUGS]).repeated_rows == Repeats()


def test_only_the_first_rows_are_told_and_how_many_there_are() -> None:
    found = noticed(*[[f"R{n}", "1", *A] for n in range(40)])
    assert found.repeated_rows == Repeats(39, [3, 4, 5, 6, 7])


def test_footer_is_no_repeated_row() -> None:
    faults, notes = Faults(), Notes()
    rows = [HEADER, ["R1", "1", *A], ["Jumlah", "", *A], ["Jumlah", "", *A]]
    assert (
        sum(
            map(
                len,
                read_rows(
                    rows, Rules(SKM, needs_days=False, ignore_others=True, repeats_may_stand=True), faults, notes=notes
                ),
            )
        )
        == 1
    )
    assert (notes.repeated_numbers, notes.repeated_rows, notes.passed_over_count) == (Repeats(), Repeats(), 2)


def test_number_that_comes_again_is_a_fault_of_an_import_and_equal_rows_are_not_looked_for() -> None:
    faults, notes = Faults(), Notes()
    rows = [HEADER, ["R1", "1", *A], ["R2", "1", *A], ["R1", "1", *A]]
    assert [*read_rows(rows, Rules(SKM, needs_days=False, ignore_others=True), faults, notes=notes)] == []
    assert [fault.field for fault in faults] == ["row 4, column respondent"]
    assert notes.repeated_rows == Repeats()
