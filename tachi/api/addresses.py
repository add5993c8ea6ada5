"""Network addresses: which one a request comes from, and which are this machine's."""

import ipaddress
import re

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings

#: What belongs to one subscriber: whoever has an IPv6 address has all of its /64.
PREFIX = 64
WITH_PORT = re.compile(r"\[(?P<six>.+)\](:\d+)?|(?P<four>[\d.]+):\d+", re.ASCII)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(request: Request | HttpRequest) -> str:
    """The network that a request comes from: an IPv4 address, or an IPv6 /64.

    As the proxies of NUM_PROXIES tell it; if what they tell is no address, the proxy's.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    proxies = api_settings.NUM_PROXIES or 0
    if proxies and (told := request.META.get("HTTP_X_FORWARDED_FOR")):
        hops = told.split(",")
        direct = network(hops[-min(proxies, len(hops))]) or direct
    return network(direct) or direct or "nobody"


def network(text: str) -> str:
    """`192.0.2.1` or `2001:db8:1:2::/64`; empty for what is no address."""
    address = parsed(text)
    if address is None:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((int(address), PREFIX), strict=False))


def parsed(text: str) -> Address | None:
    """An address, with or without a port; an IPv4-mapped one is the IPv4 it maps."""
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found["six"] or found["four"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether a name or an address, maybe with a port, is of this machine only."""
    address = parsed(host)
    if address is not None:
        return address.is_loopback
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    name = name.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")
