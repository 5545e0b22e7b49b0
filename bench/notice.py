"""notice.p50_ms, notice.p99_ms.

From the beginning of the request that opens a case, in a house where nothing else happens, until the sandbox has the
opening notice by e-mail: six commits, two streams and an SMTP dialogue, one contact after another. A worker that waited
for its next poll would show as up to 250 ms.
"""

import asyncio
import statistics
import time
from datetime import datetime

import httpx

from services.local.house import House

_PAUSE_SECONDS = 0.05
_PATIENCE_SECONDS = 60


async def measure(house: House, *, contacts: int) -> dict[str, float]:
    """The two figures, from so many contacts."""
    at = house.credentials
    headers = {"Authorization": f"Bearer {at.integration_key}"}
    began: dict[str, float] = {}
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for number in range(contacts):
            address = f"sendiri{number}@surel.example"
            began[address] = time.time()
            form = {"email": address, "body": "Insentif belum cair."}
            (await http.post(f"{at.intake_url}/v1/contacts", json=form, headers=headers)).raise_for_status()
            await asyncio.sleep(_PAUSE_SECONDS)
        had = await _received(http, at.sandbox_url, began)
    taken = sorted((had[address] - moment) * 1000 for address, moment in began.items())
    return {"p50_ms": round(statistics.median(taken), 1), "p99_ms": round(taken[int(len(taken) * 0.99) - 1], 1)}


async def _received(http: httpx.AsyncClient, sandbox: str, wanted: dict[str, float]) -> dict[str, float]:
    """When the sandbox had the notice for each address. Raises `TimeoutError` when one does not come."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        found: dict[str, float] = {}
        cursor = 0
        while cursor is not None:
            page = (await http.get(f"{sandbox}/messages", params={"limit": 1_000, "after": cursor})).json()
            items = [item for item in page["items"] if item["to"] in wanted]
            found |= {item["to"]: datetime.fromisoformat(item["at"]).timestamp() for item in items}
            cursor = page["next_cursor"]
        if len(found) == len(wanted):
            return found
        await asyncio.sleep(0.2)
    raise TimeoutError("not every notice came")
