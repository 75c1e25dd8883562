"""Whether a request comes from a page of ours."""

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def expected_origin(public_origin: str | None, host: str | None) -> str | None:
    """Return the only origin whose pages may call, or None when there is none.

    Without a configured origin the gateway is on loopback over plain HTTP, and its origin is
    the Host header's as long as that names the loopback interface: a rebound DNS name does not.
    """
    if public_origin is not None:
        return public_origin
    if host is None:
        return None
    try:
        hostname = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return f"http://{host.lower()}" if hostname in _LOOPBACK else None


def is_same_origin(origin: str | None, fetch_site: str | None, expected: str | None) -> bool:
    """Judge Origin and Sec-Fetch-Site: whichever is present must say same-origin.

    A client that sends neither is no browser, so nobody's ambient cookie is at stake.
    """
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    return origin is None or (expected is not None and origin.lower() == expected)
