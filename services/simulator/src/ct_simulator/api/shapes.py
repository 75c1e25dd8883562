"""Bodies of the admin API."""

from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from ct_kit.contracts.common import AssetName, Label, NonNegativeDecimal, Request, View
from ct_simulator.domain.faults import FaultKind


class AccountCreate(Request):
    """A new account; with a public key also its first API key."""

    label: Label
    balances: dict[AssetName, NonNegativeDecimal] = Field(max_length=50)
    public_key_pem: str | None = Field(default=None, max_length=1000)


class AccountCreated(View):
    """What was made."""

    account_id: str
    api_key: str | None


class BalanceView(View):
    """What an account has of an asset; decimal strings."""

    free: str
    locked: str


class KeyView(View):
    """A key without what it signs with."""

    api_key: str
    kind: Literal["hmac", "ed25519"]
    permissions: "PermissionsView"


class PermissionsView(View):
    """What a key may do."""

    reading: bool
    spot_trading: bool
    withdrawals: bool
    internal_transfer: bool
    margin: bool
    futures: bool
    ip_restricted: bool


class AccountView(View):
    """An account with its balances and keys."""

    account_id: str
    label: str
    created_at: AwareDatetime
    balances: dict[str, BalanceView]
    open_orders: int
    keys: list[KeyView]


class AccountsView(View):
    """All accounts."""

    items: list[AccountView]


class KeyCreate(Request):
    """A further key: an HMAC secret made here, or the public half of an Ed25519 pair."""

    kind: Literal["hmac", "ed25519"]
    public_key_pem: str | None = Field(default=None, max_length=1000)

    @model_validator(mode="after")
    def _pem_for_ed25519(self) -> "KeyCreate":
        if (self.kind == "ed25519") is (self.public_key_pem is None):
            raise ValueError("send public_key_pem with kind ed25519, and only with it")
        return self


class KeyCreated(View):
    """A key; the secret of an HMAC key is shown this once."""

    api_key: str
    api_secret: str | None


class PermissionsChange(Request):
    """Flags to change; absent ones stay."""

    reading: bool | None = None
    spot_trading: bool | None = None
    withdrawals: bool | None = None
    internal_transfer: bool | None = None
    margin: bool | None = None
    futures: bool | None = None
    ip_restricted: bool | None = None


class TruthPage(View):
    """Records of the truth log; go on with `after` = next_after, which stays put at the end."""

    items: list[dict[str, object]]
    next_after: int


class ClockView(View):
    """The virtual time."""

    mode: Literal["realtime", "stepped"]
    market: Literal["simulated", "replay"]
    now: AwareDatetime
    now_ms: int
    speed: float
    ended: bool


class ClockStep(Request):
    """How far to step."""

    candles: int = Field(default=1, ge=1, le=100_000)


class ClockSpeed(Request):
    """Virtual seconds per real second."""

    speed: float = Field(gt=0, le=100_000)


class FaultMatch(Request):
    """Which requests a fault concerns; `method` WS means WebSocket messages."""

    method: Literal["GET", "POST", "PUT", "DELETE", "WS"] | None = None
    path: str | None = Field(default=None, max_length=200)


class FaultCreate(Request):
    """A fault to inject."""

    kind: FaultKind
    match: FaultMatch = FaultMatch()
    times: int | None = Field(default=1, ge=1, le=1_000_000)
    value: float = Field(default=0, ge=0, le=600_000)
    after_accept: bool = False

    @model_validator(mode="after")
    def _known_status(self) -> "FaultCreate":
        if self.kind is FaultKind.STATUS and not 400 <= self.value <= 599:
            raise ValueError("value must be an HTTP status from 400 to 599")
        return self


class FaultView(View):
    """A fault that waits to happen."""

    fault_id: int
    kind: FaultKind
    match: FaultMatch
    times: int | None
    value: float
    after_accept: bool


class FaultsView(View):
    """All faults that wait to happen."""

    items: list[FaultView]
