"""Where the files are that a channel tells only by reference, one file for each that keeps some."""

from collections.abc import Sequence

from services.intake.providers.line import LineMedia
from services.intake.providers.media import MediaSource
from services.intake.providers.whatsapp import WhatsAppMedia
from services.intake.settings import IntakeSettings


def media_sources(settings: IntakeSettings) -> Sequence[MediaSource]:
    """Those that the settings let us into."""
    sources: list[MediaSource] = []
    if settings.whatsapp_access_token:
        sources.append(WhatsAppMedia(settings.whatsapp_graph_url, settings.whatsapp_access_token))
    if settings.line_access_token:
        sources.append(LineMedia(settings.line_data_url, settings.line_access_token))
    return sources
