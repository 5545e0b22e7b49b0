"""Topics over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.tickets.domain.topics.words import words_of
from services.tickets.schemas import Text, UnitName
from shared.events import Channel
from shared.http import Model, example
from shared.text import OneLine

Required = Literal["name", "email", "phone", "nik", "programme_number", "body"]


Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]


class TopicIn(Model):
    """What a topic is: its name, who handles it, how people write it, and what a complete complaint about it has."""

    model_config = example(
        name="insentif belum diterima",
        unit="prakerja-pencairan",
        phrases=["insentif belum cair", "intensif belum masuk"],
        required=["name", "email", "phone", "programme_number", "body"],
    )
    name: UnitName
    unit: UnitName = Field(description="The slug or the name of a unit")
    phrases: list[Phrase] = Field(
        max_length=500, description="Each as people write it; misspellings need not be listed"
    )
    required: tuple[Required, ...] = Field(default=("body",), max_length=6)
    required_by_channel: dict[Channel, tuple[Required, ...]] = Field(
        default_factory=dict, description="What is required instead of what comes by one of these channels"
    )

    @field_validator("phrases")
    @classmethod
    def _of_words(cls, phrases: list[str]) -> list[str]:
        if not all(words_of(phrase) for phrase in phrases):
            raise PydanticCustomError("phrase", "has no word", {"expected": "at least one word or number"})
        return phrases


class TopicOut(BaseModel):
    """A topic in a version: `edited_by` made it so at `edited_at`. A retired one is given to no case any more."""

    slug: str
    name: str
    unit: str
    unit_name: str
    phrases: list[str]
    required: list[str]
    required_by_channel: dict[str, list[str]]
    version: int
    is_retired: bool
    edited_by: str
    edited_at: datetime


class TopicPage(BaseModel):
    items: list[TopicOut]


class TopicVersionPage(BaseModel):
    items: list[TopicOut]
    next_cursor: str | None


class ClassifyIn(Model):
    """What is to be looked at: each text apart."""

    model_config = example(texts=["Intensif saya blm cair kak, padahal udah kasih rating"])
    texts: list[Text] = Field(min_length=1, max_length=50)


class ChoiceOut(BaseModel):
    """What a text is about, and because of what. Without a topic it is for a person to decide, and `unit` is who does
    meanwhile.
    """

    topic: str | None
    topic_name: str | None
    unit: str
    unit_name: str
    confidence: float = Field(description="0 to 1; docs/topics.md says what it is worth")
    because: list[str]
    is_triage: bool


class Choices(BaseModel):
    items: list[ChoiceOut]
