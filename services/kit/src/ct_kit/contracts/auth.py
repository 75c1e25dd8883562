"""Accounts of people: registration, sign-in, sessions, audit."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, SecretStr

from ct_kit.contracts.common import Request, View


def _email(value: str) -> str:
    local, _, domain = value.rpartition("@")
    plain = value.isascii() and value.isprintable() and " " not in value
    if not (plain and local and "." in domain.strip(".") and not domain.startswith(".")):
        raise ValueError("must be an e-mail address such as ada@example.org")
    return value.lower()


Email = Annotated[str, Field(min_length=6, max_length=254), AfterValidator(_email)]
Password = Annotated[SecretStr, Field(min_length=12, max_length=128)]
SECOND_FACTOR_CODE = r"^([0-9]{6}|[a-z2-7]{5}(-[a-z2-7]{5}){3})$"
"""Six digits, or a recovery code: four groups of five."""
Role = Literal["viewer", "trader", "admin"]


class RegisterRequest(Request):
    """A new account. The first account of an install becomes its admin."""

    email: Email
    password: Password


class LoginRequest(Request):
    """Credentials; `totp` once a second factor is enrolled: its code, or a recovery code."""

    email: Email
    password: SecretStr = Field(min_length=1, max_length=128)
    totp: str | None = Field(default=None, pattern=SECOND_FACTOR_CODE)


class PasswordChange(Request):
    """A new password; every other session of the account ends."""

    current_password: SecretStr = Field(min_length=1, max_length=128)
    new_password: Password


class User(View):
    """A person's account, without anything secret."""

    id: str
    email: str
    roles: list[Role]
    created_at: AwareDatetime
    totp_enabled: bool = False


class Session(View):
    """The session behind the cookie. `csrf_token` goes into X-CSRF-Token on unsafe calls."""

    user: User
    csrf_token: str
    expires_at: AwareDatetime
    session_ref: str = Field(description="Public name of this session in the list of sessions.")


class SessionGrant(View):
    """What auth hands the gateway at sign-in; `session_id` goes only into the cookie."""

    session_id: SecretStr
    user: User
    session_ref: str
    expires_at: AwareDatetime


class Introspection(View):
    """What auth says of an opaque session id."""

    user: User
    session_ref: str
    expires_at: AwareDatetime


class SessionInfo(View):
    """One sign-in of the user, as listed under security settings."""

    id: str
    created_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime
    user_agent: str
    current: bool


class SessionList(View):
    """All live sessions of the user."""

    items: list[SessionInfo]


class AuditEntry(View):
    """One security event of the user's account."""

    at: AwareDatetime
    event: str
    detail: str


class AuditList(View):
    """Newest first."""

    items: list[AuditEntry]


class TotpEnrolment(View):
    """A second factor to confirm: the secret is shown once."""

    secret: str
    otpauth_uri: str


class TotpConfirm(Request):
    """The six digits the authenticator shows; to disable it, a recovery code does as well."""

    code: str = Field(pattern=SECOND_FACTOR_CODE)


class RecoveryCodes(View):
    """Shown once, each usable once."""

    codes: list[str]
