"""What an installation says of its proxies, and the sentence for what it must not say."""

import pytest
from pydantic import ValidationError

from shared.settings import CommonSettings
from tests.conftest import SECRET

NEEDED = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**NEEDED, "SATUATAP_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)


def test_lists_are_read_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SATUATAP_TRUSTED_PROXIES", "10.0.3.7, 10.1.0.0/16,2001:db8::/48,")
    told = CommonSettings()
    assert told.trusted_proxies == ("10.0.3.7/32", "10.1.0.0/16", "2001:db8::/48")


def test_nobody_is_believed_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv("SATUATAP_TRUSTED_PROXIES", value)
        told = CommonSettings()
        assert told.trusted_proxies == ()


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "10.0.0.256", "nginx", "*", "0.0.0.0/0", "::/0", "10.0.0.1:80"])
def test_proxy_that_is_none_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SATUATAP_TRUSTED_PROXIES", f"10.0.3.7,{wrong}")
    with pytest.raises(ValidationError, match=r"neither an address nor a network|is everybody"):
        CommonSettings()
