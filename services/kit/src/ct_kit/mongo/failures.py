"""Foreign exceptions of the driver and what they mean to us.

=============================================  =========================================
driver                                         ours
=============================================  =========================================
ServerSelectionTimeoutError                    Unavailable: nothing was sent
WaitQueueTimeoutError                          Unavailable: nothing was sent
NotPrimaryError                                Unavailable: refused before it was done
AutoReconnect, NetworkTimeout                  OutcomeUnknown: it may have been done
WriteConcernError, WTimeoutError               OutcomeUnknown: done, perhaps not durable
ExecutionTimeout                               OutcomeUnknown
DuplicateKeyError                              passed on: the repository knows what it means
anything else                                  passed on: a fault of ours
=============================================  =========================================
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import errors as driver

from ct_kit.errors import CtError, OutcomeUnknown, Unavailable

_DOWN = "The database does not answer; nothing was changed. Try again in a moment."
_UNKNOWN = "The database's answer was lost; the change may have been made. Look before repeating."

# The first match decides: a subclass stands before its base.
_MEANING: tuple[tuple[type[driver.PyMongoError], type[CtError]], ...] = (
    (driver.ServerSelectionTimeoutError, Unavailable),
    (driver.WaitQueueTimeoutError, Unavailable),
    (driver.NotPrimaryError, Unavailable),
    (driver.AutoReconnect, OutcomeUnknown),
    (driver.WriteConcernError, OutcomeUnknown),
    (driver.ExecutionTimeout, OutcomeUnknown),
)


def translate(error: driver.PyMongoError, *, reading: bool = False) -> CtError | None:
    """Return our error for one of the driver's, or None where it is not about an outage.

    A lost answer to a read leaves nothing unknown: it is `Unavailable` too.
    """
    for theirs, ours in _MEANING:
        if isinstance(error, theirs):
            if ours is OutcomeUnknown and not reading:
                return OutcomeUnknown("database_outcome_unknown", _UNKNOWN)
            return Unavailable("database_unavailable", _DOWN)
    return None


@contextmanager
def mongo_errors(*, reading: bool = False) -> Iterator[None]:
    """Raise outages of MongoDB inside the block as `Unavailable` or `OutcomeUnknown`."""
    try:
        yield
    except driver.PyMongoError as error:
        ours = translate(error, reading=reading)
        if ours is None:
            raise
        raise ours from error
