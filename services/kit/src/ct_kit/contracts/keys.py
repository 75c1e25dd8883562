"""Exchange API keys: sealed in the vault, used to sign, never shown again."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, SecretStr

from ct_kit.contracts.common import Label, Request, VenueName, View

KeyPart = Annotated[SecretStr, Field(min_length=8, max_length=4096)]
KeyKind = Literal["hmac", "ed25519"]
KeyPurpose = Literal["exchange", "paper"]
KeyState = Literal["pending", "unverified", "verified", "refused"]


class KeyCreate(Request):
    """An API key made at the exchange. The secret is sealed and can never be read back."""

    venue: VenueName
    label: Label
    api_key: Annotated[SecretStr, Field(min_length=8, max_length=256)]
    api_secret: KeyPart
    passphrase: KeyPart | None = Field(default=None, description="Only venues that ask for one.")


class KeyPermissions(View):
    """What the venue says the key may do."""

    can_read: bool
    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool


class Key(View):
    """A key as anyone may see it: no part of the secret, four characters of the public half."""

    id: str
    venue: VenueName
    label: str
    kind: KeyKind
    purpose: KeyPurpose
    api_key_hint: str = Field(description="Last four characters of the API key.")
    state: KeyState
    state_reason: str | None = None
    permissions: KeyPermissions | None = None
    created_at: AwareDatetime
    verified_at: AwareDatetime | None = None
    last_used_at: AwareDatetime | None = None


class KeyList(View):
    """The user's exchange keys; those of paper accounts are not listed."""

    items: list[Key]


class KeyAuditEntry(View):
    """One link of the vault's hash chain that concerns this key."""

    at: AwareDatetime
    event: str
    caller: str
    detail: str
    hash: str


class KeyAudit(View):
    """Newest first."""

    items: list[KeyAuditEntry]


class PairCreate(Request):
    """Ask the vault to make an Ed25519 pair inside; only the public half comes out."""

    venue: VenueName
    label: Label
    purpose: KeyPurpose = "exchange"


class Pair(View):
    """The public half, to register at the venue."""

    key_id: str
    public_key_pem: str


class PairActivate(Request):
    """The API key the venue gave for the registered public key."""

    api_key: Annotated[SecretStr, Field(min_length=8, max_length=256)]


class SignRequest(Request):
    """One venue call to sign; the vault builds the canonical query itself."""

    method: Literal["GET", "POST", "DELETE"]
    path: str = Field(max_length=200, pattern=r"^/[A-Za-z0-9/._-]+$")
    params: list[tuple[str, str]] = Field(max_length=40)


class Signature(View):
    """What the venue needs to accept the call: public key id, canonical query, signature."""

    api_key: str
    query: str
    signature: str


class VerificationReport(Request):
    """What the bridge learned from the venue about a key."""

    state: Literal["verified", "refused", "unverified"]
    reason: str | None = Field(default=None, max_length=300)
    permissions: KeyPermissions | None = None
