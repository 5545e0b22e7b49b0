"""hold.longest_ms.

How long the loop of intake is kept from everybody else at a time, while 500 complaints of 20,000 characters that came
together are committed: the longest pause between two turns of a task that does nothing but take turns.
"""

import asyncio
import time

from services.intake.domain.chats import Allowance
from services.intake.schemas.contacts import ContactIn
from services.intake.service.acceptance import Acceptor
from services.intake.service.arrivals import Arrivals
from services.intake.service.contacts import Contacts, Origin
from services.intake.service.group_commit import QueueLimits
from services.intake.settings import IntakeSettings
from services.local.house import House
from shared import telemetry
from shared.clock import utcnow
from shared.db import Database
from shared.events import Trace
from shared.seal import Seal
from shared.secret import Secrets
from shared.signing import Capabilities

_COMPLAINTS = 500
_LENGTH = 20_000


async def measure(house: House, secrets: Secrets) -> dict[str, float]:
    """The figure, from the acceptor as `services.intake.main` wires it."""
    telemetry.configure("bench", "hold", "warning")
    settings = IntakeSettings()
    db = Database(house.credentials.database_url, schema="intake")
    limits = QueueLimits(settings.queue_limit, settings.queue_bytes, settings.batch_limit, settings.batch_bytes)
    allowance = Allowance(settings.chat_lines_per_minute, settings.chat_lines, settings.chat_characters)
    acceptor = Acceptor(db=db, limits=limits, arrivals=Arrivals(), allowance=allowance)
    contacts = Contacts(seal=Seal(secrets), chat_tokens=Capabilities(secrets, "chats"))
    form = ContactIn(body="Insentif. " * (_LENGTH // 10))
    items = [
        contacts.from_form(form, Origin("key:bench", Trace(str(number)), utcnow())) for number in range(_COMPLAINTS)
    ]
    accepting = [asyncio.create_task(acceptor.accept(item)) for item in items]
    done = asyncio.Event()
    longest = asyncio.create_task(_longest_pause(done))
    await asyncio.sleep(0)
    while not all(task.done() for task in accepting):
        await acceptor.step()
    done.set()
    await db.close()
    return {"longest_ms": round(await longest * 1000, 1)}


async def _longest_pause(done: asyncio.Event) -> float:
    longest, last = 0.0, time.perf_counter()
    while not done.is_set():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest
