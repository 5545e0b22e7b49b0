"""Where an engine is, as the environment says it: `NAME_URL`, and `NAME_PASSWORD` for a password as it is.

In a URL some characters of a password mean something else. Apart from it they need no care.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import quote


class BadAddress(ValueError):
    """An address that cannot be meant as it is written; the text names its variable, and holds nothing of it."""


def url_in(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The address that `environment` gives for `name`, such as DATABASE. Raises `BadAddress`."""
    url = environment.get(f"{name}_URL")
    return complete(name, url, environment.get(f"{name}_PASSWORD")) if url else None


def complete(name: str, url: str, password: str | None) -> str:
    """`url` with `password` in it, written as a URL needs it. Raises `BadAddress`."""
    scheme, _, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    if "@" in user or "@" in rest[len(authority) :] or re.search("%(?![0-9A-Fa-f]{2})", user):
        raise BadAddress(
            f"{name}_URL cannot be read: in its user and password, @ / : ? # % are written %40 %2F %3A %3F %23 %25; "
            f"or leave the password out, and give it as it is in {name}_PASSWORD"
        )
    if not password:
        return url
    if ":" in user:
        raise BadAddress(f"{name}_URL has a password already: leave it out there, or do not set {name}_PASSWORD")
    return f"{scheme}://{user}:{quote(password, safe='')}@{host if at else authority}{rest[len(authority) :]}"
