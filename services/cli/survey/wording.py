"""How the questions of a file's questionnaire read, where it is not one that comes with the software."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from services.cli.survey.show import refuse
from services.survey_index.domain.instruments import Instrument, QuestionText, ScaleWords, Words
from services.survey_index.domain.sheet.header import question_of
from services.survey_index.domain.sheet.rules import Faults
from services.survey_index.service.file_reading import rows_of
from shared.text import tidied

_HEADER = ("element", "question", "1", "2", "3", "4")
_NAME = Words(id="Kuesioner unit sendiri", en="The unit's own questionnaire")


def worded(instrument: Instrument, file: Path) -> Instrument:
    """The same elements with the questions and scale words of `file`; a row for each question, by slug or U1, U2, ….

    Ends the command when the file cannot be read, or leaves a question out.
    """
    faults = Faults()
    texts = _read(instrument, file, faults)
    for code in instrument.answerable:
        if code not in texts and not faults:
            faults.add("element", f"has no row for {code}", "a row for each question of the questionnaire")
    if faults:
        refuse(faults)
    return instrument.reading(texts, name=_NAME, source=file.name)


def _read(instrument: Instrument, file: Path, faults: Faults) -> Mapping[str, QuestionText]:
    """The code of each question, and how it reads."""
    try:
        rows = list(rows_of(file.read_bytes(), faults))
    except OSError as error:
        faults.add("wording", f"cannot be read ({error.strerror})", "a CSV or XLSX file")
        return {}
    if not faults and (not rows or tuple(name.strip().casefold() for name in rows[0][: len(_HEADER)]) != _HEADER):
        faults.add("row 1", "is not the header of a questionnaire", f"the columns {','.join(_HEADER)}")
    questions = {question.code: question for question in instrument.questions}
    texts: dict[str, QuestionText] = {}
    for number, cells in enumerate(rows[1:], start=2):
        name, text, *words = [*map(tidied, cells), "", ""][: max(len(cells), 2)]
        if faults or not any((name, text, *words)):
            continue
        code = question_of(name, instrument, {})
        if code is None or code in texts:
            expected = f"one of {', '.join(instrument.codes)}, or U1, U2, …; each once"
            faults.add(f"row {number}, column element", "is no question, or one again", expected)
            continue
        wanted = len(questions[code].text.words.id)
        said = [word for word in words if word]
        try:
            if len(said) != wanted:
                raise ValueError("another number of words")
            texts[code] = QuestionText(text=Words(id=text, en=text), words=ScaleWords(id=tuple(said), en=tuple(said)))
        except (ValueError, ValidationError):
            expected = f"the question and {wanted} words of its scale, each of at most 300 characters"
            faults.add(f"row {number}", "lacks the question or a word, or is too long", expected)
    return texts
