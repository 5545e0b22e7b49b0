"""`make bench`: prints the speeds and writes them to bench/results.json. Options choose the size."""

import asyncio
import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench import accept, clocks, drain, hold, mail, notice, pace, skm, streams
from services.local.house import free_base_port, house
from shared.secret import Secrets

_RESULTS = Path(__file__).parent / "results.json"


def main(
    contacts: Annotated[int, typer.Option(help="How many contacts are drained")] = 10_000,
    responses: Annotated[int, typer.Option(help="How many responses the large survey has")] = 1_000_000,
    seconds: Annotated[float, typer.Option(help="How long each turn of `accept` lasts")] = 5.0,
    rounds: Annotated[int, typer.Option(help="How many turns of `accept` there are")] = 5,
    connections: Annotated[int, typer.Option(help="How many connections the client keeps")] = 64,
    tickets: Annotated[int, typer.Option(help="How many tickets have a clock that runs")] = 1_000_000,
    only: Annotated[
        list[str] | None, typer.Option(help="accept, pace, drain, notice, smtp, streams, hold, skm, clocks; else all")
    ] = None,
) -> None:
    wanted = set(only or ("accept", "pace", "drain", "notice", "smtp", "streams", "hold", "skm", "clocks"))
    results: dict[str, Any] = {}
    load = [round(os.getloadavg()[0], 1)]
    try:
        asyncio.run(_measure(results, wanted, contacts, responses, seconds, rounds, connections, tickets))
    finally:  # what was measured before something failed took long enough
        _tell(results, [*load, round(os.getloadavg()[0], 1)])


def _tell(results: dict[str, Any], load: Sequence[float]) -> None:
    """Prints and keeps what was measured, with how busy the machine was before (that is with others) and after."""
    results["machine"] = {
        "cores": len(os.sched_getaffinity(0)),
        "loop_ms": _loop_ms(),
        "load": load,
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(),
    }
    _RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    table = Table("figure", "value", title="bench/results.json", title_justify="left")
    for group, figures in results.items():
        for name, value in figures.items():
            table.add_row(f"{group}.{name}", json.dumps(value))
    Console().print(table)


async def _measure(
    results: dict[str, Any],
    wanted: set[str],
    contacts: int,
    responses: int,
    seconds: float,
    rounds: int,
    connections: int,
    tickets: int,
) -> None:
    """Adds each figure to `results` as soon as it is known."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="satuatap-bench-") as folder:
        settings = {"SATUATAP_LOG_LEVEL": "warning"}
        async with house(Path(folder), free_base_port(), say=console.print, given=settings) as home:
            secret = json.loads((Path(folder) / "secrets.json").read_text())["secret"]
            if "drain" in wanted:
                console.print(f"drain: {contacts} contacts")
                results["drain"] = await drain.measure(home, contacts=contacts, connections=connections)
            if "notice" in wanted:
                console.print("notice: one contact after another")
                results["notice"] = await notice.measure(home, contacts=200)
            if "skm" in wanted:
                console.print(f"skm: {responses} responses")
                results |= await skm.measure(home, large=responses, repeats=50)
            if "pace" in wanted:
                console.print("pace: 500 forms a second for 20 s")
                results["pace"] = await pace.measure(home, secret)
            if "streams" in wanted:
                console.print("streams: 1000 chats that are followed")
                results |= await streams.measure(home, secret)
            # after these, for it leaves webhooks behind, of which contacts are made for a while
            if "accept" in wanted:
                console.print(f"accept: {rounds} turns of {seconds} s each way")
                results |= await accept.measure(home, secret, seconds=seconds, rounds=rounds, connections=connections)
            if {"drain", "accept"} <= wanted:
                results["ratio"]["drain"] = round(results["drain"]["rate"] / results["bare"]["rate"], 3)
            if "smtp" in wanted:
                console.print("smtp: 5,000 mails of 5 kB")
                results["smtp"] = await mail.measure(home.credentials.mail_port, mails=5_000, connections=16)
            if "clocks" in wanted:  # it leaves as many tickets behind
                console.print(f"clocks: {tickets} that run")
                results["clocks"] = await clocks.measure(home.credentials, tickets=tickets)
            if "hold" in wanted:  # last: it brings contacts that nobody counts
                results["hold"] = await hold.measure(home, Secrets.read(secret))


def _loop_ms() -> float:
    """How fast this machine is just now: a million additions in a Python loop, the best of five."""
    taken = []
    for _ in range(5):
        began, total = time.perf_counter(), 0
        for number in range(1_000_000):
            total += number
        taken.append(time.perf_counter() - began)
    return round(min(taken) * 1000, 1)


if __name__ == "__main__":
    typer.run(main)
