"""The second factor: an authenticator's codes, each good once, and recovery codes."""

import secrets

from ct_auth.domain.accounts import Account, Factor, digest
from ct_auth.errors import CodeWrong
from ct_auth.ports import Clock, Codes, Factors
from ct_kit.errors import Conflict

_RECOVERY_CODES = 10
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_GROUPS, _GROUP_CHARS = 4, 5  # 100 bits: a plain hash of it cannot be searched


class SecondFactor:
    """Enrols, checks and removes an authenticator."""

    def __init__(self, factors: Factors, codes: Codes, clock: Clock) -> None:
        self._factors = factors
        self._codes = codes
        self._clock = clock

    def enrol(self, account: Account) -> tuple[str, str]:
        """Make a secret to confirm; return it and its otpauth URI, this once."""
        secret = self._codes.new_secret()
        if not self._factors.enrol(Factor(account.id, secret, confirmed=False, last_step=0)):
            raise Conflict("totp_enabled", "An authenticator is enrolled; disable it first.")
        return secret, self._codes.uri(secret, account.email)

    def confirm(self, account: Account, code: str) -> list[str]:
        """Enable the factor with its first code; return recovery codes, this once."""
        factor = self._factors.get(account.id)
        if factor is None or factor.confirmed:
            raise Conflict("totp_not_enrolling", "There is no authenticator to confirm.")
        step = self._codes.step_of(factor.secret, code, self._clock())
        recovery = [_recovery_code() for _ in range(_RECOVERY_CODES)]
        hashes = tuple(digest(code) for code in recovery)
        if step is None or not self._factors.confirm(account.id, factor.secret, step, hashes):
            raise CodeWrong
        return recovery

    def check(self, account: Account, code: str) -> str:
        """Spend a code or a recovery code; return which, or raise `CodeWrong`."""
        factor = self._factors.get(account.id)
        if factor is None or not factor.confirmed:
            raise CodeWrong
        if not code.isdecimal():
            if self._factors.use_recovery(account.id, digest(code)):
                return "recovery code"
            raise CodeWrong
        step = self._codes.step_of(factor.secret, code, self._clock())
        # The step is spent by compare-and-set: of two calls with one code, one gets in.
        if step is None or not self._factors.use_step(account.id, step):
            raise CodeWrong
        return "authenticator"

    def remove(self, account: Account) -> None:
        """Remove the factor; the caller has spent a code, so a stolen session alone cannot."""
        self._factors.remove(account.id)


def _recovery_code() -> str:
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
