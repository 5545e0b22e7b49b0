"""`satuatap demo`, as a stranger runs it: in another directory, and read by a program."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

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


async def test_a_file_without_the_column_is_refused_in_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("teks\nhalo\n")
    code, out, err = await run_demo(tmp_path, "--complaints", str(wrong))
    assert code == 1
    assert "column `text`" in out + err
    assert "Traceback" not in out + err
