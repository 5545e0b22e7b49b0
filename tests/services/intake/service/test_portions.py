"""In which portions the parser writes what it found."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.utterances import Parsed, Utterance, sorted_items
from services.intake.jobs.parser import portions
from services.intake.models.raw import Raw
from shared.ids import new_id
from tests.factories import NOW


def waiting(count: int) -> tuple[Raw, Parsed]:
    said = [Utterance("1", str(number), "62812", NOW, "Insentif belum cair.") for number in range(count)]
    return Raw(new_id(), "whatsapp", "1", b"{}", {}, NOW, "c"), sorted_items(said)


def sizes(counts: Sequence[int], most: int) -> list[list[int]]:
    return [[parsed.size for _, parsed in portion] for portion in portions([waiting(count) for count in counts], most)]


def test_portion_holds_so_much_at_most_and_what_is_larger_by_itself_stands_alone() -> None:
    assert sizes([100, 99, 1, 1, 700, 3], 200) == [[100, 99, 1], [1], [700], [3]]
    assert sizes([], 200) == []


@given(counts=st.lists(st.integers(0, 9), max_size=20))
def test_portions_are_all_that_was_parsed_in_its_order(counts: list[int]) -> None:
    found = sizes(counts, 5)
    assert [size for portion in found for size in portion] == counts
    assert all(sum(portion) <= 5 or len(portion) == 1 for portion in found)
