"""Mails that go on with a case, and those that only seem to."""

from uuid import UUID

import pytest

from services.intake.domain.utterances import Utterance
from tests.services.intake.mail.conftest import Post
from tests.services.intake.mail.given import TOKENS, mail, utterance

TICKET = UUID(int=7)
OTHER = "Orang Lain <orang.lain@example.net>"


def goes_on(answer: Utterance, first: Utterance) -> bool:
    return not set(first.names).isdisjoint(answer.goes_on_with)


async def cases(post: Post, *mails: bytes) -> list[str]:
    """The tracking codes of the cases of mails, in their order."""
    codes = []
    for number, content in enumerate(mails):
        await post.bring(content)
        codes.append((await post.events(number + 1))[number].data.tracking_code)
    return codes


@pytest.mark.parametrize("header", ["In_Reply_To", "References"])
async def test_answer_goes_on_with_the_case_of_its_sender(post: Post, header: str) -> None:
    answer = mail("Lagi", Message_ID="<m-2@surel.example>", Subject="lain", **{header: "<m-1@surel.example>"})
    first, second = await cases(post, mail(), answer)
    assert first == second


async def test_answers_of_several_to_one_newsletter_are_a_case_each(post: Post) -> None:
    """E13."""
    answers = [
        mail(From=f"w{number}@surel.example", Message_ID=f"<m-{number}@x>", In_Reply_To="<berita@kami.example>")
        for number in range(3)
    ]
    assert len(set(await cases(post, *answers))) == 3


async def test_mails_that_share_a_mail_we_never_saw_are_one_case(post: Post) -> None:
    """E11."""
    mails = [mail(Message_ID=f"<m-{number}@x>", References="<akar@pos.example> <b@x>") for number in range(2)]
    first, second = await cases(post, *mails)
    assert first == second


@pytest.mark.parametrize("empty", ["<>", "< >", "", "<\t>"])
def test_empty_ids_join_nobody(empty: str) -> None:
    """E2."""
    first, second = utterance(mail(Message_ID=empty)), utterance(mail(Message_ID=empty, From=OTHER))
    assert first.names == ()
    assert first.external_id != second.external_id
    answer = utterance(mail(Message_ID="<m-2@x>", In_Reply_To=empty, References=empty))
    assert answer.goes_on_with == ()


def test_thread_index_joins_nobody() -> None:
    """E2: it is made of the subject."""
    first = utterance(mail(Thread_Index="AdmX", Thread_Topic="Insentif"))
    second = utterance(mail(Thread_Index="AdmX", Thread_Topic="Insentif", Message_ID="<m-2@x>"))
    assert not goes_on(second, first)


@pytest.mark.parametrize("number", ["[SA#1042]", "7K3Q-WM9X-TB40", "[#7]"])
def test_number_in_a_subject_joins_nobody(number: str) -> None:
    """E10."""
    stranger = utterance(mail(From=OTHER, Subject=f"Re: {number} lampu", Message_ID="<m-9@x>"))
    assert (stranger.goes_on_with, stranger.ticket_id) == ((), None)


def test_stranger_who_knows_an_id_is_not_taken_into_the_case() -> None:
    first = utterance(mail())
    assert not goes_on(utterance(mail(From=OTHER, Message_ID="<x@y>", In_Reply_To="<m-1@surel.example>")), first)


def test_conversation_does_not_depend_on_how_an_address_is_written() -> None:
    first = utterance(mail())
    answer = utterance(mail(From="WARGA@Surel.Example", Message_ID="<x@y>", In_Reply_To="<m-1@surel.example>"))
    assert goes_on(answer, first)


@pytest.mark.parametrize(
    "headers",
    [
        {"References": "<a@b> <{token}@satuatap.example> <c@d>"},
        {"In_Reply_To": "<{token}@satuatap.example>"},
        {"In_Reply_To": "<019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f.{token}@satuatap.example>"},
        {"To": "Satu Atap <lapor+{token}@satuatap.example>"},
        {"Cc": "lapor+{token}@satuatap.example", "To": "teman@surel.example"},
        {"Delivered_To": "lapor+{token}@satuatap.example"},
    ],
)
def test_token_of_ours_proves_which_ticket_is_answered(headers: dict[str, str]) -> None:
    """E11."""
    token = TOKENS.issue(TICKET)
    told = {name: value.format(token=token) for name, value in headers.items()}
    assert utterance(mail(From=OTHER, **told)).ticket_id == TICKET


def test_token_of_the_envelope_proves_it_too() -> None:
    envelope = {"envelope-to": f"lapor+{TOKENS.issue(TICKET)}@satuatap.example"}
    assert utterance(mail(), envelope).ticket_id == TICKET


def test_token_is_short_enough_for_every_server_and_nobody_makes_one_up() -> None:
    token = TOKENS.issue(TICKET)
    assert len(f"lapor+{token}") <= 64
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert utterance(mail(References=f"<{forged}@satuatap.example>")).ticket_id is None
