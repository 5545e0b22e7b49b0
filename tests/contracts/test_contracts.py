"""Contracts stay: what one release wrote, the next one reads, and the documents say what the code says."""

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from services.documents import documents as openapi_documents
from shared.contracts import documents
from shared.events import EVENT_TYPES, AnyEvent, NotAnEvent, TicketReplied, UnknownEventType, decode
from tests.factories import NOW, TRACE, notice_failed

GOLDEN = Path(__file__).parent / "golden"


DOCUMENTS = {**documents(), **openapi_documents()}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_documents_are_up_to_date(file: Path) -> None:
    assert file.read_text("utf-8") == DOCUMENTS[file], "run `make docs`"


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_version_has_a_golden_event_that_is_still_understood(kind: type[AnyEvent]) -> None:
    schema = str(kind.model_fields["dataschema"].default).removeprefix("urn:satuatap:").replace(":", ".v")
    golden = (GOLDEN / f"{schema}.json").read_text("utf-8")
    event = decode(golden)
    assert type(event) is kind
    assert decode(event.encode()) == event


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_what_may_be_null_may_be_left_out_because_null_is_not_written(kind: type[AnyEvent]) -> None:
    models: list[Any] = [kind, kind.model_fields["data"].annotation]
    required = {
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if field.is_required() and type(None) in get_args(field.annotation)
    }
    assert required == set()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.name)
def test_field_that_a_newer_writer_added_is_passed_over(file: Path) -> None:
    golden = file.read_text("utf-8")
    newer = golden.replace('"data": {', '"data": {"a_field_of_tomorrow": 1, ').replace("{", '{"attribute": "new",', 1)
    assert newer != golden
    assert decode(newer) == decode(golden)


def test_event_of_a_kind_of_tomorrow_is_told_apart_from_rubbish() -> None:
    with pytest.raises(UnknownEventType):
        decode('{"type": "ticket.sung_about", "specversion": "1.0"}')
    with pytest.raises(ValueError, match="validation error"):
        decode('{"type": "contact.received"}')
    with pytest.raises(NotAnEvent):
        decode("not even JSON")


def test_event_of_the_data_of_another_kind_is_an_error_before_it_runs() -> None:
    """`mypy` refuses the line below; once it did not, it would refuse that the refusal is ignored."""
    data = notice_failed().data
    wrong = TicketReplied.of(data, subject=data.notice_id, now=NOW, trace=TRACE)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        decode(wrong.model_dump_json(warnings=False))
