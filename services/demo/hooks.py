"""The other side of channels: it calls and signs as WhatsApp and LINE do, and as mail servers and telephones."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

import aiosmtplib
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


async def email(at: Credentials, *, sender: str, text: str) -> None:
    """A mail, handed over as mail servers do."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "lapor@satuatap.example", "Pengaduan"
    mail["Message-ID"], mail["Date"] = make_msgid(domain="surel.example"), format_datetime(datetime.now(UTC))
    mail.set_content(text)
    await aiosmtplib.send(mail, hostname=at.mail_host, port=at.mail_port)


async def telephone(http: httpx.AsyncClient, at: Credentials, *, sender: str) -> None:
    """A call that an officer answers and passes on: what was said in it, no machine knows."""
    began, call_id = datetime.now(UTC), str(new_id())
    headers = {"Authorization": f"Bearer {at.integration_key}"}
    calls = f"{at.intake_url}/v1/calls"
    form = {"call_id": call_id, "from": f"+{sender}", "to": "1708", "at": began.isoformat()}
    (await http.post(calls, json=form, headers=headers)).raise_for_status()
    (await http.post(f"{calls}/{call_id}/digits", json={"digits": "2"}, headers=headers)).raise_for_status()
    for event, seconds in (("answered", 8), ("transferred", 60), ("ended", 120)):
        told = {"event": event, "at": (began + timedelta(seconds=seconds)).isoformat()}
        (await http.post(f"{calls}/{call_id}/events", json=told, headers=headers)).raise_for_status()


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


async def _call(http: httpx.AsyncClient, url: str, content: bytes, headers: dict[str, str]) -> None:
    answer = await http.post(url, content=content, headers={"Content-Type": "application/json", **headers})
    answer.raise_for_status()
