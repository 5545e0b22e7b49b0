"""What works behind intake: when the reader of replies fails, contacts are accepted all the same."""

import httpx
from sqlalchemy import text

from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.events import STREAMS
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually
from tests.services.intake.given import FORM, api_key, ticket_replied
from tests.serving import serving


async def test_reader_of_replies_that_fails_is_named_by_readyz_and_no_contact_is_refused(
    common: CommonSettings, clock: FrozenClock, redis: object
) -> None:
    service = build(common, IntakeSettings(), clock)
    headers = await api_key(service.db, "contacts:write")
    async with service.db.transaction() as session:
        await session.execute(text("ALTER TABLE intake.chat_replies RENAME TO chat_replies_of_tomorrow"))
    async with serving(service, workers=service.workers) as http:
        chat = (await http.post("/v1/chats", headers=headers, json=FORM)).json()
        event = ticket_replied(chat["chat_id"])
        await redis.xadd(STREAMS["tickets"].key, {"event": event.encode()})  # type: ignore[attr-defined]

        async def in_trouble() -> httpx.Response | None:
            readyz = await http.get("/readyz")
            return readyz if "reader of tickets" in readyz.json()["checks"] else None

        readyz = await eventually(in_trouble)
        assert isinstance(readyz, httpx.Response)
        assert (readyz.status_code, readyz.json()["status"]) == (200, "ready")
        assert "UndefinedTableError 42P01" in readyz.json()["checks"]["reader of tickets"]
        assert (await http.post("/v1/contacts", headers=headers, json=FORM)).status_code == 202

        # and: mended, it goes on by itself, and has buried nothing
        async with service.db.transaction() as session:
            await session.execute(text("ALTER TABLE intake.chat_replies_of_tomorrow RENAME TO chat_replies"))

        async def shown() -> bool:
            lines = (await http.get(f"/v1/chats/{chat['chat_id']}/messages", headers=agent)).json()["items"]
            return any(line["author"] == "agent" for line in lines)

        agent = {"Authorization": f"Bearer {chat['chat_token']}"}

        async def well() -> bool:
            return bool((await http.get("/readyz")).json()["checks"] == {"postgres": "ok", "redis": "ok"})

        await eventually(shown)
        await eventually(well)
