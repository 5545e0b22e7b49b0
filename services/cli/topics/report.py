"""How well a model does on examples of which it has seen nothing: the report that is kept with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.topics.examples import Example, Examples
from services.tickets.domain.topics import Learned, LinearModel, Opinion

_TENTHS = 10
_CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many were right; of those that the model is surest of, from this confidence on."""

    of: int
    right: int
    from_confidence: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """So many held out of `label` were taken for `taken_for`."""

    label: str
    taken_for: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a model was trained on, by whom and when, and what became of those that were held out.

    `never_seen` of the held out had a label of which there was no example: none of them can be right. `coverage` has
    the surest tenth, the surest two tenths, and so on.
    """

    file: str
    sha256: str
    trained_at: str
    trained_by: str
    scikit_learn: str
    learned: int
    learned_from: str | None
    learned_to: str | None
    labels: int
    terms: int
    parts: int
    held_out: int
    held_out_from: str | None
    held_out_to: str | None
    passed_over: int
    never_seen: int
    right: int
    coverage: tuple[Share, ...]
    confusions: tuple[Confusion, ...]

    def as_json(self) -> Mapping[str, Any]:
        return asdict(self)


def measured(examples: Examples, *, by: str, now: datetime) -> tuple[LinearModel, Report]:
    """A model of what is to be learned, and the report of it. Raises `typer.BadParameter` without scikit-learn."""
    try:
        from services.cli.topics.training import train  # nothing else needs what it imports
    except ImportError:
        raise typer.BadParameter("Training needs scikit-learn: pip install 'satuatap[train]'.") from None
    learned, held_out = examples.learned, examples.held_out
    model = train([example.text for example in learned], [example.label for example in learned])
    judged = _judged(model, held_out)
    report = Report(
        file=examples.file,
        sha256=examples.sha256,
        trained_at=now.isoformat(),
        trained_by=by,
        scikit_learn=version("scikit-learn"),
        learned=len(learned),
        learned_from=_day(learned[0]),
        learned_to=_day(learned[-1]),
        labels=len(model.labels),
        terms=len(model.terms),
        parts=len(model.parts),
        held_out=len(held_out),
        held_out_from=_day(held_out[0]),
        held_out_to=_day(held_out[-1]),
        passed_over=examples.passed_over,
        never_seen=sum(example.label not in model.labels for example in held_out),
        right=sum(opinion.label == example.label for example, opinion in judged),
        coverage=tuple(_share(judged, tenth) for tenth in range(1, _TENTHS + 1)),
        confusions=_confusions(judged),
    )
    return model, report


def shown(report: Report, console: Console) -> None:
    """Prints a report."""
    console.print(
        f"{escape(report.file)}: learned from {report.learned} examples of {report.labels} labels"
        f"{_span(report.learned_from, report.learned_to)}; {report.held_out} held out"
        f"{_span(report.held_out_from, report.held_out_to)}, {report.never_seen} of them with a label never seen; "
        f"{report.passed_over} rows passed over."
    )
    console.print(f"Right: {report.right} of {report.held_out} ({_percent(report.right, report.held_out)}).")
    coverage = Table("the surest", "right", "of", "share", "from a confidence of", title="Coverage")
    for tenth, share in enumerate(report.coverage, start=1):
        told = (f"{tenth * 10} %", share.right, share.of, _percent(share.right, share.of), share.from_confidence)
        coverage.add_row(*map(str, told))
    confusions = Table("label", "taken for", "times", title="Largest confusions")
    for confusion in report.confusions:
        confusions.add_row(escape(confusion.label), escape(confusion.taken_for), str(confusion.count))
    console.print(coverage, confusions)


_NONE = Opinion("", 0.0, 0.0, ())
"""Of a text of which the model knows no word."""
Judged = Sequence[tuple[Example, Opinion]]


def _judged(model: LinearModel, held_out: Sequence[Example]) -> Judged:
    """What the model says of each, the surest first."""
    asked = Learned(model)
    judged = [(example, asked.opinion(example.text) or _NONE) for example in held_out]
    return sorted(judged, key=lambda pair: -pair[1].confidence)


def _share(judged: Judged, tenth: int) -> Share:
    surest = judged[: max(len(judged) * tenth // _TENTHS, 1)]
    right = sum(opinion.label == example.label for example, opinion in surest)
    return Share(len(surest), right, round(surest[-1][1].confidence, 3))


def _confusions(judged: Judged) -> tuple[Confusion, ...]:
    wrong = Counter((example.label, opinion.label) for example, opinion in judged if example.label != opinion.label)
    return tuple(Confusion(*pair, count) for pair, count in wrong.most_common(_CONFUSIONS))


def _day(example: Example) -> str | None:
    return example.at.date().isoformat() if example.at else None


def _span(first: str | None, last: str | None) -> str:
    return f" ({first} to {last})" if first else ""


def _percent(right: int, of: int) -> str:
    return f"{100 * right / of:.1f} %"
