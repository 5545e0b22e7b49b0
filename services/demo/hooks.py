"""The other side of channels: it calls and signs as WhatsApp and LINE do."""

import base64
import hmac
import json
import time
from typing import Any

import httpx

from services.local.house import Credentials
from shared.ids import new_id


async def whatsapp(http: httpx.AsyncClient, at: Credentials, *, sender: str, name: str, text: str) -> None:
    """A message by WhatsApp."""
    now = str(int(time.time()))
    message = {"from": sender, "id": f"wamid.{new_id()}", "timestamp": now, "type": "text", "text": {"body": text}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62215550123", "phone_number_id": "1"},
        "contacts": [{"profile": {"name": name}, "wa_id": sender}],
        "messages": [message],
    }
    content = _json({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
    mark = hmac.digest(at.hooks["whatsapp_app_secret"].encode(), content, "sha256").hex()
    await _call(http, f"{at.intake_url}/v1/hooks/whatsapp", content, {"X-Hub-Signature-256": f"sha256={mark}"})


async def line(http: httpx.AsyncClient, at: Credentials, *, sender: str, text: str) -> None:
    """A message by LINE."""
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "webhookEventId": str(new_id()),
        "source": {"type": "user", "userId": f"U{sender:0>32}"},
        "message": {"id": str(new_id()), "type": "text", "text": text},
    }
    content = _json({"destination": f"U{'9' * 32}", "events": [event]})
    mark = base64.b64encode(hmac.digest(at.hooks["line_channel_secret"].encode(), content, "sha256")).decode()
    await _call(http, f"{at.intake_url}/v1/hooks/line", content, {"X-Line-Signature": mark})


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


async def _call(http: httpx.AsyncClient, url: str, content: bytes, headers: dict[str, str]) -> None:
    answer = await http.post(url, content=content, headers={"Content-Type": "application/json", **headers})
    answer.raise_for_status()
