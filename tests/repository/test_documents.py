"""A document that is named is there, and so is a section that is cited."""

import re
from pathlib import Path

from tests.repository.files import FILES, ROOT

_DOCUMENT = re.compile(r"(?:[\w.-]+/)*[\w-]+\.md\b")
_LINK = re.compile(r"\]\(([^()#\s]+)(?:#[^()\s]*)?\)")
_RECORD = re.compile(r"\bADR (\d+)")
_SECTION = re.compile(r'docs/domain\.md, "([^"]+)"')
_HEADING = re.compile(r"^## \d+\. (.+)$", re.MULTILINE)

NAMES = {path.as_posix() for path in FILES}
"""Names as they are spelled: a file system that takes `Domain` for `domain` decides nothing here."""


def missing(path: Path, text: str) -> list[str]:
    """The documents that a file refers to and that are not there.

    A document is named from the root, from `docs` or from beside the file; a link goes from beside the file alone.
    """
    places = ("", "docs", path.parent.as_posix())
    absent = [name for name in _DOCUMENT.findall(text) if not any(_is_there(place, name) for place in places)]
    if path.suffix == ".md":
        beside = path.parent.as_posix()
        absent += [to for to in _LINK.findall(text) if "://" not in to and not _is_there(beside, to)]
    records = [f"docs/adr/{int(number):04}-" for number in _RECORD.findall(text)]
    return absent + [record for record in records if not any(name.startswith(record) for name in NAMES)]


def _is_there(place: str, name: str) -> bool:
    there = (ROOT / place / name).resolve()
    return there.is_relative_to(ROOT) and there.relative_to(ROOT).as_posix() in NAMES


def cited(text: str) -> set[str]:
    """The sections of docs/domain.md that a text cites, also over the end of a line."""
    return set(_SECTION.findall(re.sub(r"\s*\n[\s#]*", " ", text)))


def test_document_that_is_named_is_there() -> None:
    assert {str(path): absent for path, text in FILES.items() if (absent := missing(path, text))} == {}


def test_document_that_is_not_there_is_found_however_it_is_named() -> None:
    nowhere = "nowhere" + ".md"
    assert missing(Path("shared/ids.py"), f"see {nowhere}, docs/{nowhere} and README.md") == [
        nowhere,
        f"docs/{nowhere}",
    ]
    assert missing(Path("docs/domain.md"), "[one](../LICENSE), [two](../LICENCE), [far](https://x.example/y)") == [
        "../LICENCE"
    ]
    assert missing(Path("shared/ids.py"), "ADR 1 and ADR" + " 9999") == ["docs/adr/9999-"]


def test_section_that_is_cited_is_there() -> None:
    sections = {path: cited(text) for path, text in FILES.items()}
    headings = _HEADING.findall(FILES[Path("docs/domain.md")])
    assert len(set().union(*sections.values())) > 8
    assert {str(path): absent for path, own in sections.items() if (absent := own - set(headings))} == {}


def test_citation_may_go_over_the_end_of_a_line() -> None:
    document = "docs/domain" + ".md"
    assert cited(f'# ({document},\n    # "What may be\n    # shown")') == {"What may be shown"}
