"""The play itself: real requests against a running house, and a note of what came back and how long it took."""

import asyncio
import csv
import io
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import httpx

from services.demo import hooks
from services.local.house import Credentials

T = TypeVar("T")
_DATA = resources.files("services.demo") / "data"
_PATIENCE_SECONDS = 120
_AT_ONCE = 16
_HERO = {"name": "Ibu Contoh", "email": "ibu.contoh@surel.example", "phone": "0812-5550-1234"}
_INSISTENT = {"name": "Pak Contoh", "email": "pak.contoh@surel.example", "phone": "0812-5550-4321"}
_NUMBER = "3171234101990001"
_POLICY = {
    "zone": "Asia/Jakarta",
    "topics": ["limit-e-money"],
    "clocks": [
        {
            "kind": "resolution",
            "target": 7,
            "measure": "working_days",
            "calendar": "indonesia",
            "stops": ["ended"],
            "pauses": ["waiting"],
            "chain": [{"after": 0}],
        },
        {
            "kind": "complainant_silence",
            "target": 10,
            "measure": "working_days",
            "calendar": "indonesia",
            "starts": "asked",
            "stops": ["citizen_wrote", "ended"],
        },
    ],
}
"""Who writes about this is asked for what is missing, and what is late goes up by itself."""
_POLICY_COUNTS_AFTER_SECONDS = 10.5
_CHANNELS = ("form", "chat", "booth", "whatsapp", "line", "email", "call")
_LINK = re.compile(r"https?://\S+/s/(\S+)")


class DemoFailed(Exception):
    """What was expected did not happen."""


