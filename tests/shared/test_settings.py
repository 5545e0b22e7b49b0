"""What an installation says of its proxies and pages, and the sentence for what it must not say."""

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
    monkeypatch.setenv("SATUATAP_ALLOWED_ORIGINS", "https://www.contoh.go.id,http://127.0.0.1:8080, http://[::1]:81")
    told = CommonSettings()
    assert told.trusted_proxies == ("10.0.3.7/32", "10.1.0.0/16", "2001:db8::/48")
    assert told.allowed_origins == ("https://www.contoh.go.id", "http://127.0.0.1:8080", "http://[::1]:81")


def test_nobody_is_believed_and_no_page_may_call_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv("SATUATAP_TRUSTED_PROXIES", value)
            monkeypatch.setenv("SATUATAP_ALLOWED_ORIGINS", value)
        told = CommonSettings()
        assert (told.trusted_proxies, told.allowed_origins) == ((), ())


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "10.0.0.256", "nginx", "*", "0.0.0.0/0", "::/0", "10.0.0.1:80"])
def test_proxy_that_is_none_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SATUATAP_TRUSTED_PROXIES", f"10.0.3.7,{wrong}")
    with pytest.raises(ValidationError, match=r"neither an address nor a network|is everybody"):
        CommonSettings()


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "www.contoh.go.id",
        "https://www.contoh.go.id/",
        "https://www.contoh.go.id/halo",
        "https://www.contoh.go.id:443",
        "https://www.contoh.go.id:https",
        "https://WWW.contoh.go.id",
        "https://warga@www.contoh.go.id",
        "https://*.contoh.go.id",
        "https://",
        "ftp://www.contoh.go.id",
        "https://[::1",
    ],
)
def test_origin_that_no_browser_sends_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SATUATAP_ALLOWED_ORIGINS", wrong)
    with pytest.raises(ValidationError, match="is no origin as a browser sends it"):
        CommonSettings()


def test_issuer_of_staff_tokens_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "ISSUER": "https://masuk.contoh.go.id/realms/dinas",
        "AUDIENCE": "satuatap",
        "ROLES_CLAIM": "realm_access.roles",
        "ROLES": '{"petugas": "agent", "kepala bidang": "unit_head"}',
        "UNITS_CLAIM": "groups",
        "UNITS": '{"/pusat": "*"}',
    }
    for name, value in told.items():
        monkeypatch.setenv(f"SATUATAP_OIDC_{name}", value)
    monkeypatch.setenv("SATUATAP_LOCAL_TOKENS", "false")
    settings = CommonSettings()
    assert settings.oidc_roles == {"petugas": "agent", "kepala bidang": "unit_head"}
    assert (settings.oidc_units, settings.local_tokens) == ({"/pusat": "*"}, False)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"OIDC_ISSUER": "https://masuk.contoh.go.id"}, "SATUATAP_OIDC_AUDIENCE must say"),
        ({"OIDC_ISSUER": "http://masuk.contoh.go.id", "OIDC_AUDIENCE": "x"}, "could sign tokens"),
        ({"OIDC_ISSUER": "masuk.contoh.go.id", "OIDC_AUDIENCE": "x"}, "could sign tokens"),
        ({"LOCAL_TOKENS": "false"}, "nobody comes in"),
        ({"OIDC_ROLES": '{"petugas": "raja"}'}, "agent"),
        ({"OIDC_ROLES": "petugas=agent"}, "JSON"),
        ({"OIDC_UNITS": '["setjen"]'}, "dict"),
    ],
)
def test_issuer_that_is_told_wrongly_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], said: str
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(f"SATUATAP_{name}", value)
    with pytest.raises(ValidationError, match=said):
        CommonSettings()
