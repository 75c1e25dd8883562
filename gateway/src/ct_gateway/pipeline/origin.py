"""Same origin: an unsafe call, or a stream, only from a page of ours."""

from ct_gateway.domain.origin import expected_origin, is_same_origin
from ct_gateway.pipeline.call import Inbound
from ct_kit.errors import Forbidden


def require_same_origin(headers: Inbound, public_origin: str | None) -> None:
    """Refuse what another site's page sent; raises `Forbidden` (`origin_refused`)."""
    expected = expected_origin(public_origin, headers.single(b"host"))
    origin = headers.single(b"origin")
    if not is_same_origin(origin, headers.single(b"sec-fetch-site"), expected):
        raise Forbidden("origin_refused", "Calls from pages of another site are refused.")
