"""What is blanked of an event or an answer: who somebody is and what was written, and no more than that."""

import json

import pytest

from shared.erasure import blanked, blanked_answer, blanked_event
from shared.events import AnyEvent, decode
from tests import factories

EVENTS = [
    factories.contact(subject="Siti", nik_sealed="s", nik_last4="1234", nik_index="i"),
    factories.ticket_opened(subject="Siti"),
    factories.ticket_replied("Bu Siti, sudah kami kirim."),
    factories.ticket_escalated(reason="Bu Siti menelepon"),
    factories.ticket_resolved("Bu Siti, selesai."),
    factories.notice_failed(error="550 siti@surel.example"),
    factories.survey_invited(),
    factories.citizen_erased(),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_blanked_event_is_one_that_every_reader_takes_and_names_nobody(event: AnyEvent) -> None:
    blank = blanked_event(event.encode())
    read = decode(blank)
    assert (read.id, read.type, read.subject) == (event.id, event.type, event.subject)  # type: ignore[attr-defined]
    for word in ("Siti", "siti", "Warga", "warga@", "81255501234", "Insentif belum cair", "1234"):
        assert word not in blank.replace(str(event.id), "").replace(str(event.subject), "")
    assert blanked_event(blank) == blank


@pytest.mark.parametrize("payload", ["", "Siti", "[]", '{"data": "Siti"}', '{"citizen": "Siti"}', "null"])
def test_what_is_no_event_keeps_nothing(payload: str) -> None:
    assert "Siti" not in blanked_event(payload)


def test_answer_is_blanked_at_every_depth() -> None:
    answer = {"id": "7", "items": [{"body": "Siti", "status": "open", "error": None, "attachments": [{"name": "s"}]}]}
    assert json.loads(blanked_answer(json.dumps(answer))) == {
        "id": "7",
        "items": [{"body": "", "status": "open", "error": None, "attachments": []}],
    }
    assert blanked_answer("Siti") == ""
    assert blanked(7) == 7
