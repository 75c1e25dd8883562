"""Time-based codes (RFC 6238, SHA-1, six digits, 30 seconds: what every app understands)."""

import hmac
from datetime import datetime

import pyotp

_STEP_S = 30
_SKEW_STEPS = 1  # RFC 6238, section 5.2: one step either way for clocks and typing
_ISSUER = "CryptoTrade"


class TotpCodes:
    """Codes of authenticator apps."""

    def new_secret(self) -> str:
        """Make a secret of 160 bits."""
        return pyotp.random_base32()

    def uri(self, secret: str, email: str) -> str:
        """Return the otpauth URI an app scans."""
        return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """Return the time step a code belongs to, or None where it is wrong now."""
        totp = pyotp.TOTP(secret)
        current = int(now.timestamp()) // _STEP_S
        for step in range(current - _SKEW_STEPS, current + _SKEW_STEPS + 1):
            if hmac.compare_digest(totp.generate_otp(step), code):
                return step
        return None
