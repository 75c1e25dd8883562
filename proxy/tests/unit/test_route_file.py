from pathlib import Path

import pytest
from pydantic import ValidationError

from ct_kit.errors import StartRefused
from ct_proxy.adapters.route_file import read_routes
from ct_proxy.settings import ProxySettings

GOOD = """
[[route]]
id = "office"
kind = "direct"
country = "CH"
venues = ["binance"]
signed = true
attestation = "Allowed by the operator on 2026-11-22."
"""


@pytest.fixture
def route_file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.toml"
    path.write_text(GOOD)
    path.chmod(0o644)
    return path


def test_the_operators_routes_are_read(route_file: Path) -> None:
    (route,) = read_routes(route_file)
    assert (route.id, route.country, route.signed, route.market_data) == (
        "office",
        "CH",
        True,
        True,
    )


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_others_may_change_is_refused(route_file: Path, mode: int) -> None:
    route_file.chmod(mode)
    with pytest.raises(StartRefused, match="go-w"):
        read_routes(route_file)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not toml [",
        "[[route]]\nid='x'",
        GOOD.replace("attestation", "#"),
        GOOD.replace('"direct"', '"tor"'),
        GOOD.replace('"binance"', '"evil"'),
        GOOD + "secret = 1\n",
        GOOD + GOOD,
        "\x00",
    ],
)
def test_a_wrong_file_is_refused(route_file: Path, content: str) -> None:
    route_file.write_text(content)
    with pytest.raises(StartRefused):
        read_routes(route_file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="cannot be read"):
        read_routes(tmp_path / "none.toml")


@pytest.mark.parametrize("value", ["8.8.8.8:80", "10.0.0.1:8111", "localhost:8111", "127.0.0.1"])
def test_the_simulators_exception_is_for_loopback_only(value: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        ProxySettings(
            identity_key_file=tmp_path, identity_trust_dir=tmp_path, allow_simulator=value
        )
