"""`satuatap demo`, as a stranger runs it: in another directory, and read by a program."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from services.demo.scenario import read_complaints

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


@pytest.mark.timeout(180)
async def test_it_tells_the_whole_story_as_one_json_object(tmp_path: Path) -> None:
    complaints = tmp_path / "mine.csv"
    complaints.write_text("id,text\n1,Sertifikat belum muncul di dashboard.\n2,Gaji di bawah UMR.\n3,Kartu kuning\n")
    code, out, err = await run_demo(tmp_path, "--json", "--complaints", str(complaints))
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)

    assert told["complaints"]["by_door"] == {"booth": 1, "chat": 1, "form": 1}
    assert told["ticket"]["status"] == "resolved"
    assert told["ticket"]["escalation_level"] == 1
    assert [message["headers"]["X-Satu-Atap-Reason"] for message in told["received"]] == [
        "opened",
        "escalated",
        "replied",
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
    assert os.listdir(tmp_path) == ["mine.csv"], "it cleans up"  # noqa: PTH208


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"teks\nhalo\n", "column `text`"), ("text\nCafé\n".encode("cp1252"), "byte 9 is not UTF-8")],
    ids=["without the column", "in another encoding"],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(content)
    code, out, err = await run_demo(tmp_path, "--complaints", str(wrong))
    assert code == 1
    assert said in " ".join((out + err).split())
    assert "Traceback" not in out + err


def test_a_complaint_may_have_several_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text('id,text\n1,"Baris satu\n\nbaris dua"\n2,Lain\n')
    assert read_complaints(file) == ["Baris satu\n\nbaris dua", "Lain"]
