"""`satuatap demo`, as a stranger runs it: in another directory, and read by a program."""

import asyncio
import json
import os
import re
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from rich.console import Console

from services.demo.scenario import Story, read_complaints
from services.demo.story import tell

ELSEWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/real", "REDIS_URL": "redis://127.0.0.1:9/0"}
"""Engines of a real installation: a play must not touch them."""


async def run_demo(where: Path, *arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services",
        "demo",
        *arguments,
        cwd=where,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **ELSEWHERE},
    )
    out, err = await asyncio.wait_for(process.communicate(), 150)
    return process.returncode, out.decode(), err.decode()


@pytest_asyncio.fixture(scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one play told, for all who look at it: it takes a while."""
    folder = tmp_path_factory.mktemp("elsewhere")
    complaints = folder / "mine.csv"
    texts = ("Sertifikat belum muncul di dashboard.", "Gaji di bawah UMR.", "Kartu kuning", "Sertifikat belum terbit.")
    complaints.write_text("\n".join(["id,text", *(f"{place},{text}" for place, text in enumerate(texts))]))
    code, out, err = await run_demo(folder, "--json", "--complaints", str(complaints))
    assert code == 0, err
    assert os.listdir(folder) == ["mine.csv"], "it cleans up"  # noqa: PTH208
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.timeout(180)
async def test_it_tells_the_whole_story_as_one_json_object(told: dict[str, Any]) -> None:
    assert told["complaints"]["by_channel"] == {"booth": 1, "chat": 1, "form": 1, "whatsapp": 1}
    assert told["ticket"]["status"] == "resolved"
    assert told["ticket"]["escalation_level"] == 1
    assert [message["headers"]["X-Satu-Atap-Reason"] for message in told["received"]] == [
        "opened",
        "escalated",
        "resolved",
        "invited",
    ]
    assert "paling lambat" in told["received"][1]["subject"]
    assert [line["author"] for line in told["chat"]] == ["citizen", "citizen", "agent"]
    assert [(figure["index"], figure["grade"], figure["n"]) for figure in told["indices"]] == [
        (87.73, "A", 72),
        (87.73, "B", 72),
    ]
    assert told["nps"]["n"] == 1
    assert all(step["seconds"] >= 0 for step in told["steps"])


@pytest.mark.timeout(180)
async def test_case_of_three_channels_is_asked_about_and_goes_up_by_itself(told: dict[str, Any]) -> None:
    case = told["three_ways"]["ticket"]
    assert "nomor Kartu Prakerja" in told["three_ways"]["asked"]
    deeds = [(record["verb"], record["actor"]) for record in case["audit"]]
    for deed in (("info_requested", "policy"), ("breached", "clock"), ("escalated", "clock")):
        assert deed in deeds
    verbs = [verb for verb, _ in deeds]
    assert [verbs.count(verb) for verb in ("opened", "merged", "info_received")] == [1, 1, 1]
    assert (case["escalation_level"], case["missing"]) == (1, [])
    assert told["three_ways"]["sla"]["resolution"][0].startswith("Penyelesaian: 7 hari kerja")
    assert "Batas waktu ditetapkan oleh petugas." in told["three_ways"]["sla"]["resolution"]


@pytest.mark.timeout(180)
async def test_person_is_shown_the_same_in_words_and_tables(told: dict[str, Any]) -> None:
    page = as_shown(told, width=300)
    rows = [[cell.strip() for cell in re.split("[│┃]", line)] for line in page.splitlines()]

    # how long each step took, how the complaints went, and the figures of both editions
    assert len(told["steps"]) > 5
    for step in told["steps"]:
        assert [step["step"], f"{step['seconds']:.3f}"] in rows
    assert "4 complaints: 1 by booth, 1 by chat, 1 by form, 1 by whatsapp" in " ".join(page.split())
    assert set(told["complaints"]["by_unit"].values()) == {1, 2}
    for unit, count in told["complaints"]["by_unit"].items():
        assert [unit, str(count)] in rows
    assert [case["channel"] for case in told["channels"]] == ["booth", "chat", "form", "whatsapp"]
    for case in told["channels"]:
        assert [case["channel"], case["tracking_code"], case["topic"] or "-", case["unit_name"], case["status"]] in rows
    assert ["kep25_2004", "72", "87.73", "A (Sangat Baik)", "9475/108"] in rows
    assert ["permenpanrb14_2017", "72", "87.73", "B (Baik)", "9475/108"] in rows

    # the case, then each message whole, in the order received, and then the chat
    ticket = told["ticket"]
    unit, due = ticket["unit_name"], ticket["resolution_due_at"][:10]
    case = f"topic insentif, handled by {unit}, level 1, due {due}, now resolved"
    messages = [line for message in told["received"] for line in as_received(message)]
    chat = [f"{line['author']}: {line['body']}" for line in told["chat"]]
    rest = page
    for words in (f"One case, {ticket['tracking_code']}", case, *messages, "What the chat shows", *chat):
        assert words in rest
        rest = rest.partition(words)[2]


def as_received(message: dict[str, Any]) -> list[str]:
    body = [line.strip() for line in message["body"].splitlines() if line.strip()]
    return [f"{message['at'][11:19]} UTC  {message['kind']}", message["subject"], *body]


async def test_on_a_narrow_terminal_no_figure_is_cut_off(told: dict[str, Any]) -> None:
    page = as_shown(told, width=80)
    assert "…" not in page
    assert page.count("87.73") == 2
    assert max(len(line) for line in page.splitlines()) <= 80


def as_shown(told: dict[str, Any], *, width: int) -> str:
    page = StringIO()
    tell(Story(**told), Console(file=page, width=width))
    return page.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"teks\nhalo\n", "column `text`"), ("text\nCafé\n".encode("cp1252"), "byte 9 is not UTF-8")],
    ids=["without the column", "in another encoding"],
)
async def test_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(content)
    code, out, err = await run_demo(tmp_path, "--complaints", str(wrong))
    assert code == 1
    assert said in " ".join((out + err).split())
    assert "Traceback" not in out + err


def test_complaint_may_have_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text('id,text\n1,"Baris satu\n\nbaris dua"\n2,Lain\n')
    assert read_complaints(file) == ["Baris satu\n\nbaris dua", "Lain"]
