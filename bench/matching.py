"""How well the same case is found again: `python -m bench.matching FILE`, with a file of complaints (docs/matching.md).

Of each complaint a person has an open ticket, and four contacts come: the same again in other words, by the same
person and by another one; another complaint of the same person; and of all complaints about the same topic to the same
agency the one that is most like it, as if it were the same person's.
"""

import csv
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

import migrations
from bench.paraphrases import paraphrase
from services.tickets.domain.matching import Candidate, MatchingRules, Said, match
from services.tickets.domain.texts import gist_of, likeness_of
from shared.ids import new_id

_MIGRATIONS = Path(migrations.__file__).parent / "tickets" / "versions"
_SEED = 2_026
_LIKELY_THE_SAME = 0.8
"""Complaints that share so much of their words may be one case that was brought twice: they are no hard case."""


@dataclass(frozen=True, slots=True)
class Complaint:
    text: str
    topic: str
    agency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A ticket and a contact, and what they are to each other."""

    kind: str
    ticket: Complaint
    contact: str
    days_between: int

    @property
    def is_one(self) -> bool:
        return self.kind == "same person, same case"


def main(
    file: Annotated[Path, typer.Argument(help="CSV with created_at, topic, agency, text")],
    show: Annotated[int, typer.Option(help="How many faults of each kind are shown")] = 0,
) -> None:
    """Prints the figures of the part that the rules were tuned on, and of the part that was held out."""
    rules = rules_of_the_migration()
    tuned, held_out = split(read(file))
    figures = {
        name: figures_of(list(pairs(part, held_out=name == "held out")), rules, show)
        for name, part in (("tuned", tuned), ("held out", held_out))
    }
    print(json.dumps({**figures, "speed": speed(held_out)}, indent=2))


def rules_of_the_migration() -> MatchingRules:
    """The rules that an installation begins with."""
    [name] = (file.stem for file in _MIGRATIONS.glob("*_matching.py"))
    return MatchingRules(version=1, **json.loads(import_module(f"migrations.tickets.versions.{name}").RULES))


def read(file: Path) -> list[Complaint]:
    """The complaints that say something, the oldest first, each text once."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [
            Complaint(row["text"], row["topic"], row["agency"], datetime.fromisoformat(row["created_at"]))
            for row in csv.DictReader(lines)
            if len(row["text"].split()) >= 5
        ]
    return sorted({row.text: row for row in rows}.values(), key=lambda row: row.at)


def split(complaints: Sequence[Complaint]) -> tuple[Sequence[Complaint], Sequence[Complaint]]:
    """The older half, which the rules were tuned on, and the newer."""
    middle = len(complaints) // 2
    return complaints[:middle], complaints[middle:]


def pairs(complaints: Sequence[Complaint], *, held_out: bool) -> Iterator[Pair]:
    """Every pair of a part. The same part makes the same pairs."""
    rng = random.Random(_SEED)
    alike = _most_alike(complaints)
    for ticket in complaints:
        days = rng.randint(0, 20)
        yield Pair("same person, same case", ticket, paraphrase(ticket.text, rng, held_out=held_out), days)
        yield Pair("other person, same case", ticket, paraphrase(ticket.text, rng, held_out=held_out), days)
        other = rng.choice(complaints)
        if other is not ticket:
            yield Pair("same person, other case", ticket, paraphrase(other.text, rng, held_out=held_out), days)
        if ticket.text in alike:
            hard = paraphrase(alike[ticket.text].text, rng, held_out=held_out)
            yield Pair("same person, nearly the same case", ticket, hard, days)


def figures_of(found: Sequence[Pair], rules: MatchingRules, show: int) -> dict[str, object]:
    """How often what is one joined or was suggested, and what joined that is not."""
    counts: Counter[tuple[str, str]] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    for pair in found:
        verdict = _verdict(pair, rules)
        counts[pair.kind, verdict] += 1
        fault = (pair.is_one and verdict == "separate") or (not pair.is_one and verdict == "join")
        if fault and shown[pair.kind, verdict] < show:
            shown[pair.kind, verdict] += 1
            print(f"--- {pair.kind}: {verdict}\n{pair.ticket.text}\n>>> {pair.contact}\n{_score(pair, rules)}")
    joined = sum(count for (_, verdict), count in counts.items() if verdict == "join")
    right = counts["same person, same case", "join"]
    suggested = counts["same person, same case", "suggest"]
    all_of_one = right + suggested + counts["same person, same case", "separate"]
    kinds: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, verdict), count in sorted(counts.items()):
        kinds[kind][verdict] = count
    return {
        "precision_of_join": round(right / joined, 4),
        "recall_of_join": round(right / all_of_one, 4),
        "recall_of_join_and_suggest": round(
            (right + kinds["same person, same case"].get("suggest", 0)) / all_of_one, 4
        ),
        "kinds": kinds,
    }


def speed(complaints: Sequence[Complaint]) -> dict[str, float]:
    """Milliseconds to take the gist of a text, and to compare two."""
    texts = [complaint.text for complaint in complaints[:1_000]]
    began = time.process_time()
    gists = [gist_of(text) for text in texts]
    between = time.process_time()
    for one, other in pairwise(gists):
        likeness_of(one, other)
    ended = time.process_time()
    return {
        "gist_ms": round((between - began) * 1000 / len(texts), 4),
        "pair_ms": round((ended - between) * 1000 / len(texts), 4),
    }


def _verdict(pair: Pair, rules: MatchingRules) -> str:
    """Another person's cases are no candidates, whatever he says."""
    return "separate" if pair.kind.startswith("other person") else match(*_compared(pair), rules).verdict


def _score(pair: Pair, rules: MatchingRules) -> str:
    found = match(*_compared(pair), rules)
    return f"{found.score} {', '.join(found.because)}"


def _compared(pair: Pair) -> tuple[Said, Candidate]:
    """No topic is known, for those of an installation are others: the texts are alone."""
    opened = datetime(2026, 3, 13, tzinfo=UTC)
    first = Said(gist_of(pair.ticket.text), None, "form", opened)
    said = Said(gist_of(pair.contact), None, "email", opened + timedelta(days=pair.days_between))
    return said, Candidate(new_id(), (first,), None, opened)


def _most_alike(complaints: Sequence[Complaint]) -> dict[str, Complaint]:
    """To each text the complaint of its agency and topic that shares most words, by a measure of its own."""
    groups: dict[tuple[str, str], list[tuple[Complaint, frozenset[str]]]] = defaultdict(list)
    for complaint in complaints:
        words = frozenset(re.findall(r"\w+", complaint.text.lower()))
        groups[complaint.agency, complaint.topic].append((complaint, words))
    alike = {}
    for group in groups.values():
        for complaint, words in group:
            others = [
                (len(words & theirs) / len(words | theirs), other) for other, theirs in group if other is not complaint
            ]
            others = [pair for pair in others if pair[0] < _LIKELY_THE_SAME]
            if others:
                alike[complaint.text] = max(others, key=lambda pair: pair[0])[1]
    return alike


if __name__ == "__main__":
    typer.run(main)
