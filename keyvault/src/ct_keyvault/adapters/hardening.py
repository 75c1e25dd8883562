"""Keeping memory out of files: no core dumps, no debugger of the same user."""

import ctypes
import os
import resource
import sys

from ct_kit.errors import StartRefused

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def harden_process() -> None:
    """Forbid core dumps and, on Linux, reading this process's memory; refuse to start otherwise."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise StartRefused("not_hardened", f"PR_SET_DUMPABLE was refused: {reason}")
