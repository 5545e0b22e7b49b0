"""Who calls, from which page, and whom we ask, as text: addresses, networks, origins and URLs."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_USUAL_PORTS = {"http": "80", "https": "443"}


def household(host: str) -> str:
    """Whom a limit counts as one: an IPv4 address, or the /64 of an IPv6 address, of which one subscriber has them all.

    What is no address (a proxy may say `unknown`) stands for itself.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address) >> 64 << 64, 64)))


def network(text: str) -> str:
    """An address or a network that somebody named. Raises `ValueError` with a sentence."""
    try:
        named = ip_network(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither an address nor a network, such as 10.0.3.7 or 10.0.0.0/16 (no bit set behind the /16)"
        ) from None
    if named.prefixlen == 0:
        raise ValueError(f"{text!r} is everybody, and who believes everybody counts nobody: name the proxies alone")
    return str(named)


def origin(text: str) -> str:
    """The origin of a page, as a browser sends it. Raises `ValueError` with a sentence."""
    known = _ORIGIN.fullmatch(text)
    if known is None or known["port"] == _USUAL_PORTS[known["scheme"]]:
        raise ValueError(
            f"{text!r} is no origin as a browser sends it: https://, the host in small letters, a port unless it is "
            "the usual one, and nothing after it, such as https://www.contoh.go.id"
        )
    return text


def is_safe_url(text: str) -> bool:
    """Whether what is fetched from there comes from there: by https, or from this machine."""
    try:
        url = urlsplit(text)
        host = url.hostname or ""
    except ValueError:
        return False
    if url.scheme == "https":
        return bool(host)
    return url.scheme == "http" and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
