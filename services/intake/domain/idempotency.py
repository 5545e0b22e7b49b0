"""When two requests are the same request."""

import hashlib

import orjson


def fingerprint(route: str, body: object) -> str:
    """What a request says, as 64 hex digits: equal for equal bodies, whatever the order of their fields.

    `route` is part of it, so that one key cannot name two different things.
    """
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(route.encode() + b"\n" + canonical).hexdigest()
