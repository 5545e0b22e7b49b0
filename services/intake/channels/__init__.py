"""The channels, one file each. A new one is a class in a file of its own and a line here: docs/adding-a-channel.md."""

from collections.abc import Mapping

from services.intake.channels.channel import Channel
from services.intake.channels.email import Email
from services.intake.channels.line import Line
from services.intake.channels.whatsapp import WhatsApp
from services.intake.settings import IntakeSettings, values_in
from shared.signing import Capabilities


def channels_of(settings: IntakeSettings, mail_tokens: Capabilities) -> Mapping[str, Channel]:
    """Every channel that these settings open, by its name."""
    opened: list[Channel] = [Email(own=settings.mail_addresses, tokens=mail_tokens)]
    if settings.whatsapp_app_secret and settings.whatsapp_verify_token:
        secrets, token = settings.whatsapp_app_secret, settings.whatsapp_verify_token
        opened.append(WhatsApp(secrets=values_in(secrets), verify_token=token.get_secret_value()))
    if settings.line_channel_secret:
        opened.append(Line(secrets=values_in(settings.line_channel_secret)))
    return {channel.name: channel for channel in opened}
