"""What a complete complaint has, what is missing of one, and how it is asked back (docs/domain.md, "Topics")."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import phonenumbers

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import agent_entry
from services.tickets.domain.happenings import InfoReceived, InfoRequested
from services.tickets.domain.topics import Topic
from services.tickets.domain.verbs.changing import change, next_version
from services.tickets.domain.verbs.refusing import check_may
from shared.errors import Conflict, FieldError

_NAMES: Mapping[str, str] = {
    "name": "nama lengkap",
    "email": "alamat e-mail",
    "phone": "nomor telepon",
    "nik": "NIK (16 angka)",
    "programme_number": "nomor kepesertaan program, misalnya nomor Kartu Prakerja (16 angka)",
    "body": "uraian masalah",
}
"""What a field is called when a citizen is asked for it."""
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_MOBILE = re.compile(r"(?<![\d+])(?:\+?62|0)[ .-]?8(?:[ .-]?\d){7,11}(?![ .-]?\d)", re.ASCII)
_SIXTEEN_DIGITS = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?![ .-]?\d)", re.ASCII)
_NUMBERS = {"nik", "programme_number"}


class NothingMissing(Conflict):
    """The case has everything that its topic requires: nothing is to be asked."""

    code, title = "nothing_missing", "Nothing is missing"
    fault = FieldError("fields", "are all there", "fields that the case lacks, in `fields`")


class AlreadyAsked(Conflict):
    """The citizen was asked for exactly this before: he is asked once for each missing set."""

    code, title = "already_asked", "That was asked already"
    fault = FieldError("fields", "were asked for before", "other fields, or a reply in words of your own")


class Incomplete(Conflict):
    """The case lacks what its topic requires, for which the citizen is asked: it is not ended, nor sent on, without."""

    code, title = "incomplete", "The case lacks what its topic requires"

    def __init__(self, missing: Sequence[str]) -> None:
        ways = "request-info asks the citizen; `despite` says why it is done without"
        super().__init__(
            f"Missing: {', '.join(missing)}.",
            errors=[FieldError(name, "is missing", ways) for name in missing],
        )


@dataclass(frozen=True, slots=True)
class InfoRequest:
    """What a citizen was asked for by a line of the conversation, `id`, and when; not answered while `answered_at` is
    None.
    """

    id: UUID
    ticket_id: UUID
    fields: str
    asked_at: datetime
    answered_at: datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.fields.split())


def missing_fields(topic: Topic | None, channel: str, present: Collection[str]) -> list[str]:
    """The fields that the topic requires of what came by this channel, and that are not `present`."""
    return [name for name in topic.required_by(channel) if name not in present] if topic else []


def known_fields(citizen: Citizen) -> set[str]:
    """What is known of a citizen. What his complaint is he said in any case."""
    numbers = {"nik": citizen.nik, "programme_number": citizen.programme_number}
    known = {**citizen.person.model_dump(), **numbers, "body": True}
    return {name for name, value in known.items() if value}


def request_info(
    case: Case, fields: Sequence[str], before: Sequence[InfoRequest], act: Act
) -> tuple[Change, InfoRequest]:
    """Asks the citizen for fields, once for each set of them.

    Raises `NotInThisState`, `NothingMissing`, `AlreadyAsked`.

    The next word is his: the case waits.
    """
    asked = set_of(fields)
    check_may(case.ticket, "request_info")
    if not asked:
        raise NothingMissing("Nothing is missing that the topic of this case requires.")
    if any(request.fields == asked for request in before):
        raise AlreadyAsked("The citizen was asked for exactly this. A reply may remind him, in your own words.")
    entry = agent_entry(case.ticket.id, question(fields), act.now)
    request = InfoRequest(entry.id, case.ticket.id, asked, act.now)
    waiting = next_version(case, status="waiting")
    return change(case, waiting, InfoRequested(request.id, request.names), act, entry), request


def receive_info(case: Case, request: InfoRequest, found: Collection[str], act: Act) -> Change:
    """The citizen answered: with these of the fields, and what else he said stays text."""
    return change(case, case, InfoReceived(request.id, tuple(sorted(found))), act)


def check_complete(missing: Sequence[str], despite: str) -> None:
    """Raises `Incomplete` where something is missing, unless somebody says why it is done `despite` that."""
    if missing and not despite:
        raise Incomplete(missing)


def done_despite(missing: Sequence[str], despite: str) -> str:
    """What the trail and the conversation of colleagues keep of it."""
    return f"Tanpa {', '.join(_NAMES[name] for name in missing)}: {despite}"


def can_be_asked(case: Case) -> bool:
    """Whether a question reaches the citizen: in his chat, by mail, or by telephone."""
    person = case.citizen.person
    return bool(case.ticket.channel == "chat" or person.email or person.phone)


def set_of(fields: Collection[str]) -> str:
    """A set of fields as it is compared and kept."""
    return " ".join(sorted(set(fields)))


def question(fields: Sequence[str]) -> str:
    """The words that ask a citizen for fields."""
    return f"Agar pengaduan Anda dapat kami tangani, mohon lengkapi:\n{wanted(fields)}"


def wanted(fields: Sequence[str]) -> str:
    """Fields as a list for a citizen."""
    return "\n".join(f"- {_NAMES[name]}" for name in dict.fromkeys(fields))


def found_in(text: str, asked: Collection[str]) -> dict[str, str]:
    """What an answer has of what was asked for and can be told by its form; all else stays text.

    An identity card and a programme may have numbers of the same form: they are told apart by which of them was asked
    for, and not at all where both were. Where two of a form stand in the text, neither is taken.
    """
    return {name: value for name, value in _found(text, asked) if value}


def _found(text: str, asked: Collection[str]) -> Iterator[tuple[str, str | None]]:
    if "email" in asked:
        yield "email", _only(_EMAIL.findall(text.casefold()))
    if "phone" in asked:
        yield "phone", _only([phone for written in _MOBILE.findall(text) if (phone := _phone(written))])
    if len(numbers := _NUMBERS & set(asked)) == 1:
        yield numbers.pop(), _only([re.sub(r"\D", "", written) for written in _SIXTEEN_DIGITS.findall(text)])


def _only(found: Sequence[str]) -> str | None:
    return found[0] if len(set(found)) == 1 else None


def _phone(written: str) -> str | None:
    """A mobile number in E.164, whether it began with 0, 62 or +62; None for one that nobody can have."""
    number = phonenumbers.parse("+62" + re.sub(r"\D", "", written).removeprefix("62").removeprefix("0"))
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
