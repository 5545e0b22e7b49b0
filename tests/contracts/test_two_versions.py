"""Two releases run side by side: what today's writers write, the previous readers read, and the other way round.

`previous/events.py` is the contract of the release before this one, as it was. At a release it is replaced by what
`shared/events` was in the one that is being replaced; where that is a package, by the whole package.
"""

import json
from typing import Any

import pytest

from shared.events import AnyEvent, decode
from tests import factories
from tests.contracts.previous import events as previous

TODAY: dict[str, AnyEvent] = {
    "contact of a form": factories.contact(),
    "line of a chat": factories.contact(channel="chat", chat_id="01a2178c-0000-7000-8000-000000000001"),
    "contact of a booth": factories.contact(channel="booth", outcome="escalated", programme_number_last4="1234"),
    "opened": factories.ticket_opened(),
    "joined": factories.ticket_joined(newly_reachable=True),
    "reopened": factories.ticket_reopened(),
    "replied": factories.ticket_replied(),
    "escalated": factories.ticket_escalated(),
    "resolved": factories.ticket_resolved("Selesai."),
    "notice failed": factories.notice_failed(),
    "invited": factories.survey_invited(),
}
ADDED = {
    "attachments",
    "because",
    "body_digest",
    "contact_id",
    "is_automatic",
    "privacy",
    "score",
    "sender",
    "ticket_id",
    "unit_name",
}
"""What only today's writers say; a previous reader passes it over."""


@pytest.mark.parametrize("event", TODAY.values(), ids=TODAY)
def test_two_versions_todays_writer_is_read_by_the_previous_reader(event: AnyEvent) -> None:
    written, read = json.loads(event.encode()), json.loads(previous.decode(event.encode()).encode())
    added = written["data"].keys() - read["data"].keys()
    assert written | {"data": {name: value for name, value in written["data"].items() if name not in added}} == read
    assert added <= ADDED


@pytest.mark.parametrize("event", TODAY.values(), ids=TODAY)
def test_two_versions_previous_writer_is_read_by_todays_reader(event: AnyEvent) -> None:
    written: Any = previous.decode(event.encode()).encode()
    assert decode(written) == event


def test_two_versions_every_kind_of_event_is_written_by_somebody() -> None:
    assert {event.type for event in TODAY.values()} == {  # type: ignore[attr-defined]
        kind.model_fields["type"].default for kind in previous.EVENT_TYPES
    }
