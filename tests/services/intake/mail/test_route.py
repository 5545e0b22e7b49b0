"""Mails that are handed over whole, by HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.services.intake.given import api_key, count, problem_of, rows
from tests.services.intake.mail.conftest import Post
from tests.services.intake.mail.given import mail


async def test_mail_becomes_a_contact(post: Post) -> None:
    answer = await post.bring(mail("Insentif belum cair.\r\n"))
    assert answer.status_code == 202
    [contact] = await post.events(1)
    data = contact.data
    assert (data.channel, data.subject, data.body) == ("email", "Insentif", "Insentif belum cair.")
    assert (data.citizen.name, data.citizen.email) == ("Warga Satu", "warga@surel.example")
    assert not data.is_automatic
    [source] = await rows(post.service.db, "SELECT * FROM sources")
    assert (str(source.raw_id), source.external_id) == (answer.json()["raw_id"], "m-1@surel.example")


async def test_mail_that_comes_again_is_one_contact(post: Post) -> None:
    again = mail(Received="by another of our servers")
    await asyncio.gather(*(post.bring(content) for content in (mail(), mail(), again) * 3))
    await post.is_parsed()
    assert (await count(post.service.db, "contacts"), await count(post.service.db, "raw")) == (1, 9)


async def test_mails_without_an_id_are_told_apart_by_their_bytes(post: Post) -> None:
    for content in (mail("satu", Message_ID=None), mail("dua", Message_ID=None), mail("dua", Message_ID=None)):
        await post.bring(content)
    assert {contact.data.body for contact in await post.events(2)} == {"satu", "dua"}


async def test_bytes_are_kept_as_they_came(post: Post) -> None:
    content = b"Subject: \xff\x00\n\nHalo\x00 pak \xed\xa0\x80\r\n.\n"
    await post.bring(content)
    [contact] = await post.events(1)
    [raw] = await rows(post.service.db, "SELECT content FROM raw")
    assert raw.content == content
    assert contact.data.body.startswith("Halo\N{REPLACEMENT CHARACTER} pak")


async def test_undecodable_mail_does_not_hold_up_its_neighbours(post: Post) -> None:
    broken = mail(b"Halo \xe9", Content_Type="text/plain; charset=bogus", Message_ID="<m-2@surel.example>")
    for content in (mail(), broken, mail(Message_ID="<m-3@surel.example>")):
        await post.bring(content)
    assert sorted(contact.data.body for contact in await post.events(3))[0] == "Halo é"


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", ""])
async def test_body_that_is_not_called_a_mail_is_refused(post: Post, content_type: str) -> None:
    assert problem_of(await post.bring(mail(), content_type)) == (415, "unsupported_media_type")
    assert await count(post.service.db, "raw") == 0


async def test_empty_body_is_refused(post: Post) -> None:
    assert problem_of(await post.bring(b" \r\n")) == (422, "invalid")


async def test_longer_mail_than_other_bodies_is_taken(post: Post) -> None:
    assert (await post.bring(mail("x" * 280_000))).status_code == 202


async def test_mail_that_is_too_long_is_refused_while_it_comes(post: Post) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 65_536
            yield b"x" * 65_536

    headers = {**post.key, "Content-Type": "message/rfc822"}
    answer = await post.http.post("/v1/mails", content=endless(), headers=headers)
    assert problem_of(answer) == (413, "body_too_large")
    assert await count(post.service.db, "raw") == 0


async def test_key_without_the_scope_may_bring_none(post: Post) -> None:
    key = await api_key(post.service.db, "booths:write")
    answer = await post.http.post("/v1/mails", content=mail(), headers={**key, "Content-Type": "message/rfc822"})
    assert problem_of(answer) == (403, "forbidden")
