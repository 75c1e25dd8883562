"""The session cookie (ASVS 3.3: HttpOnly, SameSite, `__Host-` and Secure over HTTPS)."""

from datetime import datetime


class SessionCookie:
    """Writes and names the cookie; over HTTPS its prefix binds it to this very host."""

    def __init__(self, *, https: bool) -> None:
        self.name = "__Host-ct_session" if https else "ct_session"
        self._attributes = "; Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if https else "")

    def grant(self, session_id: str, expires_at: datetime, now: datetime) -> tuple[bytes, bytes]:
        """Return the header that sets the cookie until the session's end."""
        seconds = max(0, int((expires_at - now).total_seconds()))
        return self._header(f"{session_id}; Max-Age={seconds}")

    def clear(self) -> tuple[bytes, bytes]:
        """Return the header that removes the cookie."""
        return self._header("; Max-Age=0")

    def _header(self, value_and_age: str) -> tuple[bytes, bytes]:
        return b"set-cookie", f"{self.name}={value_and_age}{self._attributes}".encode("latin-1")
