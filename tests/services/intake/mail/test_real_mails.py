"""Real mails, with all that mail programs did to them: each comes in, and those that were looked at are right."""

from pathlib import Path

import pytest

from services.intake.domain.utterances import Receipt, Utterance
from shared.events import ContactReceived
from tests.services.intake.given import events_in_outbox, rows
from tests.services.intake.mail.conftest import Post
from tests.services.intake.mail.expected import EXPECTED, Contact, Report
from tests.services.intake.mail.given import items, utterance


def seen(content: bytes, expected: Contact | Report) -> Contact | Report:
    """What came of a mail, as far as it was written down what should."""
    if isinstance(expected, Report):
        [told] = [item for item in items(content) if isinstance(item, Receipt)]
        return Report(told.status, told.reason)
    found = utterance(content)
    text = " ".join(found.body.split())
    begins = text if expected.is_all else text[: len(expected.text)]
    return Contact(found.subject, begins, tuple(file.name for file in found.attachments), expected.is_all)


@pytest.mark.parametrize("name", EXPECTED)
def test_mail_is_what_was_written_down(shared_data: Path, name: str) -> None:
    content = (shared_data / "mail" / f"{name}.eml").read_bytes()
    assert seen(content, EXPECTED[name]) == EXPECTED[name]


async def test_mails_all_come_in_each_as_one_contact_or_as_a_report(shared_data: Path, post: Post) -> None:
    mails = [file.read_bytes() for file in sorted((shared_data / "mail").glob("*.eml"))]
    for content in mails + mails:
        assert (await post.bring(content)).status_code == 202
    await post.is_parsed()
    found = [item for content in mails for item in items(content)]
    ids = {item.external_id for item in found if isinstance(item, Utterance)}
    contacts = [event for event in await events_in_outbox(post.service.db) if isinstance(event, ContactReceived)]
    assert len(contacts) == len(ids)
    assert len(found) == len(mails) > 100
    assert {raw.status for raw in await rows(post.service.db, "SELECT DISTINCT status FROM raw")} == {"parsed"}
