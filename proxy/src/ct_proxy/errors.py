"""What can go wrong on the way out, under the kit's tree.

::

    Forbidden
    └── EgressRefused       ask the operator, or stop      (egress_refused)
    Unavailable
    └── NotSent             try again; nothing left         (egress_unavailable)
    OutcomeUnknown
    └── AnswerLost          find out what happened          (egress_answer_lost)
"""

from ct_kit.errors import Forbidden, OutcomeUnknown, Unavailable


class EgressRefused(Forbidden):
    """Policy keeps the call inside."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__("egress_refused", f"{detail} (rule {rule})")
        self.rule = rule


class NotSent(Unavailable):
    """No connection came about: no byte of the call has left."""

    def __init__(self, reason: str) -> None:
        super().__init__("egress_unavailable", f"The venue was not reached: {reason}.")


class AnswerLost(OutcomeUnknown):
    """The call left, at least partly, and no whole answer came back. It is never sent again."""

    def __init__(self, reason: str) -> None:
        super().__init__("egress_answer_lost", f"The venue's answer was lost: {reason}.")
