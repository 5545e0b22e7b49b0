"""Mail that nobody typed is kept, and gets no automatic answer."""

import pytest

from tests.services.intake.mail.given import mail, utterance

AUTOMATIC = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated (warning-timeout)"},
    {"Auto_Submitted": "auto-notified; owner=x"},
    {"Precedence": "bulk"},
    {"Precedence": "JUNK"},
    {"X_Precedence": "auto_reply"},
    {"X_Auto_Response_Suppress": "All"},
    {"X_Auto_Response_Suppress": "OOF, AutoReply"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "yes"},
    {"List_Id": "<berita.example>"},
    {"List_Unsubscribe_Post": "List-Unsubscribe=One-Click"},
    {"Return_Path": "<>"},
    {"From": "MAILER-DAEMON@surel.example"},
    {"From": "berita-request@surel.example"},
    {"From": "no-reply@surel.example"},
    {"From": "Kami <Lapor@satuatap.example>"},
    {"Content_Type": "multipart/report; report-type=feedback-report"},
]
TYPED = [
    {"Auto_Submitted": "no"},
    {"Auto_Submitted": "No (really)"},
    {"Precedence": "normal"},
    {"X_Auto_Response_Suppress": "DR, RN, OOF"},
    {"X_Auto_Response_Suppress": "None"},
    {"List_Unsubscribe": "<mailto:keluar@gateway.example>"},
    {"Return_Path": "<warga@surel.example>"},
    {"From": "reply@surel.example"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=str)
def test_mail_of_a_machine_is_automatic(headers: dict[str, str]) -> None:
    """E14."""
    found = utterance(mail(**headers))
    assert found.is_automatic
    assert found.body == "Insentif belum cair."


@pytest.mark.parametrize("headers", TYPED, ids=str)
def test_mail_that_only_wishes_something_is_not_automatic(headers: dict[str, str]) -> None:
    """E15."""
    assert not utterance(mail(**headers)).is_automatic


@pytest.mark.parametrize(("return_path", "is_automatic"), [("", True), ("warga@surel.example", False)])
def test_mail_with_an_empty_return_path_is_automatic(return_path: str, is_automatic: bool) -> None:
    assert utterance(mail(), {"return-path": return_path}).is_automatic is is_automatic
