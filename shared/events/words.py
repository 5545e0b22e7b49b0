"""Vocabularies that cross a service boundary: closed for who writes them, open for who reads them.

A release that brings a new word is written by one service while older readers still run. To them the word is text:
they keep it, do what is sensible without knowing it, and count it; they never bury the event that brought it.
"""

from typing import Any, Literal, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Channel = Literal["form", "chat", "booth", "email", "call", "sms", "whatsapp", "line"]
DeliveryStatus = Literal["sent", "delivered", "read", "delayed", "failed"]
ContactOutcome = Literal["open", "escalated", "settled"]
TicketStatus = Literal[
    "open", "escalated", "answered", "waiting", "held", "forwarded", "resolved", "closed", "rejected", "merged"
]
TicketPrivacy = Literal["none", "anonymous", "confidential"]
NoticeKind = Literal["email", "sms"]
NoticeOutcome = Literal["failed", "uncertain", "held"]
NoticeSettlement = Literal["arrived", "sent_again"]


class Words:
    """The words of a field, as an annotation: `Annotated[str, Words(Channel)]`.

    Whoever constructs the model may write those and no others. Whoever reads an event, with `Unknown` as pydantic's
    context, gets any word, and finds the fields with unknown ones there.
    """

    def __init__(self, vocabulary: Any) -> None:
        self.known: tuple[str, ...] = get_args(vocabulary)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "x-extensible-enum": list(self.known)}

    def _check(self, word: str, info: ValidationInfo) -> str:
        if word in self.known:
            return word
        if isinstance(info.context, Unknown):
            info.context.fields.append(str(info.field_name))
            return word
        raise PydanticCustomError("word", "is no word of this writer's", {"expected": ", ".join(self.known)})


class Unknown:
    """Notes in which fields of an event stood words that this release does not know."""

    def __init__(self) -> None:
        self.fields: list[str] = []