@dataclass
class Story:
    """Everything that the demo saw."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    complaints: dict[str, Any] = field(default_factory=dict)
    channels: list[dict[str, Any]] = field(default_factory=list)
    ticket: dict[str, Any] = field(default_factory=dict)
    three_ways: dict[str, Any] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    chat: list[dict[str, Any]] = field(default_factory=list)
    tracking: dict[str, Any] = field(default_factory=dict)
    indices: list[dict[str, Any]] = field(default_factory=list)
    nps: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def read_complaints(file: Path | None) -> list[str]:
    """The texts of a CSV file with a column `text`, or our own small set. Raises `DemoFailed`."""
    try:
        text = file.read_text("utf-8-sig") if file else (_DATA / "complaints.csv").read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DemoFailed(f"{file}: byte {error.start + 1} is not UTF-8; save the file as CSV UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if "text" not in (reader.fieldnames or ()):
        raise DemoFailed(f"{file}: row 1 has no column `text`; the header names the columns.")
    try:
        texts = [row["text"].strip() for row in reader if (row["text"] or "").strip()]
    except csv.Error as error:
        raise DemoFailed(f"{file}: row {reader.line_num} cannot be read ({error}).") from None
    if not texts:
        raise DemoFailed(f"{file}: there is no text in it.")
    return texts


class Play:
    """The steps. Each is timed by the caller of `step`."""

    def __init__(self, credentials: Credentials, story: Story, on_step: Callable[[str], None]) -> None:
        self._at = credentials
        self._story = story
        self._on_step = on_step
        self._door = {"Authorization": f"Bearer {credentials.integration_key}"}
        self._staff = {"Authorization": f"Bearer {credentials.staff_token}"}
        self._http = httpx.AsyncClient(timeout=30, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Times what happens inside, under `name`."""
        self._on_step(name)
        began = time.perf_counter()
        yield
        self._story.steps.append({"step": name, "seconds": round(time.perf_counter() - began, 3)})

    async def run(self, texts: Sequence[str]) -> None:
        await self._put(f"{self._at.tickets_url}/v1/policies/contoh", _POLICY)
        in_force_at = time.monotonic() + _POLICY_COUNTS_AFTER_SECONDS
        async with self.step(f"{len(texts)} complaints by {len(_CHANNELS)} channels, each answered after its commit"):
            channels = await self._bring(texts)
        async with self.step("every one has its ticket"):
            tickets = await self._until(lambda: self._tickets_of(channels))
        self._tell_where_they_are(tickets)
        async with self.step("a visitor takes a number, is called, and is escalated: told by SMS"):
            await self._booth()
        ticket = await self._hero()
        await asyncio.sleep(in_force_at - time.monotonic())
        await self._three_ways()
        async with self.step("the 72 respondents of 2020 are imported, and give the index"):
            await self._indices()
        self._story.tracking = await self._get(f"{self._at.tickets_url}/v1/track/{ticket['tracking_code']}", {})

    # -- many ---------------------------------------------------------------------------------------------------

    async def _bring(self, texts: Sequence[str]) -> list[str]:
        """The channel of each complaint."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def bring(place: int, text: str) -> str:
            channel = _CHANNELS[place % len(_CHANNELS)]
            citizen = {"name": f"Warga {place}", "email": f"warga{place}@surel.example"}
            if place % 4 == 1:
                citizen = {"name": f"Warga {place}", "phone": f"0812555{place % 100000:05d}"}
            async with gate:
                await getattr(self, f"_{channel}")(citizen, text)
            return channel

        channels = list(await asyncio.gather(*(bring(place, text) for place, text in enumerate(texts))))
        self._story.complaints = {"count": len(channels), "by_channel": dict(sorted(Counter(channels).items()))}
        return channels

    async def _form(self, citizen: dict[str, str], text: str) -> None:
        await self._post(f"{self._at.intake_url}/v1/contacts", self._door, {**citizen, "body": text})

    async def _chat(self, citizen: dict[str, str], text: str) -> None:
        await self._post(f"{self._at.intake_url}/v1/chats", self._door, {**citizen, "body": text})

    async def _whatsapp(self, citizen: dict[str, str], text: str) -> None:
        await hooks.whatsapp(self._http, self._at, sender=_number_of(citizen), name=citizen["name"], text=text)

    async def _email(self, citizen: dict[str, str], text: str) -> None:
        await hooks.email(self._at, sender=f"warga{_number_of(citizen)}@surel.example", text=text)

    async def _call(self, citizen: dict[str, str], _text: str) -> None:
        await hooks.telephone(self._http, self._at, sender=_number_of(citizen))

    async def _line(self, citizen: dict[str, str], text: str) -> None:
        await hooks.line(self._http, self._at, sender=_number_of(citizen), text=text)

    async def _booth_visit(self, citizen: dict[str, str], text: str, outcome: str, booth: str) -> dict[str, Any]:
        intake = self._at.intake_url
        await self._post(f"{intake}/v1/booths/{booth}/visits", self._door, {})
        visit = await self._post(f"{intake}/v1/booths/{booth}/call-next?next=true", self._staff, None)
        return await self._post(f"{intake}/v1/visits/{visit['id']}/{outcome}", self._staff, {**citizen, "body": text})

    async def _booth(self, citizen: dict[str, str] | None = None, text: str | None = None) -> str:
        if citizen is None or text is None:
            visitor = {"name": "Pak Contoh", "phone": "0813-5550-7788"}
            visit = await self._booth_visit(visitor, "Pesangon saya belum dibayar.", "escalate", "loket-1")
            await self._message(to="+6281355507788", containing=visit["tracking_code"])
        else:
            visit = await self._booth_visit(citizen, text, "settle", "loket-2")
        return str(visit["tracking_code"])

    async def _tickets_of(self, channels: Sequence[str]) -> list[dict[str, Any]] | None:
        """Every ticket, once there are as many of each channel as were brought by it."""
        tickets = await self._tickets()
        return tickets if Counter(ticket["channel"] for ticket in tickets) >= Counter(channels) else None

    async def _tickets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"limit": 1000}
        while True:
            page = await self._get(f"{self._at.tickets_url}/v1/tickets", query)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    def _tell_where_they_are(self, tickets: Sequence[dict[str, Any]]) -> None:
        self._story.complaints["by_unit"] = dict(Counter(ticket["unit_name"] for ticket in tickets).most_common())
        first = {ticket["channel"]: ticket for ticket in tickets}
        told = ("channel", "tracking_code", "topic", "unit_name", "status")
        self._story.channels = [{name: first[channel][name] for name in told} for channel in sorted(first)]

    # -- one ----------------------------------------------------------------------------------------------------

    async def _hero(self) -> dict[str, Any]:
        """One citizen's case, from the first word to the answered survey."""
        email, tickets = _HERO["email"], self._at.tickets_url
        async with self.step("a citizen complains by chat, and is told the code and the due date"):
            body = "Intensif saya belum cair padahal sertifikat sudah ada. Sudah tiga minggu."
            chat = await self._post(f"{self._at.intake_url}/v1/chats", self._door, {**_HERO, "body": body})
            code = chat["tracking_code"]
            own = {"Authorization": f"Bearer {chat['chat_token']}"}
            lines = f"{self._at.intake_url}/v1/chats/{chat['chat_id']}/messages"
            await self._post(lines, own, {"body": "Nama saya sesuai KTP, rekening juga aktif."})
            await self._message(to=email, containing=code, reason="opened")
        found = await self._get(f"{tickets}/v1/tickets", {"tracking_code": code})
        ticket = f"{tickets}/v1/tickets/{found['items'][0]['id']}"
        async with self.step("an agent escalates: the due date is sent"):
            await self._post(f"{ticket}/escalate", self._staff, {"reason": "perlu pencocokan data rekening"})
            await self._message(to=email, containing=code, reason="escalated")
        async with self.step("an agent answers: in the chat (by e-mail only if it is not read there)"):
            answer = "Data rekening sudah kami cocokkan. Insentif dikirim ulang hari ini."
            await self._post(f"{ticket}/reply", self._staff, {"body": answer})
            self._story.chat = await self._until(lambda: self._chat_shows(lines, own, answer))
        async with self.step("the case is resolved: told, and invited to the survey"):
            await self._post(f"{ticket}/resolve", self._staff, {"body": "Insentif sudah masuk ke rekening."})
            await self._message(to=email, containing=code, reason="resolved")
            invitation = await self._message(to=email, containing=code, reason="invited")
        async with self.step("the citizen answers by the one-time link"):
            link = _LINK.search(invitation["body"])
            if link is None:
                raise DemoFailed("The invitation holds no link.")
            answers = dict.fromkeys(("U1", "U2", "U3", "U5", "U6", "U7", "U8", "U9"), 4) | {"U4": 4, "U3": 3}
            form = {"token": link.group(1), "answers": answers, "nps": 9}
            await self._post(f"{self._at.survey_index_url}/v1/responses", {}, form)
        self._story.ticket = await self._get(ticket, {})
        self._story.nps = await self._get(f"{self._at.survey_index_url}/v1/index/nps", {"survey": "layanan"})
        received = await self._get(f"{self._at.sandbox_url}/messages", {"to": email})
        self._story.received = received["items"]
        return self._story.ticket

    async def _three_ways(self) -> None:
        """One citizen who fears that nobody listens: by chat, mail and telephone it is one case."""
        tickets = f"{self._at.tickets_url}/v1/tickets"
        complaint = "Refund e-wallet saya belum kembali, melebihi limit e-money katanya."
        async with self.step("a citizen complains by chat, and is asked for what is missing, by nobody but the rules"):
            chat = await self._post(f"{self._at.intake_url}/v1/chats", self._door, {**_INSISTENT, "body": complaint})
            own = {"Authorization": f"Bearer {chat['chat_token']}"}
            lines = f"{self._at.intake_url}/v1/chats/{chat['chat_id']}/messages"
            asked = await self._until(lambda: self._line_of_an_agent(lines, own))
        [found] = (await self._get(tickets, {"tracking_code": chat["tracking_code"]}))["items"]
        ticket = f"{tickets}/{found['id']}"
        async with self.step("he writes the same by mail: it joins his case by itself"):
            await hooks.email(self._at, sender=_INSISTENT["email"], text=complaint)
            await self._until(lambda: self._has_lines(ticket, 3))
        async with self.step("he telephones, of which no words are known: an agent finds the call by his number"):
            await hooks.telephone(self._http, self._at, sender="6281255504321")
            call = await self._until(lambda: self._call_of(_INSISTENT["phone"]))
            await self._post(f"{tickets}/{call['id']}/merge", self._staff, {"into": found["id"]})
        async with self.step("he answers in the chat: the number is found in his words, and the clock goes on"):
            await self._post(lines, own, {"body": f"Nomornya {_NUMBER}, terima kasih."})
            await self._until(lambda: self._lacks_nothing(ticket))
        async with self.step("its time runs out: it goes up by itself"):
            due = {"clock": "resolution", "due_at": _in_a_second(), "reason": "demo"}
            await self._post(f"{ticket}/set-due", self._staff, due)
            await self._until(lambda: self._went_up(ticket))
        shown = await self._get(ticket, {})
        explained = await self._get(f"{ticket}/sla", {"lang": "id"})
        words = {clock["kind"]: clock["words"] for clock in explained["clocks"]}
        self._story.three_ways = {"asked": asked, "ticket": shown, "sla": words}

    async def _line_of_an_agent(self, lines: str, own: dict[str, str]) -> str | None:
        items = self._read(await self._http.get(lines, headers=own))["items"]
        return next((str(item["body"]) for item in items if item["author"] == "agent"), None)

    async def _has_lines(self, ticket: str, count: int) -> bool:
        return len((await self._get(ticket, {}))["entries"]) >= count

    async def _call_of(self, number: str) -> dict[str, Any] | None:
        found = await self._get(f"{self._at.tickets_url}/v1/tickets", {"channel": "call", "q": number})
        return next(iter(found["items"]), None)

    async def _went_up(self, ticket: str) -> bool:
        return bool((await self._get(ticket, {}))["escalation_level"])

    async def _lacks_nothing(self, ticket: str) -> bool:
        shown = await self._get(ticket, {})
        return bool(shown["missing"] == [] and shown["status"] == "open")

    async def _chat_shows(self, lines: str, own: dict[str, str], answer: str) -> list[dict[str, Any]] | None:
        response = await self._http.get(lines, headers=own)
        items: list[dict[str, Any]] = self._read(response)["items"]
        return items if any(item["body"] == answer for item in items) else None

    async def _message(self, *, to: str, containing: str, reason: str | None = None) -> dict[str, Any]:
        async def find_message() -> dict[str, Any] | None:
            items = (await self._get(f"{self._at.sandbox_url}/messages", {"to": to}))["items"]
            for item in items:
                about = item["headers"].get("X-Satu-Atap-Reason")
                if containing in item["subject"] + item["body"] and reason in (None, about):
                    return dict(item)
            return None

        return await self._until(find_message)

    # -- indices ------------------------------------------------------------------------------------------------

    async def _indices(self) -> None:
        survey_index = self._at.survey_index_url
        content = (_DATA / "skm_72_respondents.csv").read_bytes()
        response = await self._http.post(
            f"{survey_index}/v1/surveys/skm-2020/responses:import",
            content=content,
            params={"answered_on": "2020-01-01..2020-06-30"},
            headers={**self._staff, "Content-Type": "text/csv"},
        )
        self._read(response)
        for edition in ("kep25_2004", "permenpanrb14_2017"):
            figure = await self._get(f"{survey_index}/v1/index/skm", {"survey": "skm-2020", "edition": edition})
            self._story.indices.append(figure)
        found = [(figure["index"], figure["grade"]) for figure in self._story.indices]
        if found != [(87.73, "A"), (87.73, "B")]:
            raise DemoFailed(f"The index of 2020 is 87.73, A under 2004 and B under 2017; this is {found}.")

    # -- requests -----------------------------------------------------------------------------------------------

    async def _get(self, url: str, query: dict[str, Any]) -> dict[str, Any]:
        return self._read(await self._http.get(url, params=query, headers=self._staff))

    async def _post(self, url: str, headers: dict[str, str], body: dict[str, Any] | None) -> dict[str, Any]:
        return self._read(await self._http.post(url, headers=headers, json=body))

    async def _put(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._read(await self._http.put(url, headers=self._staff, json=body))

    @staticmethod
    def _read(response: httpx.Response) -> dict[str, Any]:
        if not response.is_success:
            raise DemoFailed(f"{response.request.method} {response.request.url.path}: {response.text}")
        answer: dict[str, Any] = response.json()
        return answer

    @staticmethod
    async def _until(find: Callable[[], Awaitable[T | None]]) -> T:
        """What `find` finds, as soon as it finds it. Raises `DemoFailed` when it takes too long."""
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE_SECONDS:
            found = await find()
            if found:
                return found
            await asyncio.sleep(0.02)
        raise DemoFailed(f"Something did not happen within {_PATIENCE_SECONDS} s.")


def _in_a_second() -> str:
    return (datetime.now(UTC) + timedelta(seconds=1)).isoformat()


def _number_of(citizen: dict[str, str]) -> str:
    """A number of his own for each citizen who has a number in his name."""
    return f"62812555{int(citizen['name'].rpartition(' ')[2]):05d}"
