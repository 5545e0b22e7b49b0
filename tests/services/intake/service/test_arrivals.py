"""Who goes first: what nobody waits for gives way to who waits for an answer, and gets on all the same."""

import asyncio

from services.intake.service.arrivals import Arrivals

FOR_EVER = 60.0


async def test_arrivals_are_given_way_to_until_the_last_of_them_is_answered() -> None:
    arrivals = Arrivals()
    await arrivals.give_way(FOR_EVER)  # nobody waits
    with arrivals.one(), arrivals.one():
        giving_way = asyncio.create_task(arrivals.give_way(FOR_EVER))
        await asyncio.sleep(0)
        assert not giving_way.done()
    assert not arrivals.are_over  # the next of a crowd is on its way
    await giving_way
    assert arrivals.are_over


async def test_arrivals_without_an_end_are_not_given_way_to_without_an_end() -> None:
    arrivals = Arrivals()
    with arrivals.one():
        await arrivals.give_way(0.02)
        assert not arrivals.are_over
