"""An answer to a mail that notify wrote joins the ticket that it was about, whatever of it a mail program leaves."""

from email import message_from_bytes
from email.utils import parseaddr

import pytest
from pydantic import ValidationError

from services.notify.models import Notice
from services.notify.providers.mails import Mails
from services.notify.settings import NotifySettings
from tests.services.intake.mail.given import mail, utterance
from tests.services.notify.given import THREADS, notice, settings

REPLY_TO = "layanan@contoh.go.id"
MAILS = Mails("Satu Atap <layanan@satuatap.example>", "satuatap.example", THREADS, REPLY_TO)


def sent(one: Notice, mails: Mails = MAILS) -> dict[str, str]:
    """The headers of the mail that tells a notice."""
    return dict(message_from_bytes(mails.write(one)).items())


def test_reply_to_of_a_mail_names_its_ticket() -> None:
    one, headers = notice(), sent(notice())
    assert "Reply-To" in headers
    answer = mail(From="Anak Warga <lain@surel.example>", To=sent(one)["Reply-To"], Message_ID="<a@surel.example>")
    assert utterance(answer).ticket_id == one.ticket_id


@pytest.mark.parametrize("kept", ["Message-ID", "References"])
def test_ids_of_a_mail_name_its_ticket(kept: str) -> None:
    one = notice()
    answer = mail(To=REPLY_TO, References=sent(one)[kept], Message_ID="<a@surel.example>")
    assert utterance(answer).ticket_id == one.ticket_id


def test_reply_to_is_short_enough_for_every_server_and_takes_one_line() -> None:
    longest = Mails("layanan@satuatap.example", "satuatap.example", THREADS, f"{'a' * 13}@contoh.go.id")
    local, _, domain = parseaddr(sent(notice(), longest)["Reply-To"])[1].partition("@")
    assert (len(local), domain) == (64, "contoh.go.id")


def test_reply_to_is_left_out_where_no_address_is_set() -> None:
    plain = Mails("layanan@satuatap.example", "satuatap.example", THREADS)
    assert "Reply-To" not in sent(notice(), plain)


@pytest.mark.parametrize(
    "address", [f"{'a' * 14}@contoh.go.id", "layanan+x@contoh.go.id", "Layanan <l@contoh.go.id>", "layanan", "l@x\r\ny"]
)
def test_reply_to_that_could_not_carry_a_token_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="mail_reply_to"):
        settings(mail_reply_to=address)
    assert settings(mail_reply_to=REPLY_TO).mail_reply_to == REPLY_TO
    assert NotifySettings.model_fields["mail_reply_to"].default is None
