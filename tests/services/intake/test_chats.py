"""A chat is one case: its lines join it, in one order, and only those may read it to whom it belongs."""

import asyncio
from typing import Any

from services.intake.consumers import receive_replies
from services.intake.main import build
from services.intake.models.chats import ChatReply
from services.intake.repository.chats import add_replies
from services.intake.settings import IntakeSettings
from shared.events import ContactReceived
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually
from tests.factories import ticket_closed, ticket_forwarded, ticket_info_requested, ticket_rejected, ticket_resolved
from tests.services.intake.conftest import Running
from tests.services.intake.given import NOW, count, events_in_outbox, problem_of, rows, ticket_replied
from tests.serving import serving

SECOND_LINE = "0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"


async def opened(running: Running, **form: str) -> Any:
    """What is answered to who opens a chat."""
    answer = await running.http.post("/v1/chats", headers=running.key, json=form)
    assert answer.status_code == 202
    return answer.json()


def token_of(chat: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {chat['chat_token']}"}


def lines_of(chat: Any) -> str:
    return f"/v1/chats/{chat['chat_id']}/messages"


async def test_chat_opens_with_its_first_line(running: Running) -> None:
    chat = await opened(running, name="Warga Satu", body="Halo")
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()
    assert [(line["author"], line["body"]) for line in lines["items"]] == [("citizen", "Halo")]
    assert chat["chat_id"] == chat["contact_id"]


async def test_chat_opens_without_a_line(running: Running) -> None:
    chat = await opened(running, name="Warga Satu")
    assert (await running.http.get(lines_of(chat), headers=token_of(chat))).json() == {"items": [], "next_cursor": None}
    assert [type(event) for event in await events_in_outbox(running.service.db)] == [ContactReceived]


async def test_line_joins_the_case_as_a_contact_of_its_own(running: Running) -> None:
    chat = await opened(running, body="Halo")
    headers = {**token_of(chat), "X-Correlation-ID": SECOND_LINE}
    line = (await running.http.post(lines_of(chat), headers=headers, json={"body": "Masih di sana?"})).json()
    assert (line["tracking_code"], line["chat_id"]) == (chat["tracking_code"], chat["chat_id"])
    assert line["contact_id"] != chat["contact_id"]
    events = await events_in_outbox(running.service.db)
    assert [event.subject for event in events] == [chat["chat_id"]] * 2
    assert events[1].correlationid == SECOND_LINE, "each line is followed by the id of its own request"
    assert [event.data.body for event in events if isinstance(event, ContactReceived)] == ["Halo", "Masih di sana?"]


async def test_chats_token_opens_no_other_chat(running: Running) -> None:
    mine, other = await opened(running, body="Saya"), await opened(running, body="Orang lain")
    assert problem_of(await running.http.get(lines_of(other), headers=token_of(mine))) == (403, "forbidden")
    answer = await running.http.post(lines_of(other), headers=token_of(mine), json={"body": "Bukan saya"})
    assert problem_of(answer) == (403, "forbidden")
    assert await count(running.service.db, "contacts") == 2


async def test_chats_token_opens_no_other_route(running: Running) -> None:
    chat = await opened(running, body="Halo")
    for path in ("/v1/contacts", "/v1/chats", "/v1/booths/B1/visits", "/v1/booths/B1/call-next"):
        answer = await running.http.post(path, headers=token_of(chat), json={"body": "Halo"})
        assert problem_of(answer) == (403, "forbidden")


async def test_chat_that_was_never_opened_is_not_found(running: Running) -> None:
    nowhere = f"/v1/chats/{new_id()}/messages"
    assert problem_of(await running.http.get(nowhere, headers=running.key)) == (404, "not_found")
    assert problem_of(await running.http.post(nowhere, headers=running.key, json={"body": "Halo"})) == (
        404,
        "not_found",
    )


async def test_key_that_comes_again_is_the_same_line(running: Running) -> None:
    chat = await opened(running, body="Halo")
    headers = {**token_of(chat), "Idempotency-Key": "k-1"}
    sent = [running.http.post(lines_of(chat), headers=headers, json={"body": "Sekali saja"}) for _ in range(5)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    again = await running.http.post(lines_of(chat), headers=headers, json={"body": "Lain"})
    assert problem_of(again) == (422, "idempotency_key_reused")
    lines = (await running.http.get(lines_of(chat), headers=running.key)).json()["items"]
    assert [line["body"] for line in lines] == ["Halo", "Sekali saja"]


async def test_key_that_comes_again_opens_one_chat(running: Running) -> None:
    headers = {**running.key, "Idempotency-Key": "k-1"}
    answers = [await running.http.post("/v1/chats", headers=headers, json={"body": "Halo"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await count(running.service.db, "chats") == 1


async def test_agents_answer_is_shown_in_its_chat(running: Running) -> None:
    chat, other = await opened(running, body="Halo"), await opened(running, body="Orang lain")
    async with running.service.db.transaction() as session:
        await receive_replies(session, [ticket_replied(chat["chat_id"]), ticket_replied(None, "Lewat surel")], NOW)
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
    assert [(line["id"], line["author"], line["body"]) for line in lines] == [
        (1, "citizen", "Halo"),
        (2, "agent", "Sedang kami periksa."),
    ]
    assert len((await running.http.get(lines_of(other), headers=token_of(other))).json()["items"]) == 1


async def test_resolution_of_a_case_is_shown_in_its_chat(running: Running) -> None:
    chat = await opened(running, body="Halo")
    last, silent = (ticket_resolved(answer, chat_id=chat["chat_id"]) for answer in ("Silakan ambil kartunya.", ""))
    async with running.service.db.transaction() as session:
        await receive_replies(session, [last, silent, ticket_resolved("Lewat surel")], NOW)
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
    assert [line["body"] for line in lines] == ["Halo", "Silakan ambil kartunya."]


async def test_question_for_what_is_missing_is_shown_in_its_chat(running: Running) -> None:
    chat = await opened(running, body="Halo")
    async with running.service.db.transaction() as session:
        await receive_replies(session, [ticket_info_requested(chat_id=chat["chat_id"])], NOW)
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
    assert [line["body"] for line in lines] == ["Halo", "Mohon lengkapi:\n- alamat e-mail"]


async def test_end_of_a_case_is_shown_in_its_chat_with_its_reason(running: Running) -> None:
    chat = await opened(running, body="Halo")
    ends = [make(chat_id=chat["chat_id"]) for make in (ticket_closed, ticket_rejected, ticket_forwarded)]
    async with running.service.db.transaction() as session:
        await receive_replies(session, ends, NOW)
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
    assert [line["body"] for line in lines] == [
        "Halo",
        "Tidak ada jawaban.",
        "Bukan pengaduan.",
        "Pengaduan Anda menjadi wewenang Dinas Tenaga Kerja.",
    ]


async def test_answers_that_come_together_are_shown_in_their_order_each_in_its_chat(running: Running) -> None:
    one, other = await opened(running, body="Halo"), await opened(running, body="Permisi")
    lines = [(one, "satu"), (other, "eins"), (one, "dua"), (other, "zwei"), (one, "tiga")]
    async with running.service.db.transaction() as session:
        await receive_replies(session, [ticket_replied(chat["chat_id"], body) for chat, body in lines], NOW)
    for chat, bodies in ((one, ["Halo", "satu", "dua", "tiga"]), (other, ["Permisi", "eins", "zwei"])):
        lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
        assert [(line["id"], line["body"]) for line in lines] == list(enumerate(bodies, start=1))


async def test_answer_to_a_chat_that_is_not_ours_changes_nothing(running: Running) -> None:
    async with running.service.db.transaction() as session:
        await receive_replies(session, [ticket_replied(new_id())], NOW)
    assert await count(running.service.db, "chat_replies") == 0


async def test_lines_are_each_read_one_time_and_in_order_while_everybody_writes(
    running: Running, common: CommonSettings, clock: FrozenClock
) -> None:
    """Twenty lines come through two instances and ten answers of agents, while a widget polls with `after`."""
    chat = await opened(running, body="baris 0")
    lines = ["baris 0", *(f"baris {i}" for i in range(1, 21)), *(f"jawaban {i}" for i in range(10))]

    async def answer(body: str) -> None:
        async with running.service.db.transaction() as session:
            await add_replies(session, [ChatReply(new_id(), chat["chat_id"], body, NOW)])

    async def poll() -> list[Any]:
        read: list[Any] = []
        while len(read) < len(lines):
            after = read[-1]["id"] if read else 0
            page = await running.http.get(lines_of(chat), headers=token_of(chat), params={"after": after, "limit": 4})
            read += page.json()["items"]
        return read

    second = build(common, IntakeSettings(), clock)
    async with serving(second, workers=[second.workers[0]]) as http:
        read, *answers = await asyncio.gather(
            poll(),
            *(
                instance.post(lines_of(chat), headers=token_of(chat), json={"body": f"baris {i}"})
                for i, instance in enumerate([running.http, http] * 10, start=1)
            ),
            *(answer(f"jawaban {i}") for i in range(10)),
        )
    assert {answer.status_code for answer in answers if answer is not None} == {202}
    assert [line["id"] for line in read] == list(range(1, len(lines) + 1))
    assert sorted(line["body"] for line in read) == sorted(lines)
    whole = (await running.http.get(lines_of(chat), headers=running.key, params={"limit": 500})).json()
    assert (whole["items"], whole["next_cursor"]) == (read, None)


async def test_line_waits_for_an_answer_that_is_not_committed_yet(running: Running) -> None:
    """Or it would be seen first, and a widget that polls with `after` would skip the answer for ever."""
    chat = await opened(running, body="satu")

    async def somebody_waits() -> bool:
        return bool(await rows(running.service.db, "SELECT 1 FROM pg_locks WHERE NOT granted"))

    async with running.service.db.transaction() as session:
        await add_replies(session, [ChatReply(new_id(), chat["chat_id"], "dua", NOW)])
        sending = asyncio.create_task(running.http.post(lines_of(chat), headers=running.key, json={"body": "tiga"}))
        await eventually(somebody_waits)
        assert len((await running.http.get(lines_of(chat), headers=running.key)).json()["items"]) == 1
    assert (await sending).status_code == 202
    lines = (await running.http.get(lines_of(chat), headers=running.key)).json()["items"]
    assert [(line["id"], line["body"]) for line in lines] == [(1, "satu"), (2, "dua"), (3, "tiga")]


async def test_page_that_is_full_names_the_next(running: Running) -> None:
    chat = await opened(running, body="satu")
    for body in ("dua", "tiga"):
        await running.http.post(lines_of(chat), headers=running.key, json={"body": body})
    first = (await running.http.get(lines_of(chat), headers=running.key, params={"limit": 2})).json()
    rest = await running.http.get(
        lines_of(chat), headers=running.key, params={"limit": 2, "after": first["next_cursor"]}
    )
    assert [line["body"] for line in first["items"]] == ["satu", "dua"]
    assert [line["body"] for line in rest.json()["items"]] == ["tiga"]
    assert rest.json()["next_cursor"] is None


async def test_page_behind_the_last_line_is_empty_and_a_place_beyond_all_is_refused(running: Running) -> None:
    chat = await opened(running, body="Halo")
    last = await running.http.get(lines_of(chat), headers=running.key, params={"after": 2**31 - 1})
    assert (last.status_code, last.json()["items"]) == (200, [])
    for after in (2**31, 2**63):
        answer = await running.http.get(lines_of(chat), headers=running.key, params={"after": after})
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["after"])


async def test_page_of_long_lines_is_shorter_and_names_the_next(running: Running) -> None:
    chat = await opened(running, body="satu")
    long = "Panjang. " * 2_000
    for _ in range(19):
        assert (await running.http.post(lines_of(chat), headers=running.key, json={"body": long})).status_code == 202
    read: list[Any] = []
    sizes, after = [], "0"
    while after is not None:
        answer = await running.http.get(lines_of(chat), headers=running.key, params={"limit": 500, "after": after})
        read += answer.json()["items"]
        sizes.append(len(answer.content))
        after = answer.json()["next_cursor"]
    assert [line["id"] for line in read] == list(range(1, 21))
    assert len(sizes) == 2
    assert max(sizes) < 300_000


# -- how long a token opens its chat -----------------------------------------------------------------------------


async def test_token_of_a_chat_without_lines_for_long_is_refused_with_what_to_do(
    running: Running, clock: FrozenClock
) -> None:
    chat = await opened(running, body="Halo")
    clock.forward(days=29)
    assert (await running.http.get(lines_of(chat), headers=token_of(chat))).status_code == 200
    clock.forward(days=1)
    for answer in (
        await running.http.get(lines_of(chat), headers=token_of(chat)),
        await running.http.post(lines_of(chat), headers=token_of(chat), json={"body": "Masih?"}),
    ):
        assert problem_of(answer) == (401, "chat_ended")
        assert "tracking code" in answer.json()["detail"]
        assert chat["tracking_code"] not in answer.text
    assert (await running.http.get(lines_of(chat), headers=running.key)).status_code == 200, "the integration may go on"


async def test_token_of_a_chat_goes_on_with_each_line_whoever_writes_it(running: Running, clock: FrozenClock) -> None:
    chat = await opened(running, body="Halo")
    clock.forward(days=29)
    assert (await running.http.post(lines_of(chat), headers=token_of(chat), json={"body": "Ada?"})).status_code == 202
    clock.forward(days=35)
    assert problem_of(await running.http.get(lines_of(chat), headers=token_of(chat))) == (401, "chat_ended")
    answer = ticket_resolved(chat_id=chat["chat_id"], answer="Sudah cair.").model_copy(update={"time": clock()})
    async with running.service.db.transaction() as session:
        await receive_replies(session, [answer], clock())
    clock.forward(days=29)
    lines = (await running.http.get(lines_of(chat), headers=token_of(chat))).json()["items"]
    assert [line["body"] for line in lines] == ["Halo", "Ada?", "Sudah cair."]


async def test_token_of_a_chat_without_a_line_ends_too(running: Running, clock: FrozenClock) -> None:
    chat = await opened(running, name="Warga Satu")
    clock.forward(days=30)
    assert problem_of(await running.http.get(lines_of(chat), headers=token_of(chat))) == (401, "chat_ended")
