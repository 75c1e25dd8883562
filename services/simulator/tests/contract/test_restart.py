"""kill -9 at any time loses nothing that was answered."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from binance.spot import Spot

from ct_kit.testing import Identities, eventually_sync


@pytest.fixture
def start(
    identities: Identities, tmp_path: Path
) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str, str]]]:
    """Start the simulator as a process and return it with the URLs it listens on."""
    with ExitStack() as stack:

        def make(**changes: str) -> tuple[subprocess.Popen[str], str, str]:
            environment = {
                **os.environ,
                "CT_IDENTITY_KEY_FILE": str(identities.key_file("simulator")),
                "CT_IDENTITY_TRUST_DIR": str(identities.trust_dir),
                "CT_DATA_DIR": str(tmp_path / "data"),
                "CT_SIMULATOR_PORT": "0",
                "CT_SIMULATOR_BINANCE_PORT": "0",
                **changes,
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "ct_simulator"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(_end, process)
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                ports = re.search(r'"ports": ?\[(\d+), ?(\d+)\]', line)
                if ports:
                    admin, binance = (f"http://127.0.0.1:{port}" for port in ports.groups())
                    return process, admin, binance
            raise AssertionError("".join(lines))

        yield make


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def test_after_a_kill_orders_and_balances_are_what_was_answered(
    start: Callable[..., Any], identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    headers = identities.headers("operator", "simulator")
    process, admin, binance = start()
    body = {"label": "x", "balances": {"USDT": "10000"}}
    account = httpx.post(f"{admin}/admin/accounts", json=body, headers=headers).json()
    keys = f"{admin}/admin/accounts/{account['account_id']}/keys"
    key = httpx.post(keys, json={"kind": "hmac"}, headers=headers).json()
    client = Spot(key["api_key"], key["api_secret"], base_url=binance, timeout=5)
    rest = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    placed = [
        client.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quoteOrderQty="50"),
        client.new_order(**rest, quantity="0.01", price="60000"),
        client.new_order(**rest, quantity="0.01", price="61000"),
    ]
    client.cancel_order("BTCUSDT", orderId=placed[1]["orderId"])
    before = (
        client.account()["balances"],
        client.get_orders("BTCUSDT"),
        client.my_trades("BTCUSDT"),
    )
    kline = client.klines("ETHUSDT", "1m", limit=5)[0]
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    _, _, again = start()
    client = Spot(key["api_key"], key["api_secret"], base_url=again, timeout=5)
    after = (
        client.account()["balances"],
        client.get_orders("BTCUSDT"),
        client.my_trades("BTCUSDT"),
    )
    assert after == before
    assert client.klines("ETHUSDT", "1m", startTime=kline[0], limit=1)[0][:6] == kline[:6]
    fresh = client.new_order(**rest, quantity="0.01", price="60000")
    assert fresh["orderId"] == placed[-1]["orderId"] + 1


def test_a_stepped_clock_goes_on_where_it_was(
    start: Callable[..., Any], identities: Identities
) -> None:
    headers = identities.headers("operator", "simulator")
    process, admin, _ = start(CT_SIMULATOR_CLOCK="stepped")
    stepped = httpx.post(f"{admin}/admin/clock/step", json={"candles": 5}, headers=headers).json()
    process.kill()
    process.wait(10)
    _, admin, _ = start(CT_SIMULATOR_CLOCK="stepped")
    assert httpx.get(f"{admin}/admin/clock", headers=headers).json()["now"] == stepped["now"]


def test_sigterm_ends_it_cleanly(start: Callable[..., Any]) -> None:
    process, admin, _ = start()
    assert httpx.get(f"{admin}/healthz").status_code == 200
    process.send_signal(signal.SIGTERM)
    assert eventually_sync(lambda: process.poll() is not None)
    assert process.returncode == 0


def test_what_cannot_work_stops_the_start_and_says_why(start: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="cannot be read"):
        start(CT_MARKET="replay", CT_SIMULATOR_REPLAY="/nowhere/BTCUSDT.csv")
