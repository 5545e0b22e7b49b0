"""How the demo is told: a line while each step runs, and then what everybody saw."""

import tempfile
import time
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.demo.scenario import DemoFailed, Play, Story, read_complaints
from services.local.house import HouseError, free_base_port, house


async def play(complaints: Path | None, console: Console) -> Story:
    """Plays on a house of its own, in a directory that is removed afterwards. Raises `HouseError`."""
    try:
        texts = read_complaints(complaints)
        with tempfile.TemporaryDirectory(prefix="satuatap-demo-") as folder:
            return await _play(Path(folder), texts, console)
    except DemoFailed as error:
        raise HouseError(f"The demo failed. {error}") from error


async def _play(folder: Path, texts: list[str], console: Console) -> Story:
    story = Story()
    console.print("[bold]Satu Atap[/]: one complaint, all the way through, on real engines\n")
    began = time.perf_counter()
    with console.status("starting PostgreSQL, Valkey, the sandbox and four services") as status:
        async with house(folder, free_base_port(), say=console.print) as home:
            story.steps.append({"step": "the house is up", "seconds": round(time.perf_counter() - began, 3)})
            scene = Play(home.credentials, story, status.update)
            try:
                await scene.run(texts)
            finally:
                await scene.close()
            status.update("stopping what was started")
    return story


def tell(story: Story, console: Console) -> None:
    """Prints what happened."""
    table = Table(title="What happened", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("step", overflow="fold")
    table.add_column("seconds", justify="right")
    for step in story.steps:
        table.add_row(step["step"], f"{step['seconds']:.3f}")
    console.print(table)
    _tell_complaints(story, console)
    _tell_case(story, console)
    _tell_three_ways(story, console)
    _tell_indices(story, console)
    console.print("\nNext: [bold]make up[/] keeps it running, and the README has a first curl.")


def _tell_complaints(story: Story, console: Console) -> None:
    channels = ", ".join(f"{count} by {name}" for name, count in story.complaints["by_channel"].items())
    units = Table(title=f"\n{story.complaints['count']} complaints: {channels}", title_justify="left", show_edge=False)
    units.add_column("handled by")
    units.add_column("tickets", justify="right")
    for unit, count in story.complaints["by_unit"].items():
        units.add_row(unit, str(count))
    console.print(units)
    cases = Table(title="\nOne case of each channel", title_justify="left", show_edge=False)
    for column in ("channel", "code", "topic", "handled by", "status"):
        cases.add_column(column)
    for case in story.channels:
        cases.add_row(case["channel"], case["tracking_code"], case["topic"] or "-", case["unit_name"], case["status"])
    console.print(cases)


def _tell_three_ways(story: Story, console: Console) -> None:
    ticket, sla = story.three_ways["ticket"], story.three_ways["sla"]
    console.print(
        f"\n[bold]One case by chat, mail and telephone, {ticket['tracking_code']}[/]: {len(ticket['entries'])} lines, "
        f"level {ticket['escalation_level']}, now {ticket['status']}"
    )
    lines = Table(title="\nWhat happened to it", title_justify="left", show_edge=False)
    for column in ("at (UTC)", "what", "by", "detail"):
        lines.add_column(column, overflow="fold")
    for record in ticket["audit"]:
        lines.add_row(record["at"][11:19], record["verb"], record["actor"], Text(record["detail"]))
    console.print(lines)
    console.print(Panel(Text(story.three_ways["asked"]), title="asked by itself", title_align="left"))
    words = "\n".join(word for kind in ("resolution", "complainant_silence") for word in sla[kind])
    console.print(Panel(Text(words), title="by when, and why (GET /v1/tickets/{id}/sla)", title_align="left"))


def _tell_case(story: Story, console: Console) -> None:
    ticket = story.ticket
    console.print(
        f"\n[bold]One case, {ticket['tracking_code']}[/]: topic {ticket['topic']}, handled by {ticket['unit_name']}, "
        f"level {ticket['escalation_level']}, due {ticket['resolution_due_at'][:10]}, now {ticket['status']}"
    )
    console.print("\nWhat the citizen received, in the order received:")
    for message in story.received:
        title = Text(f"{message['at'][11:19]} UTC  {message['kind']}")
        subject = Text(message["subject"] or message["to"], style="bold")
        console.print(Panel(Group(subject, Text(message["body"].strip())), title=title, title_align="left"))
    console.print("What the chat shows:")
    for line in story.chat:
        console.print(Text(f"  {line['author']:>7}: {line['body']}"))


def _tell_indices(story: Story, console: Console) -> None:
    table = Table(title="\nThe index of the 72 respondents", title_justify="left", show_edge=False)
    for column in ("edition", "n", "index", "grade", "exactly"):
        table.add_column(column)
    for figure in story.indices:
        grade = f"{figure['grade']} ({figure['performance']})"
        table.add_row(figure["edition"], str(figure["n"]), f"{figure['index']:.2f}", grade, figure["fraction"])
    console.print(table)
