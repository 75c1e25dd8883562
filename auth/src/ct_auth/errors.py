"""What can go wrong at the door, in words a support person understands, under the kit's tree.

::

    Unauthenticated
    ├── CredentialsWrong     check e-mail and password       (credentials_wrong)
    ├── CodeRequired         send the authenticator's code   (totp_required)
    ├── CodeWrong            send the next code              (totp_invalid)
    └── SessionEnded         sign in again                   (session_ended)
    TooManyRequests
    └── TooManyFailedLogins  wait                            (too_many_attempts)
    Conflict
    └── EmailTaken           sign in instead                 (email_taken)
    InvalidRequest
    └── WeakPassword         choose another                  (password_weak)
"""

from ct_kit.errors import Conflict, FieldError, InvalidRequest, TooManyRequests, Unauthenticated


class CredentialsWrong(Unauthenticated):
    """E-mail or password: which of them is not said."""

    def __init__(self) -> None:
        super().__init__("credentials_wrong", "The e-mail or the password is wrong.")


class CodeRequired(Unauthenticated):
    """The account has a second factor."""

    def __init__(self) -> None:
        super().__init__("totp_required", "Send the code of your authenticator.")


class CodeWrong(Unauthenticated):
    """The code is wrong, was used before, or is out of its time."""

    def __init__(self) -> None:
        super().__init__("totp_invalid", "The code is wrong or was used already.")


class SessionEnded(Unauthenticated):
    """There is no live session behind this id."""

    def __init__(self) -> None:
        super().__init__("session_ended", "The session has ended; sign in again.")


class TooManyFailedLogins(TooManyRequests):
    """The budget of guesses is spent for now."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(
            "too_many_attempts", "Too many attempts; wait a little.", retry_after_s=wait_s
        )


class EmailTaken(Conflict):
    """There is an account with this e-mail."""

    def __init__(self) -> None:
        super().__init__("email_taken", "There is an account with this e-mail; sign in instead.")


class WeakPassword(InvalidRequest):
    """The password is one attackers try first."""

    def __init__(self, field: str, reason: str) -> None:
        remedy = "Use a few unrelated words, or let a password manager make one."
        fault = FieldError(f"body.{field}", reason, remedy)
        super().__init__("password_weak", "Choose another password.", fields=[fault])
