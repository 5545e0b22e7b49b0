"""What goes in and out over HTTP; here, what several forms have."""

from typing import Annotated

from pydantic import StringConstraints

from shared.text import OneLine

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
UnitName = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()]
Short = Annotated[str, StringConstraints(max_length=500)]
