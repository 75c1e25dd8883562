"""Opening accounts and giving out API keys."""

import secrets
import string
from dataclasses import dataclass
from decimal import Decimal

from ct_kit.domain.identifiers import new_id
from ct_kit.errors import FieldError, InvalidRequest
from ct_simulator.app.exchange import Exchange
from ct_simulator.app.public_keys import load_public_key
from ct_simulator.domain.keys import ApiKey, KeyKind
from ct_simulator.domain.ledger import Account
from ct_simulator.domain.listing import ASSET_PRECISION
from ct_simulator.ports import Keys

_ALPHABET = string.ascii_letters + string.digits
_KEY_LENGTH = 64  # keys and secrets of the real venue have 64 characters
_MAX_BALANCE = Decimal(10) ** 15  # leaves all arithmetic exact in 28 digits


@dataclass(frozen=True, slots=True)
class Opened:
    """A new account and its first key, if it got one."""

    account: Account
    key: ApiKey | None


class Customers:
    """Open accounts and make keys."""

    def __init__(self, exchange: Exchange, keys: Keys) -> None:
        self._exchange = exchange
        self._keys = keys

    async def open(
        self,
        label: str,
        balances: dict[str, Decimal],
        public_key_pem: str | None,
        idempotency_key: str | None,
    ) -> Opened:
        """Open an account; the same idempotency key and body give the same account again.

        Raises InvalidRequest for an amount or key that cannot be, or a key used for another body.
        """
        for asset, amount in balances.items():
            if amount > _MAX_BALANCE or amount % ASSET_PRECISION:
                raise _invalid(
                    f"body.balances.{asset}",
                    "is too large or too precise",
                    "Send at most 1000000000000000 with at most 8 digits behind the point.",
                )
        if public_key_pem is not None:
            _check_pem(public_key_pem)
        known = self._known(idempotency_key)
        if known is not None:
            return self._again(known, label, balances, public_key_pem)
        account = self._exchange.open_account(new_id("acc"), label, balances, idempotency_key)
        await self._exchange.commit()
        key = None
        if public_key_pem is not None:
            key = self.add_key(account, KeyKind.ED25519, public_key_pem)
        return Opened(account, key)

    def add_key(self, account: Account, kind: KeyKind, public_key_pem: str | None) -> ApiKey:
        """Make a key of an account; of an HMAC key the material is a new secret."""
        if public_key_pem is not None:
            _check_pem(public_key_pem)
        key = ApiKey(
            _random(),
            account.account_id,
            kind,
            public_key_pem or _random(),
            self._exchange.market.clock.now_ms(),
        )
        self._keys.put(key)
        return key

    def _known(self, idempotency_key: str | None) -> Account | None:
        if idempotency_key is None:
            return None
        accounts = self._exchange.ledger.accounts.values()
        return next((a for a in accounts if a.idempotency_key == idempotency_key), None)

    def _again(
        self, account: Account, label: str, balances: dict[str, Decimal], pem: str | None
    ) -> Opened:
        keys = self._keys.of_account(account.account_id)
        same_key = next((key for key in keys if key.material == pem), None)
        if account.label != label or account.opening != balances:
            raise InvalidRequest(
                "idempotency_key_reused", "this Idempotency-Key was used for another account"
            )
        if pem is not None and same_key is None:
            # the first attempt may have ended between the account and its key
            same_key = self.add_key(account, KeyKind.ED25519, pem)
        return Opened(account, same_key)


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_KEY_LENGTH))


def _check_pem(pem: str) -> None:
    try:
        load_public_key(pem)
    except ValueError as error:
        raise _invalid(
            "body.public_key_pem",
            "is not an Ed25519 public key",
            "Send the SubjectPublicKeyInfo of an Ed25519 key as PEM.",
        ) from error


def _invalid(field: str, message: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(
        "validation_failed", f"{field} {message}", fields=[FieldError(field, message, remedy)]
    )
