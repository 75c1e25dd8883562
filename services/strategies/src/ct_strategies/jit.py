"""Compile steps with numba on demand, from the very functions plain Python runs.

A step is written as an ordinary function and marked with `kernel`. Nothing imports numba until
`compiled` is called, so a process that only shows parameter forms or steps a live bot once a
minute stays small and starts at once, while backtests run the same source at machine speed.
Steps use only operations that IEEE 754 rounds exactly (+, -, *, /, sqrt, floor, comparisons),
without fast-math, so both give the same bits.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_kernels: set[object] = set()
_compiled: dict[tuple[object, tuple[tuple[str, object], ...]], Any] = {}
_compile_lock = threading.RLock()


def kernel(function: Function) -> Function:
    """Mark a function as compilable; calling it stays plain Python."""
    _kernels.add(function)
    return function


@cache
def code_digest() -> str:
    """Return the SHA-256 over every source file of this package: the version of its decisions."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compiled(
    function: Callable[..., Any],
    bindings: Mapping[str, Callable[..., Any]] | None = None,
) -> Any:
    """Return the numba twin of a kernel, with the kernels it calls compiled too.

    `bindings` replaces module-level names in the twin and in what it calls, which is how the one
    backtest loop is specialised to a strategy. Compiled code is cached on disk under NUMBA_CACHE_DIR, else beside
    the source, else in the user's cache; numba notices only changes of the file a function stands
    in, so the digest of the whole package is part of the cached name and stale code cannot load.
    """
    bound = tuple(sorted((bindings or {}).items()))
    key = (function, bound)
    with _compile_lock:
        if key not in _compiled:
            _compiled[key] = _compile(function, dict(bound))
        return _compiled[key]


def _compile(function: Callable[..., Any], bindings: dict[str, Callable[..., Any]]) -> Any:
    from numba import njit  # noqa: PLC0415 - heavy, and only backtests need it

    if not isinstance(function, FunctionType):
        raise TypeError(f"a kernel must be a plain function; it was {function!r}")
    names = {**function.__globals__, **bindings}
    callees = {
        name: compiled(names[name], None if name in bindings else bindings)
        for name in _called_kernels(function, names)
    }
    tag = "_".join(bound.__module__.rpartition(".")[2] for bound in bindings.values())
    twin = FunctionType(
        function.__code__,
        {**names, **callees},
        f"{function.__name__}_{tag}_{code_digest()[:12]}",
    )
    twin.__module__ = function.__module__
    twin.__qualname__ = twin.__name__
    try:
        return njit(cache=True, error_model="numpy")(twin)
    except RuntimeError:
        # "cannot cache function": a read-only site without a cache folder; compile at each start.
        return njit(error_model="numpy")(twin)


def _called_kernels(function: FunctionType, names: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name in function.__code__.co_names
        if isinstance(names.get(name), FunctionType) and names[name] in _kernels
    ]
