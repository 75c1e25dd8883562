"""Authorize: what the roles of a session allow. Ownership is the services' to judge."""

from ct_gateway.operations import Access
from ct_gateway.pipeline.call import Call
from ct_kit.errors import Forbidden

_MAY_TRADE = frozenset({"trader", "admin"})


def authorize(call: Call) -> None:
    """Refuse what the user's roles do not cover; raises `Forbidden` (`role_missing`)."""
    if call.operation.access is Access.TRADER and _MAY_TRADE.isdisjoint(call.signed_in.user.roles):
        raise Forbidden("role_missing", "A viewer may look but not change anything.")
