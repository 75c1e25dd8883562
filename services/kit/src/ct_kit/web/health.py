"""Alive and ready: what a supervisor and the status page ask."""

from ct_kit.contracts.status import Readiness
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

CHECK_TIMEOUT_S = 2.0
"""Shorter than any prober's own patience, so the answer names the part that hangs."""

_log = get_logger(__name__)


def reason_of(name: str, error: Exception) -> str:
    """Return why a check failed, in words that may leave the process."""
    if isinstance(error, CtError):
        return f"{name}: {error.detail}"
    if isinstance(error, TimeoutError):
        return f"{name}: did not answer in {CHECK_TIMEOUT_S:.0f} s"
    _log.warning("readiness_check_failed", check=name, exc_info=error)
    return f"{name}: {type(error).__name__}"


def readiness_answer(reasons: list[str]) -> tuple[int, bytes]:
    """Return status and JSON body of /readyz."""
    readiness = Readiness(ready=not reasons, reasons=reasons)
    return (503 if reasons else 200), readiness.model_dump_json().encode()
