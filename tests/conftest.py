"""The whole platform, once per test session, for whatever crosses services."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ct_local.testing import Platform, launch_platform


@pytest.fixture(scope="session")
def start_platform(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Platform]]:
    """Start a platform with settings of one's own; what still runs is stopped at the end.

    `start_platform(data_dir=None, CT_MARKET="replay", CT_REPLAY="candles.parquet")`
    """
    running: list[Platform] = []

    def start(data_dir: Path | None = None, **settings: str) -> Platform:
        started = launch_platform(data_dir or tmp_path_factory.mktemp("platform"), **settings)
        running.append(started)
        return started

    yield start
    for started in running:
        started.stop()


@pytest.fixture(scope="session")
def platform(start_platform: Callable[..., Platform]) -> Platform:
    """The platform most tests share: simulated market, empty database, roomy request budgets."""
    return start_platform(CT_GATEWAY_LIMIT_SCALE="100")
