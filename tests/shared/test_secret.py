"""The secret of an installation: which are refused, and how one follows another."""

import secrets as random
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.clock import utcnow
from shared.seal import Seal
from shared.secret import Secrets, WeakSecret
from shared.settings import CommonSettings
from shared.signing import Capabilities
from shared.staff_tokens import StaffTokens

OLD, NEW, NEWEST = (f"{word} secret of the tests with more than 32 characters" for word in ("old", "new", "newest"))
ADDRESSES = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
WEAK = {
    "nothing": "",
    "short": "Kx81Lq20Vb77Zt55",
    "one character": "a" * 64,
    "few characters": "abcabbcacbbabcccabcacbbacbacbacbbaabc",
    "a pattern": "Kx81Lq20Vb77Zt55" * 3,
    "a pattern cut off": ("Kx81Lq20Vb77Zt55" * 3)[:40],
    "a row of digits": "1234567890" * 4,
    "a placeholder": "change-me-please-to-something-at-least-32-long",
    "another placeholder": "YOUR_SECRET_GOES_HERE_0123456789_abcdef",
    "an example": "an-example-secret-of-the-handbook-Kx81Lq20",
    "a good one and a short one": f"{OLD},short",
    "a good one and an empty one": f"{OLD},",
}


@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK)
def test_secret_that_is_weak_is_refused_with_what_to_do_and_is_not_shown(secret: str) -> None:
    with pytest.raises(WeakSecret) as refused:
        Secrets.read(secret)
    assert "openssl rand -base64 48" in str(refused.value)
    assert not any(part in str(refused.value) for part in secret.split(",") if part)
    with pytest.raises(ValidationError) as no_start:
        CommonSettings(**ADDRESSES, secret=secret)  # type: ignore[arg-type]
    assert not any(part in str(no_start.value) for part in secret.split(",") if part not in ("", "short"))


@pytest.mark.parametrize("make", [random.token_hex, random.token_urlsafe])
def test_secret_that_is_random_is_never_refused(make: object) -> None:
    made = [make(size) for size in (32, 48) for _ in range(2_000)]  # type: ignore[operator]
    assert [Secrets.read(secret).values for secret in made] == [(secret,) for secret in made]


def test_secrets_are_the_newest_first_and_show_nothing() -> None:
    secrets = Secrets.read(f" {NEW} , {OLD} ")
    assert secrets.values == (NEW, OLD)
    assert secrets.key("a") == Secrets((NEW,)).key("a")
    assert secrets.keys("a") == (Secrets((NEW,)).key("a"), Secrets((OLD,)).key("a"))
    assert secrets.key("a") != secrets.key("b")
    settings = CommonSettings(**ADDRESSES, secret=f"{NEW},{OLD}")  # type: ignore[arg-type]
    assert settings.secrets == secrets
    assert "secret of the tests" not in f"{secrets!r} {settings!r}"


@given(st.text(alphabet="0123456789", min_size=8, max_size=20))
def test_seal_of_an_older_secret_opens_and_is_renewed_by_the_newest(number: str) -> None:
    old, both, new = Seal(Secrets((OLD,))), Seal(Secrets((NEW, OLD))), Seal(Secrets((NEW,)))
    sealed = old.close(number)
    assert both.open(sealed) == number
    assert (both.is_newest(sealed), both.is_newest(both.close(number))) == (False, True)
    renewed = both.renew(sealed)
    assert both.is_newest(renewed)
    assert new.open(renewed) == number
    with pytest.raises(InvalidToken):
        new.open(sealed)
    with pytest.raises(InvalidToken):
        new.renew(sealed)


def test_capability_of_every_secret_is_read_and_that_of_a_dropped_one_is_not() -> None:
    name = uuid4()
    tokens = {secret: Capabilities(Secrets((secret,)), "chats").issue(name) for secret in (OLD, NEW, NEWEST)}
    chats = Capabilities(Secrets((NEWEST, NEW)), "chats")
    assert chats.issue(name) == tokens[NEWEST], "the first signs"
    assert {secret: chats.read(token) for secret, token in tokens.items()} == {OLD: None, NEW: name, NEWEST: name}


def test_staff_token_of_every_secret_is_read_and_that_of_a_dropped_one_is_not() -> None:
    tokens = {
        secret: StaffTokens(Secrets((secret,))).issue("7", ["agent"], utcnow(), timedelta(hours=1))
        for secret in (OLD, NEW, NEWEST)
    }
    staff = StaffTokens(Secrets((NEWEST, NEW)))
    known = {secret: staff.authenticate(token) is not None for secret, token in tokens.items()}
    assert known == {OLD: False, NEW: True, NEWEST: True}
    made = staff.issue("7", ["agent"], utcnow(), timedelta(hours=1))
    assert StaffTokens(Secrets((NEWEST,))).authenticate(made) is not None, "the first signs"


def test_staff_token_says_to_the_microsecond_when_it_was_signed_and_is_the_only_one_of_its_id() -> None:
    staff, now = StaffTokens(Secrets((NEW,))), utcnow()
    callers = [staff.authenticate(staff.issue("7", ["agent"], now, timedelta(hours=1))) for _ in range(2)]
    assert [caller.issued_at for caller in callers if caller] == [now, now]
    one, other = (staff.issue("7", ["agent"], now, timedelta(hours=1)) for _ in range(2))
    assert one != other
    with pytest.raises(ValueError, match="whose"):
        staff.issue("", ["agent"], now, timedelta(hours=1))
