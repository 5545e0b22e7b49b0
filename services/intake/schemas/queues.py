"""What an officer says when he sends a visitor on."""

from services.intake.schemas.booths import ServiceName
from shared.http import Model, example


class TransferIn(Model):
    """To which service of the booth a visitor goes."""

    model_config = example(service="pengaduan")
    service: ServiceName
