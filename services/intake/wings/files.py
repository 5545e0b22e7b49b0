"""Files of citizens."""

from collections.abc import Sequence

from services.intake.api import attachments as attachment_routes
from services.intake.jobs.loose_files import LooseFiles
from services.intake.jobs.media import MediaFetcher
from services.intake.providers.media import MediaSource
from services.intake.repository.attachments import forget_attachments
from services.intake.service.attachments import Attachments
from services.intake.service.media import Media
from services.intake.storage import Store
from services.intake.wings.ground import Ground, Wing
from shared.retention import Rule


def files_wing(ground: Ground, store: Store, attachments: Attachments, sources: Sequence[MediaSource]) -> Wing:
    """Files of citizens: how they come, are seen, and go (ADR 39)."""
    db = ground.pipes.db
    media = Media(db=db, store=store)
    return Wing(
        routers=[attachment_routes.router],
        parts=[attachments],
        workers=[
            LooseFiles(db=db, store=store),
            *(MediaFetcher(source=source, media=media) for source in sources),
        ],
        keep=[Rule("attachments", ground.texts, forget_attachments)],
    )
