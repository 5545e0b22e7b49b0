"""Who answered, as far as a survey may know it: by versioned code lists, and never by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal, Self, cast

from pydantic import Field, StringConstraints, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from services.survey_index.domain.instruments import Frozen, Line, Words

OLDEST = 120
DEFAULT_CODE_LIST = "umum_2024"


class CodeName(Frozen):
    code: Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    name: Words

    @property
    def words(self) -> frozenset[str]:
        """By which it is known in a file, in lower case."""
        return frozenset(word.casefold() for word in (self.code, self.name.id, self.name.en))


CodeNames = Annotated[tuple[CodeName, ...], Field(min_length=1, max_length=100)]
ProfileField = Literal["sex", "education", "occupation"]
PROFILE: tuple[ProfileField, ...] = ("sex", "education", "occupation")
NOT_TOLD = "Tidak diisi"
"""What a table calls those who said nothing of themselves."""
FIELD_NAMES: Mapping[ProfileField, str] = {
    "sex": "Jenis kelamin",
    "education": "Pendidikan",
    "occupation": "Pekerjaan",
}


class CodeList(Frozen):
    """What a respondent may be asked of himself, with the answers there are. Versioned by its name."""

    name: Words
    source: Line
    sex: CodeNames
    education: CodeNames
    occupation: CodeNames

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Nothing that a respondent may say means two codes."""
        for field in PROFILE:
            said = Counter(word for known in self.of(field) for word in known.words)
            if max(said.values()) > 1 or NOT_TOLD.casefold() in said:
                expected = f"another code and other names for each answer to {field}, and none of them “{NOT_TOLD}”"
                raise PydanticCustomError("code_list", "has two codes for one answer", {"expected": expected})
        return self

    def of(self, field: ProfileField) -> tuple[CodeName, ...]:
        return cast("tuple[CodeName, ...]", getattr(self, field))

    def find(self, field: ProfileField, word: str) -> str | None:
        """The code that `word` means: a code, or a name in either language; None if there is none such."""
        folded = word.casefold()
        for known in self.of(field):
            if folded in known.words:
                return known.code
        return None


@lru_cache(maxsize=1)
def code_lists() -> Mapping[str, CodeList]:
    """Every code list, by its version."""
    file = resources.files("services.survey_index") / "data/code_lists.json"
    return TypeAdapter(dict[str, CodeList]).validate_json(file.read_bytes())


def as_told(people: Iterable[Mapping[ProfileField, str]]) -> CodeList:
    """A list of what respondents said of themselves, for a file that comes without a list of its own."""
    told: dict[ProfileField, dict[str, CodeName]] = {field: {} for field in PROFILE}
    for person in people:
        for field, said in person.items():
            if said and said not in told[field]:
                told[field][said] = CodeName.model_construct(code=said, name=Words.model_construct(id=said, en=said))
    return CodeList.model_construct(
        name=Words(id="Menurut berkas", en="As the file has it"),
        source="",
        sex=tuple(told["sex"].values()),
        education=tuple(told["education"].values()),
        occupation=tuple(told["occupation"].values()),
    )
