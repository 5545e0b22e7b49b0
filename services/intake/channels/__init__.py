"""The channels, one file each. A new one is a class in a file of its own and a line here: docs/adding-a-channel.md."""

from collections.abc import Mapping

from services.intake.channels.channel import Channel
from services.intake.channels.email import Email
from services.intake.settings import IntakeSettings
from shared.seal import Capabilities


def channels_of(settings: IntakeSettings, mail_tokens: Capabilities) -> Mapping[str, Channel]:
    """Every channel that these settings open, by its name."""
    opened: list[Channel] = [Email(own=settings.mail_addresses, tokens=mail_tokens)]
    return {channel.name: channel for channel in opened}
