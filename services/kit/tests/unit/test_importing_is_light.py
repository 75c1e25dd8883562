"""Ten processes share one machine's memory: nobody pays for what he does not use."""

import subprocess
import sys

import pytest

HEAVY = ("pandas", "numpy", "pyarrow", "numba", "sklearn")


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (
            "ct_kit.settings, ct_kit.logs, ct_kit.web.serve",
            ("fastapi", "flask", "pymongo", "httpx"),
        ),
        ("ct_kit.web.fastapi, ct_kit.http", ("flask", "gunicorn", "pymongo")),
        ("ct_kit.web.flask, ct_kit.http", ("fastapi", "starlette", "uvicorn", "pymongo")),
        ("ct_kit.domain, ct_kit.identity, ct_kit.streaming", ("httpx", "pymongo", "fastapi")),
        ("ct_kit.mongo, ct_kit.mongod", ("fastapi", "flask", "httpx")),
    ],
)
def test_a_module_brings_nothing_it_does_not_need(modules: str, absent: tuple[str, ...]) -> None:
    program = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({*HEAVY, *absent})
