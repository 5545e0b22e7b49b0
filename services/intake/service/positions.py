"""Where a caller is in a menu, sealed: among what he typed may be the number of his card."""

from pydantic import TypeAdapter

from services.intake.domain.turns import Position
from shared.seal import Seal

_POSITION = TypeAdapter(Position)


def closed(seal: Seal, position: Position) -> str:
    """The sealed form of a position."""
    return seal.close(_POSITION.dump_json(position).decode())


def opened(seal: Seal, sealed: str) -> Position:
    """The position in `sealed`."""
    return _POSITION.validate_json(seal.open(sealed))
