"""Asks the venue what a key may do and tells the vault. A key that may withdraw is refused."""

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.errors import as_problem
from ct_exchange_bridge.ports.stores import KeyVault
from ct_exchange_bridge.ports.venue import Credential, OrderVenue
from ct_kit.contracts.keys import Key, KeyPermissions, VerificationReport

_THE_KEY = frozenset({VenueErrorKind.AUTH_FAILED, VenueErrorKind.PERMISSION_DENIED})


class VerifyKey:
    """The preflight of safety.md T4."""

    def __init__(self, venue: OrderVenue, vault: KeyVault) -> None:
        self._venue = venue
        self._vault = vault

    async def __call__(self, owner: str, key_id: str) -> Key:
        """Check the key at the venue, record the result in the vault and return the key.

        Raises `NotFound` for a key that is not this owner's, `Unavailable` where the venue gave
        no answer about the key (its state then stays as it was).
        """
        try:
            rights = await self._venue.key_rights(Credential(owner, key_id))
        except VenueError as error:
            if error.kind not in _THE_KEY:
                raise as_problem(error) from error
            reason = f"The venue does not accept the key: {error.message}"[:300]
            report = VerificationReport(state="refused", reason=reason)
            return await self._vault.report(owner, key_id, report)
        permissions = KeyPermissions(
            can_read=rights.can_read,
            can_trade=rights.can_trade,
            can_withdraw=rights.can_withdraw,
            ip_restricted=rights.ip_restricted,
        )
        report = VerificationReport(
            state="refused" if _fault(permissions) else "verified",
            reason=_fault(permissions),
            permissions=permissions,
        )
        return await self._vault.report(owner, key_id, report)


def _fault(permissions: KeyPermissions) -> str | None:
    if permissions.can_withdraw:
        return "The key may withdraw or transfer. Make one at the exchange that may only trade."
    if not permissions.can_read:
        return "The key may not read. Allow reading at the exchange."
    if not permissions.can_trade:
        return "The key may not trade on spot. Allow spot trading at the exchange."
    return None
