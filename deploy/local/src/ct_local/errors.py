"""Faults an operator can mend.

StartFault          a sentence, a remedy, an exit code (a StartRefused of the kit)
"""

from ct_kit.errors import StartRefused


class StartFault(StartRefused):
    """Report why the platform cannot run here and what to do about it, in one line."""

    def __init__(self, detail: str, remedy: str, *, code: str, exit_code: int = 1) -> None:
        """Keep the sentence, the remedy and the exit code of the process (never 0)."""
        super().__init__(code, detail)
        self.remedy = remedy
        self.exit_code = exit_code

    def line(self) -> str:
        """Return the single line shown to the operator."""
        return f"{self.detail} {self.remedy}"
