"""What a newer release writes: its new words are kept, its new versions waited for, and neither is rubbish."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.events import (
    EVENT_TYPES,
    AnyEvent,
    ContactData,
    NoticeFailedData,
    TicketData,
    Unknown,
    UnknownVersion,
    Words,
    decode,
    event_of,
    parse,
)
from tests.factories import NOW, ticket_words

TOMORROW = Path(__file__).parent / "golden" / "tomorrow"
NEW_WORDS = sorted(TOMORROW.glob("*.v1.json"))


def vocabularies(kind: type[AnyEvent]) -> dict[str, Words]:
    data: Any = kind.model_fields["data"].annotation
    found = {name: field.metadata for name, field in data.model_fields.items()}
    return {name: words for name, metadata in found.items() for words in metadata if isinstance(words, Words)}


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_words_every_open_vocabulary_has_a_golden_event_with_a_new_one(kind: type[AnyEvent]) -> None:
    if not vocabularies(kind):
        return
    schema = str(kind.model_fields["dataschema"].default).removeprefix("urn:satuatap:").replace(":", ".v")
    event = decode((TOMORROW / f"{schema}.json").read_text("utf-8"))
    for field, words in vocabularies(kind).items():
        assert getattr(event.data, field) not in words.known, field


@pytest.mark.parametrize("file", NEW_WORDS, ids=lambda file: file.name)
def test_words_that_are_new_are_kept_as_text_and_noted(file: Path) -> None:
    said, unknown = parse(file.read_text("utf-8")), Unknown()
    event = event_of(said, unknown)
    assert unknown.fields == [name for name in said["data"] if name in vocabularies(type(event))]
    for field in unknown.fields:
        assert getattr(event.data, field) == said["data"][field]
    assert decode(event.encode()) == event, "and passed on as they came"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (lambda: ContactData(contact_id="0" * 32, tracking_code="", channel="fax", received_at=NOW), "channel"),
        (lambda: TicketData(**ticket_words(status="forgotten")), "status"),
        (
            lambda: NoticeFailedData(notice_id="0" * 32, reason="", kind="pigeon", outcome="failed", error=""),
            "kind",
        ),
    ],
)
def test_words_are_closed_for_who_writes_them(data: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        data()
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_version_that_is_new_is_told_apart_from_rubbish() -> None:
    with pytest.raises(UnknownVersion) as waits:
        decode((TOMORROW / "contact.received.v2.json").read_text("utf-8"))
    assert waits.value.envelope.type == "contact.received"
    assert str(waits.value) == "urn:satuatap:contact.received:2"


@pytest.mark.parametrize(
    "change",
    [
        {"dataschema": "urn:satuatap:ticket.opened:2"},
        {"dataschema": "urn:satuatap:contact.received:0"},
        {"dataschema": "https://contoh.example/schema"},
        {"dataschema": None},
        {"dataschema": "urn:satuatap:contact.received:2", "id": "not an id"},
        {"dataschema": "urn:satuatap:contact.received:2", "time": "yesterday"},
    ],
)
def test_version_in_an_envelope_that_is_not_sound_is_rubbish(change: dict[str, Any]) -> None:
    said = {**parse((TOMORROW / "contact.received.v2.json").read_text("utf-8")), **change}
    with pytest.raises(ValidationError):
        event_of(said)
