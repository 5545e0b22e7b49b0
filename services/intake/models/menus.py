"""A telephone menu as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class MenuVersion:
    """A version of a menu, with its definition as JSON. Versions count from 1, and none is ever changed."""

    name: str
    version: int
    definition: Mapping[str, Any]
    written_by: str
    written_at: datetime
