"""The channels that others call."""

from collections.abc import Mapping
from datetime import datetime

from services.intake.channels.channel import Channel, Webhook
from services.intake.models.raw import Raw
from shared.errors import NotFound
from shared.events import Trace
from shared.ids import new_id

_UNDERSTOOD_WITH = ("content-type",)
"""Headers without which the bytes mean nothing."""


class Hooks:
    """The channels that may be called, by their names."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    def greet(self, name: str, query: Mapping[str, str]) -> str:
        """What the channel of this name answers to a handshake. Raises `NotFound` and `NotOurs`."""
        return self._channel(name).greet(query)

    def raw(self, name: str, webhook: Webhook, trace: Trace, now: datetime) -> Raw:
        """What was brought to the channel of this name, ready to be kept. Raises `NotFound` and `NotGenuine`."""
        channel = self._channel(name)
        return Raw(
            id=new_id(),
            channel=channel.name,
            account=channel.authenticate(webhook),
            content=webhook.content,
            headers={header: webhook.headers[header] for header in _UNDERSTOOD_WITH if header in webhook.headers},
            received_at=now,
            correlation_id=trace.correlation_id,
            traceparent=trace.traceparent,
        )

    def _channel(self, name: str) -> Channel:
        channel = self._channels.get(name)
        if channel is None:
            raise NotFound("There is no such channel.")
        return channel
