"""Registering, signing in, changing the password: where a credential is weighed."""

from dataclasses import dataclass, replace

from ct_auth.app.second_factor import SecondFactor
from ct_auth.app.sessions import Grant, SessionDesk, SignedIn
from ct_auth.app.throttling import Throttle
from ct_auth.domain.accounts import Account, AuditRecord
from ct_auth.domain.passwords import weakness
from ct_auth.domain.throttle import registration_wait_s
from ct_auth.errors import CodeRequired, CodeWrong, CredentialsWrong, EmailTaken, WeakPassword
from ct_auth.ports import Accounts, Audit, Clock, Hasher
from ct_kit.domain.identifiers import new_id

_NOBODY = "usr_unknown"
_REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a call comes from, as the gateway saw it."""

    address: str
    user_agent: str


class Door:
    """Every refusal of a wrong credential looks and takes the same, whatever was wrong."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: SessionDesk,
        second_factor: SecondFactor,
        throttle: Throttle,
        audit: Audit,
        hasher: Hasher,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._second_factor = second_factor
        self._throttle = throttle
        self._audit = audit
        self._hasher = hasher
        self._clock = clock

    def register(self, email: str, password: str, visitor: Visitor) -> Grant:
        """Make an account and sign it in. The first of an install becomes its admin."""
        if reason := weakness(password, email):
            raise WeakPassword("password", reason)
        # Every registration counts against its address, made or refused: a person makes one.
        with self._throttle.attempt(_REGISTRATION, visitor.address, registration_wait_s):
            password_hash = self._hasher.hash(password)
            if self._accounts.by_email(email) is not None:
                raise EmailTaken
            account_id = new_id("usr")
            first = self._accounts.claim_first(account_id)
            account = Account(
                id=account_id,
                email=email,
                password_hash=password_hash,
                roles=("admin", "trader") if first else ("trader",),
                created_at=self._clock(),
            )
            if not self._accounts.add(account):
                raise EmailTaken
        with self._throttle.attempt(email, visitor.address) as attempt:
            attempt.succeeded = True  # the address is known to the account from now on
        self.note(account.id, "registered")
        return self._sessions.grant(account, visitor.user_agent)

    def sign_in(self, email: str, password: str, code: str | None, visitor: Visitor) -> Grant:
        """Begin a session for the right password and, where enrolled, the right code."""
        with self._throttle.attempt(email, visitor.address) as attempt:
            account = self._accounts.by_email(email)
            right = self._hasher.verify(account.password_hash if account else None, password)
            if account is None or not right:
                # Written for unknown accounts too, so that both answers take one write.
                self.note(account.id if account else _NOBODY, "sign_in_failed", "password")
                raise CredentialsWrong
            how = "password"
            if account.totp_enabled:
                if code is None:
                    attempt.counts = False
                    raise CodeRequired
                how = f"password and {self._checked_code(account, code)}"
            attempt.succeeded = True
        if self._hasher.is_outdated(account.password_hash):
            renewed = self._hasher.hash(password)
            self._accounts.set_password(account.id, account.password_hash, renewed)
        self.note(account.id, "signed_in", how)
        return self._sessions.grant(account, visitor.user_agent)

    def change_password(
        self, signed_in: SignedIn, current: str, new: str, visitor: Visitor
    ) -> Grant:
        """Set a new password, end every session of the account and begin a new one."""
        account = signed_in.account
        with self._throttle.attempt(account.email, visitor.address) as attempt:
            if not self._hasher.verify(account.password_hash, current):
                self.note(account.id, "password_change_failed")
                raise CredentialsWrong
            attempt.succeeded = True
        if reason := weakness(new, account.email):
            raise WeakPassword("new_password", reason)
        new_hash = self._hasher.hash(new)
        if not self._accounts.set_password(account.id, account.password_hash, new_hash):
            raise CredentialsWrong  # somebody else changed it a moment ago
        self._sessions.end_all(account.id)
        self.note(account.id, "password_changed", "all other sessions ended")
        return self._sessions.grant(replace(account, password_hash=new_hash), visitor.user_agent)

    def check_code(self, account: Account, code: str, visitor: Visitor) -> None:
        """Spend a code outside sign-in, within the same budget of guesses."""
        with self._throttle.attempt(account.email, visitor.address) as attempt:
            self._checked_code(account, code)
            attempt.succeeded = True

    def note(self, owner: str, event: str, detail: str = "") -> None:
        """Write a security event into the account's audit."""
        self._audit.add(AuditRecord(owner, self._clock(), event, detail))

    def _checked_code(self, account: Account, code: str) -> str:
        try:
            return self._second_factor.check(account, code)
        except CodeWrong:
            self.note(account.id, "sign_in_failed", "code")
            raise
