"""Which addresses are out there: globally routable unicast, and nothing that leads back inside."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# IANA special-purpose registries (RFC 6890 and updates). Kept by hand next to `is_global`: what
# the standard library counts as global changed between Python releases, and transition prefixes
# (NAT64, 6to4, Teredo) embed IPv4 addresses it does not look into.
_FORBIDDEN = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)

Address = IPv4Address | IPv6Address


class AddressRefusedError(Exception):
    """A name resolved, at least partly, to where nothing may be sent."""


def pin(answers: Iterable[str]) -> str:
    """Return the address to connect to, if every answer of the resolver is global.

    One bad answer refuses the name: whoever can slip one in can slip it in first next time.
    """
    pinned: str | None = None
    for answer in answers:
        try:
            address = ip_address(answer)
        except ValueError as malformed:
            raise AddressRefusedError("the resolver answered with no address") from malformed
        if not is_outside(address):
            raise AddressRefusedError("the name leads to an address that is not global")
        pinned = pinned or str(address)
    if pinned is None:
        raise AddressRefusedError("the name leads nowhere")
    return pinned


def is_outside(address: Address) -> bool:
    """Say whether an address is global unicast by our list and the standard library's."""
    listed = any(address.version == block.version and address in block for block in _FORBIDDEN)
    return address.is_global and not address.is_multicast and not listed
