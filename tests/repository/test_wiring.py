"""A route asks for what it needs by its type (ADR 30)."""

from tests.repository.files import FILES


def test_state_of_an_app_is_read_by_the_wiring_alone() -> None:
    code = {path.as_posix(): text for path, text in FILES.items() if path.parts[0] in ("services", "shared")}
    assert [path for path, text in code.items() if ".app.state" in text or "app.state." in text] == ["shared/wiring.py"]
