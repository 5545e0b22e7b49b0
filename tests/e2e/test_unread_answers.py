"""What was answered in a chat and not read there, through the whole house: by mail, once, and nothing that was read."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import eventually
from tests.house import RunningHouse, running_house

ADDRESS = "warga.obrolan@surel.example"
QUIET_MINUTES = "0.2"
"""Long enough to read the first of two answers, however slow the machine is."""


@pytest.mark.timeout(240)
async def test_answer_that_was_not_read_in_a_chat_comes_by_mail_once_and_one_that_was_does_not(tmp_path: Path) -> None:
    async with running_house(tmp_path / "house", INTAKE_UNREAD_MINUTES=QUIET_MINUTES, INTAKE_HOURS="always") as house:
        # given: an agent answered twice, and the visitor saw the first answer before he went
        chat = await house.post(
            f"{house.at['intake_url']}/v1/chats", {"body": "Insentif belum cair.", "email": ADDRESS}, house.door
        )
        ticket = f"{house.at['tickets_url']}/v1/tickets/{await ticket_of(house, chat['tracking_code'])}"
        visitor = {"Authorization": f"Bearer {chat['chat_token']}"}
        await house.post(f"{ticket}/reply", {"body": "Jawaban satu."}, house.staff)
        first = await answers(house, chat, visitor, 1)
        await house.post(f"{lines_of(house, chat)}/read", {"up_to": first[0]["id"]}, visitor)
        await house.post(f"{ticket}/reply", {"body": "Jawaban dua."}, house.staff)
        await answers(house, chat, visitor, 2)

        # then: after the quiet time he reads by mail what he did not read there
        await eventually(lambda: mails(house, "Jawaban dua."), 60)

        # and: that was all, for what is told last has come, too
        await house.post(f"{ticket}/resolve", {"body": "Insentif sudah cair."}, house.staff)
        await eventually(lambda: mails(house, "Insentif sudah cair."), 60)
        assert [len(await mails(house, said)) for said in ("Jawaban satu.", "Jawaban dua.")] == [0, 1]


def lines_of(house: RunningHouse, chat: Any) -> str:
    return f"{house.at['intake_url']}/v1/chats/{chat['chat_id']}"


async def ticket_of(house: RunningHouse, code: str) -> str:
    """The ticket of a tracking code, as soon as there is one."""

    async def found() -> list[Any]:
        items: list[Any] = (await house.get(f"{house.at['tickets_url']}/v1/tickets", q=code))["items"]
        return items

    items: Any = await eventually(found, 30)
    return str(items[0]["id"])


async def answers(house: RunningHouse, chat: Any, visitor: dict[str, str], count: int) -> list[Any]:
    """So many answers, as soon as the visitor's page could show them. Looking from the beginning reads nothing."""

    async def found() -> list[Any]:
        page = await house.http.get(f"{lines_of(house, chat)}/messages", headers=visitor)
        said = [line for line in page.json()["items"] if line["author"] == "agent"]
        return said if len(said) == count else []

    shown: Any = await eventually(found, 30)
    return list(shown)


async def mails(house: RunningHouse, said: str) -> list[Any]:
    """The mails to him that say it."""
    return [mail for mail in await house.received() if mail["to"] == ADDRESS and said in mail["body"]]
