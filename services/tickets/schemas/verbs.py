"""What the verbs of staff are told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.tickets.domain.ticket import Priority
from services.tickets.schemas import Short, Text, UnitName
from shared.http import Model, example
from shared.text import OneLine
from shared.visibility import Privacy

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]

DESPITE = "Why it is done although the case lacks what its topic requires; for agents"


class ReplyIn(Model):
    """What an agent answers."""

    model_config = example(body="Insentif Anda kami proses; mohon tunggu sampai Jumat.")
    body: Text = Field(description="What the citizen is told")


class EscalateIn(Model):
    """To whom a case goes, and why."""

    model_config = example(unit="prakerja-pencairan", reason="Rekening perlu diperiksa bank")
    unit: UnitName | None = Field(default=None, description="The slug or the name of the unit that takes over")
    reason: Short = Field(default="", description="For agents; the citizen is told the due date, not the reason")


class ResolveIn(Model):
    """How a case ended."""

    model_config = example(body="Insentif sudah ditransfer pada 12 Maret.")
    body: Annotated[str, StringConstraints(max_length=20_000)] = Field(
        default="", description="What the citizen is told of the outcome"
    )
    despite: Short = Field(default="", description=DESPITE)


class AssignIn(Model):
    """To whom a case is given."""

    model_config = example(assignee="staff:4711", because="Menguasai topik pencairan")
    assignee: Name = Field(description="The subject of his token, as `staff:4711`")
    because: Short = Field(default="", description="For agents")


class UnassignIn(Model):
    """Why a case is nobody's any more."""

    model_config = example(because="Cuti")
    because: Short = Field(default="", description="For agents")


class NoteIn(Model):
    """What an agent writes for his colleagues."""

    model_config = example(body="Sudah menelepon bank; jawaban besok.")
    body: Text = Field(description="The citizen is never told it")


class HoldIn(Model):
    """Until when nothing is to be done."""

    model_config = example(until="2026-03-20T09:00:00+07:00", reason="Menunggu jadwal transfer bank")
    until: AwareDatetime = Field(description="Within a year; it ends sooner if the citizen writes")
    reason: Reason = Field(description="For agents")


class ForwardIn(Model):
    """Which authority decides about it, as it is not ours to."""

    model_config = example(to="Dinas Tenaga Kerja Kota Surabaya", body="Upah adalah wewenang pengawas kota.")
    to: Name = Field(description="The citizen is told")
    body: Annotated[str, StringConstraints(max_length=20_000)] = Field(
        default="", description="What else the citizen is told"
    )
    despite: Short = Field(default="", description=DESPITE)


class CloseIn(Model):
    """Why a case comes to its end, or is none."""

    model_config = example(reason="Tidak ada jawaban Anda dalam 10 hari kerja.")
    reason: Reason = Field(description="The citizen is told")


class ReopenIn(Model):
    """Why a case is taken up again."""

    model_config = example(reason="Transfer dikembalikan bank")
    reason: Reason = Field(description="For agents")


class PriorityIn(Model):
    """How urgent a case is."""

    model_config = example(priority="high")
    priority: Priority


class PrivacyIn(Model):
    """From whom it is hidden who the citizen is: `anonymous` from everybody, `confidential` from all but the unit that
    handles it.
    """

    model_config = example(privacy="confidential")
    privacy: Privacy


class MergeIn(Model):
    """The ticket that goes on with this one."""

    model_config = example(into="0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88")
    into: UUID


class SplitIn(Model):
    """Which lines become a ticket of their own."""

    model_config = example(entry_ids=["0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"])
    entry_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)] = Field(
        description="Not the line with which the ticket began; at least one that the citizen said"
    )


class LinkIn(Model):
    """The ticket with which this one has to do."""

    model_config = example(other="0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88")
    other: UUID


BulkVerb = Literal[
    "claim",
    "assign",
    "unassign",
    "reply",
    "note",
    "hold",
    "escalate",
    "forward",
    "resolve",
    "request-info",
    "reopen",
    "close",
    "reject",
    "priority",
    "privacy",
    "merge",
    "unmerge",
    "link",
]


class BulkIn(Model):
    """One verb for many tickets, with what the route of the verb takes."""

    model_config = example(
        bulk_id="2026-03-13 gangguan bank",
        verb="note",
        ids=["0198f3a2-7c41-7d3e-9b55-3f2a1c0d9e88"],
        arguments={"body": "Gangguan di bank mitra; tunggu kabar besok."},
    )
    bulk_id: Name = Field(description="Names this request: sent again it has no second effect")
    verb: BulkVerb
    ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    arguments: dict[str, Any] = Field(default_factory=dict, description="The body of `POST /v1/tickets/{id}/<verb>`")
