"""Nothing is lost, and it can be seen: what each channel brought is a contact and has a ticket, or is named."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.intake.consumers import ticket_handlers
from services.intake.jobs.gaps import MISSING, GapsWatch
from shared.events import TicketOpened
from tests.conftest import staff_header
from tests.factories import ticket_opened
from tests.services.intake.booths.given import BUDI, call_next, described, do, press
from tests.services.intake.booths.test_dispensers import paper, sync
from tests.services.intake.calls.given import open_call, tell
from tests.services.intake.channels import test_line, test_whatsapp
from tests.services.intake.gaps.conftest import House
from tests.services.intake.given import fields_of, problem_of, rows
from tests.services.intake.mail.given import mail

FORM = {"name": "Warga Satu", "email": "warga@surel.example", "body": "Insentif belum cair."}


async def bring_mail(house: House, content: bytes) -> None:
    headers = house.key | {"Content-Type": "message/rfc822"}
    answer = await house.http.post("/v1/mails", content=content, headers=headers)
    assert answer.status_code == 202


async def everything(house: House) -> None:
    """A contact by each channel, and what comes twice where a channel sends it twice."""
    for _ in range(2):
        await house.post("/v1/contacts", FORM, **{"Idempotency-Key": "f-1"})
    chat = await house.post("/v1/chats", {"body": "Halo"})
    await house.post(f"/v1/chats/{chat['chat_id']}/messages", {"body": "Masih di sana?"})
    for _ in range(2):
        await bring_mail(house, mail())
    await test_whatsapp.bring(house, test_whatsapp.body_of(test_whatsapp.change(*map(test_whatsapp.text, (1, 2, 1)))))
    for _ in range(2):
        await test_line.bring(house, test_line.event(1))
    await described(house)
    await press(house)
    await do(house, await call_next(house), "settle", BUDI, body="Sudah dijelaskan.")
    await sync(house, house.clock.now, *(paper(number, number, house.clock.now) for number in (1, 2)))
    await open_call(house)
    await tell(house, "transferred", 10)
    await open_call(house, "k-78")
    await tell(house, "ended", 10, "k-78")


def counts(report: Any) -> dict[str, tuple[int, ...]]:
    """Of each channel by which something came."""
    names = ("sent", "accepted", "ticketed", "on_the_way", "missing", "doubled")
    return {each["channel"]: tuple(each[name] for name in names) for each in report["channels"] if each["sent"]}


async def test_gaps_of_every_channel_are_none_when_all_is_well(house: House) -> None:
    await everything(house)
    async with house.tickets_at_work():
        pass
    report = await house.report()
    assert (report["missing"], report["doubled"]) == (0, 0)
    assert counts(report) == {
        "form": (1, 1, 1, 0, 0, 0),
        "chat": (2, 2, 2, 0, 0, 0),
        "booth": (1, 1, 1, 0, 0, 0),
        "email": (1, 1, 1, 0, 0, 0),
        "call": (1, 1, 1, 0, 0, 0),
        "whatsapp": (2, 2, 2, 0, 0, 0),
        "line": (1, 1, 1, 0, 0, 0),
    }


async def test_contacts_without_a_ticket_are_on_their_way_at_first_and_then_named_until_they_have_one(
    house: House,
) -> None:
    accepted = [await house.post("/v1/contacts", FORM) for _ in range(3)]
    answer = await house.http.get("/v1/intake/gaps", headers=staff_header("officer"))
    assert counts(answer.json()) == {}  # the moment of the clock is before them
    house.clock.forward(minutes=1)
    answer = await house.http.get("/v1/intake/gaps", headers=staff_header("officer"))
    assert counts(answer.json()) == {"form": (3, 3, 0, 3, 0, 0)}
    assert counts(await house.report()) == {"form": (3, 3, 0, 0, 3, 0)}
    assert await house.gaps() == {"form": [("ticket", sorted(each["contact_id"] for each in accepted))]}
    async with house.tickets_at_work():
        pass
    assert await house.gaps() == {}


@pytest.mark.parametrize("channel", ["form", "chat", "line", "booth"])
async def test_contact_whose_row_is_gone_is_named_by_whoever_answered_for_it(house: House, channel: str) -> None:
    await everything(house)
    async with house.tickets_at_work():
        pass
    where = "channel = :channel AND (position IS NULL OR position > 1 OR channel = 'line')"
    [gone] = await rows(house.service.db, f"SELECT id FROM contacts WHERE {where}", channel=channel)
    await house.do(f"DELETE FROM contacts WHERE {where}", channel=channel)
    assert await house.gaps() == {channel: [("contact", ["1" if channel == "line" else str(gone.id)])]}


async def test_contact_that_only_its_key_tells_of_is_named(house: House) -> None:
    """Before it had a ticket: nothing but what was answered says that it was there."""
    accepted = await house.post("/v1/contacts", FORM, **{"Idempotency-Key": "f-1"})
    await house.do("DELETE FROM contacts")
    assert await house.gaps() == {"form": [("contact", [accepted["contact_id"]])]}


async def test_raw_bytes_that_nobody_parsed_are_named_and_those_that_nobody_could_read_are_counted(
    house: House,
) -> None:
    await bring_mail(house, mail())
    await house.is_parsed()
    async with house.tickets_at_work():
        pass
    [kept] = await rows(house.service.db, "SELECT id FROM raw")
    await house.do("UPDATE raw SET status = 'waiting', next_try_at = now() + interval '1 day'")
    assert await house.gaps() == {"email": [("raw", [str(kept.id)])]}
    await house.do('UPDATE raw SET status = \'unreadable\', faults = \'[{"place": "", "reason": "x"}]\'')
    report = await house.report()
    assert [each["unreadable"] for each in report["channels"] if each["channel"] == "email"] == [1]
    assert report["missing"] == 0


async def test_papers_that_a_dispenser_did_not_bring_are_named_until_it_brings_them(house: House) -> None:
    await described(house)
    now = house.clock.now
    await sync(house, now, *(paper(number, number, now) for number in (1, 2, 5)))
    assert await house.gaps() == {"booth": [("paper", ["B1 D2 3", "B1 D2 4"])]}
    await sync(house, now, *(paper(number, number, now) for number in (3, 4)))
    assert await house.gaps() == {}
    await sync(house, now, paper(6, 5, now))
    [(kind, [twice])] = (await house.gaps())["booth"]
    assert (kind, twice.split()[-1]) == ("paper", "A-X5")


async def test_visit_and_call_that_owe_a_contact_and_have_none_are_named(house: House) -> None:
    await everything(house)
    await house.do("DELETE FROM contacts WHERE channel = 'booth'")
    await house.do("DELETE FROM idempotency_keys WHERE client LIKE 'call %'")
    await house.do("DELETE FROM sources WHERE channel = 'call'")
    [visit] = await rows(house.service.db, "SELECT id FROM visits WHERE status = 'settled'")
    async with house.tickets_at_work():
        pass
    await house.do("DELETE FROM contact_tickets WHERE contact_id IN (SELECT contact_id FROM visits)")
    assert await house.gaps() == {"booth": [("visit", [str(visit.id)])], "call": [("call", ["rest k-77"])]}


async def test_uids_that_were_not_fetched_are_named(house: House) -> None:
    await house.do(
        "INSERT INTO fetched_mails (mailbox, uidvalidity, uid, digest, fetched_at) "
        "SELECT 'lapor@imap/INBOX', 7, uid, CAST('' AS bytea), CAST(:now AS timestamptz) "
        "FROM unnest(ARRAY[4, 5, 8, 9]) AS uid",
        now=house.clock.now,
    )
    assert await house.gaps() == {"email": [("mail", ["lapor@imap/INBOX 7 6", "lapor@imap/INBOX 7 7"])]}


async def test_contact_in_two_tickets_and_thing_said_in_two_contacts_are_named(house: House) -> None:
    await test_line.bring(house, test_line.event(1))
    await test_line.bring(house, test_line.event(2))
    async with house.tickets_at_work():
        pass
    [contact] = await rows(house.service.db, "SELECT contact_id AS id FROM sources WHERE external_id = '1'")
    await house.do("UPDATE sources SET external_id = '1'")
    await house.do("UPDATE contact_tickets SET ticket_id = uuidv7() WHERE contact_id = :id", id=contact.id)
    await house.do("INSERT INTO contact_tickets VALUES (:id, uuidv7(), 'line', now())", id=contact.id)
    assert await house.gaps() == {"line": [("contact", [str(contact.id)]), ("said", ["1"])]}


async def test_names_of_gaps_are_twenty_at_most_and_the_rest_is_counted(house: House) -> None:
    for _ in range(23):
        await house.post("/v1/contacts", FORM)
    [gap] = (await house.report())["channels"][0]["missing_items"]
    assert (gap["count"], len(gap["names"]), gap["more"]) == (23, 20, 3)


async def test_ticket_of_an_older_release_that_does_not_name_its_contact_is_found_by_its_code(house: House) -> None:
    form, chat = await house.post("/v1/contacts", FORM), await house.post("/v1/chats", {"body": "Halo"})
    handle = ticket_handlers(lambda _: None)[TicketOpened]
    async with house.service.db.transaction() as session:
        told = [ticket_opened(tracking_code=each["tracking_code"]) for each in (form, chat)]
        await handle(session, told, house.clock.now)
    assert counts(await house.report()) == {"form": (1, 1, 1, 0, 0, 0), "chat": (1, 1, 1, 0, 0, 0)}


async def test_gaps_of_contacts_from_before_the_ledger_are_none(house: House) -> None:
    await house.post("/v1/contacts", FORM)
    began = house.clock.forward(minutes=2)
    await house.do("UPDATE ledger_state SET began_at = :began", began=began)
    report = await house.report()
    assert (report["missing"], counts(report)) == (0, {})
    assert report["since"] == began.isoformat().replace("+00:00", "Z")


async def test_span_of_gaps_is_a_day_or_moments_and_no_longer_than_a_month(house: House) -> None:
    await house.post("/v1/contacts", FORM)
    there = house.clock.now.astimezone(ZoneInfo("Asia/Jakarta"))  # where it may be tomorrow already
    today, yesterday = f"{there:%Y-%m-%d}", f"{there - timedelta(days=1):%Y-%m-%d}"
    found = await house.report(**{"from": yesterday, "to": today})
    assert (found["missing"], datetime.fromisoformat(found["until"]) >= there) == (1, True)
    hour = {"from": (house.clock.now - timedelta(hours=1)).isoformat(), "to": house.clock.now.isoformat()}
    assert (await house.report(**hour))["missing"] == 1
    for wrong in (
        {"from": today, "to": yesterday},
        {"from": f"{there - timedelta(days=33):%Y-%m-%d}"},
        {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
        {"from": "2026-01-01T00:00:00"},
    ):
        answer = await house.http.get("/v1/intake/gaps", headers=staff_header("supervisor"), params=wrong)
        assert problem_of(answer) == (422, "invalid")
        assert "from" in {field.split(".")[0] for field in fields_of(answer)}
    agent = await house.http.get("/v1/intake/gaps", headers=staff_header("agent"))
    assert problem_of(agent) == (403, "forbidden")


async def test_metric_of_gaps_says_what_is_missing_of_the_last_day(house: House) -> None:
    await house.post("/v1/contacts", FORM)
    [watch] = [worker for worker in house.service.workers if isinstance(worker, GapsWatch)]
    house.clock.forward(minutes=6)
    await watch.step()
    assert MISSING.labels("form")._value.get() == 1
    house.clock.forward(days=2)
    await watch.look()
    assert MISSING.labels("form")._value.get() == 0
