"""E-mail: whatever servers, mail programs and web forms make of it becomes one contact, or tells of a mail of ours.

How a mail came (over SMTP, from a mailbox, by `POST /v1/mails`) makes no difference here. A contact always comes of
it: what is broken in it is named beside the contact, and costs itself alone.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.message import Message

from services.intake.channels.channel import Channel, NotGenuine, Webhook
from services.intake.channels.mail import loops, threads
from services.intake.channels.mail.bodies import Body
from services.intake.channels.mail.headers import Headers, deliverable
from services.intake.channels.mail.parts import parsed, parsed_headers
from services.intake.channels.mail.reports import report_in
from services.intake.domain.utterances import Attachment, Item, Unreadable, Utterance
from services.intake.models.raw import Raw
from shared.events import Person
from shared.signing import Capabilities

ACCOUNT = "mail"
"""One for all of our addresses: a mail to two of them is one contact."""
RETURN_PATH, ENVELOPE_TO = "return-path", "envelope-to"
"""Under which headers of a `Raw` it is kept to whom, and from whom, a mail server handed it over."""
_WHO_IT_CAME_TO = ("delivered-to", "x-original-to", "to", "cc", "reply-to")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a mail: the address that it is from, and where he wants to be answered."""

    address: str
    citizen: Person


class Email(Channel):
    """Mails, as raw bytes (RFC 5322, MIME). `own` are our addresses: what comes from one of them is never answered.

    `tokens` names the ticket that an answer to a mail of ours belongs to.
    """

    name = "email"

    def __init__(self, *, own: Collection[str], tokens: Capabilities) -> None:
        self._own = frozenset(map(str.lower, own))
        self._tokens = tokens

    def authenticate(self, webhook: Webhook) -> str:  # noqa: ARG002
        """Mail is brought by other ways: nobody signs it here."""
        raise NotGenuine("Mail comes over SMTP, from mailboxes, and to /v1/mails.")

    def parse(self, raw: Raw) -> Sequence[Item]:
        """One contact; or the receipts of a delivery report.

        Of a mail that cannot be taken apart there are the headers, and all of it as a file.
        """
        try:
            return self._items(raw, parsed(raw.content))
        except Exception as error:
            whole = Attachment("mail.eml", "message/rfc822", raw.content)
            fault = Unreadable("parts", f"{type(error).__name__}: parts that can be taken apart")
            return [self._utterance(raw, parsed_headers(raw.content), "", (whole,)), fault]

    def _items(self, raw: Raw, mail: Message) -> Sequence[Item]:
        headers = Headers(mail)
        report = report_in(mail, raw.content, _writer(headers).address)
        if report is not None:
            receipts = report.receipts(ACCOUNT, headers.moment("date", raw.received_at))
            return receipts or [Unreadable("report", "the mail that it is about, and what became of it")]
        body = Body(mail)
        utterance = self._utterance(raw, mail, body.text, body.files)
        return [utterance] if body.is_whole else [utterance, Unreadable("body", "fewer parts, or less text")]

    def _utterance(self, raw: Raw, mail: Message, text: str, files: tuple[Attachment, ...]) -> Utterance:
        headers = Headers(mail)
        writer = _writer(headers)
        own_id = threads.message_id(headers)
        refers_to = threads.references(headers)
        recipients = [address for _, address in headers.addresses(*_WHO_IT_CAME_TO)]
        recipients += filter(None, raw.headers.get(ENVELOPE_TO, "").split(", "))
        return Utterance(
            account=ACCOUNT,
            external_id=own_id or hashlib.sha256(raw.content).hexdigest(),
            sender=writer.address,
            said_at=headers.moment("date", raw.received_at),
            body=text,
            subject=headers.subject,
            citizen=writer.citizen,
            names=threads.names([each for each in (own_id, *refers_to) if each], writer.address),
            goes_on_with=threads.names(refers_to, writer.address),
            attachments=files,
            ticket_id=threads.ticket_of(refers_to, recipients, self._tokens),
            is_automatic=loops.is_automatic(headers, writer.address, raw.headers.get(RETURN_PATH), self._own),
        )


def _writer(headers: Headers) -> Writer:
    """Who wrote it, where the header `From` is good for anything; else whoever sent it."""
    named = headers.addresses("from") or headers.addresses("sender", "return-path")
    name, address = named[0] if named else ("", "")
    wanted = [deliverable(each) for _, each in headers.addresses("reply-to")]
    email = next(filter(None, wanted), None) or deliverable(address)
    return Writer(address.lower(), Person(name=name[:200] or None, email=email))
