"""Codes that a citizen can read out, and capabilities that nobody can make."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import new_id, new_tracking_code, normalise_tracking_code
from shared.seal import Seal
from shared.secret import Secrets
from shared.signing import Capabilities
from tests.conftest import SECRET, SECRETS


@given(st.integers(min_value=0, max_value=50))
def test_code_is_understood_however_it_is_typed(_: int) -> None:
    code = new_tracking_code()
    spoken = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert normalise_tracking_code(code) == normalise_tracking_code(spoken) == code


@given(st.text(max_size=30))
def test_what_is_no_code_is_none(text: str) -> None:
    code = normalise_tracking_code(text)
    assert code is None or normalise_tracking_code(code) == code


def test_codes_do_not_repeat_and_use_their_whole_alphabet() -> None:
    codes = {new_tracking_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")


def test_ids_sort_by_the_time_of_their_making() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert [identifier.int >> 80 for identifier in ids] == sorted(identifier.int >> 80 for identifier in ids)


@given(st.uuids())
def test_capability_opens_what_it_was_issued_for_and_nothing_else(name: UUID) -> None:
    chats = Capabilities(SECRETS, "chats")
    token = chats.issue(name)
    assert chats.read(token) == name
    assert Capabilities(SECRETS, "survey links").read(token) is None
    assert Capabilities(Secrets((SECRET + "!",)), "chats").read(token) is None
    forged = ("A" if token[0] != "A" else "B") + token[1:]
    assert chats.read(forged) is None


@given(st.text(alphabet="0123456789", min_size=8, max_size=20))
def test_sealed_number_is_unreadable_and_opens_again(number: str) -> None:
    seal = Seal(SECRETS)
    closed = seal.close(number)
    assert number not in closed
    assert seal.open(closed) == number
