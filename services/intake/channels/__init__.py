"""The channels, one file each. A new one is a class in a file of its own and a line here: docs/adding-a-channel.md."""

from collections.abc import Mapping

from services.intake.channels.channel import Channel
from services.intake.settings import IntakeSettings


def channels_of(settings: IntakeSettings) -> Mapping[str, Channel]:  # noqa: ARG001 - the first one to need them is on its way
    """Every channel that these settings open, by its name."""
    opened: list[Channel] = []
    return {channel.name: channel for channel in opened}
