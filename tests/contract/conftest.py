"""The public API's operations as parameters, and the people who call them."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ct_local.testing import Platform
from ct_local.testing_api import ENDING_THE_SESSION, PREFIX, Endpoint, Person, gateway_endpoints

_FIGURES: pytest.StashKey[list[str]] = pytest.StashKey()

# What a test asks for by name, and which operations that are.
_PARAMETERS: dict[str, Callable[[Endpoint], bool]] = {
    "operation": lambda _: True,
    "operation_with_body": lambda operation: operation.body is not None,
    "strategy_operation": lambda operation: (
        "strategy" in (operation.body or {}).get("required", ())
    ),
    "operation_without_body": lambda operation: operation.unsafe and operation.body is None,
    "operation_with_parameter": lambda operation: bool(operation.parameters("path")),
    "operation_with_id": lambda operation: "{id}" in operation.path,
    "reading_operation": lambda operation: not (operation.unsafe or operation.parameters("path")),
    "fuzzed_operation": lambda operation: operation.id not in ENDING_THE_SESSION,
    "fuzzed_operation_with_input": lambda operation: (
        operation.id not in ENDING_THE_SESSION and operation.takes_input
    ),
    "private_operation": lambda operation: not operation.public,
    "change": lambda operation: operation.unsafe,
    "private_change": lambda operation: not operation.public and operation.unsafe,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, wanted in _PARAMETERS.items():
        if name in metafunc.fixturenames:
            chosen = [operation for operation in gateway_endpoints() if wanted(operation)]
            metafunc.parametrize(name, chosen, ids=[operation.id for operation in chosen])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in config.stash.get(_FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def record_figures(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Have a line printed under the results."""
    return pytestconfig.stash.setdefault(_FIGURES, []).append


@pytest.fixture(scope="session")
def anyone(platform: Platform) -> Iterator[httpx.Client]:
    """Somebody who is not signed in."""
    with httpx.Client(base_url=platform.base_url + PREFIX, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def meet(platform: Platform) -> Iterator[Callable[[], Person]]:
    """Register somebody new at the shared platform."""
    met: list[Person] = []

    def register() -> Person:
        met.append(Person.registered(platform.base_url))
        return met[-1]

    yield register
    for person in met:
        person.leave()


@pytest.fixture(scope="session")
def person(meet: Callable[[], Person]) -> Person:
    """Somebody with an account and nothing in it."""
    return meet()


@pytest.fixture(scope="session")
def stranger(meet: Callable[[], Person]) -> Person:
    """Somebody else."""
    return meet()
