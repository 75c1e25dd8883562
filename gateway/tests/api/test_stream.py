import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from ct_kit.testing import eventually


@asynccontextmanager
async def listening(browser: Any, services: Any, *channels: str, cursor: int | None = None) -> Any:
    await eventually(lambda: all(services.feeds.get(name) for name in ("exchange-bridge", "bots")))
    async with browser.http.ws_connect(
        f"{browser.url}/api/v1/stream", headers=browser.headers()
    ) as socket:
        if channels:
            command = {"op": "subscribe", "channels": channels} | (
                {} if cursor is None else {"cursor": cursor}
            )
            await socket.send_json(command)
            assert (await hear(socket))["type"] == "subscribed"
        yield socket


async def hear(socket: Any) -> Any:
    return json.loads(await socket.receive_str(timeout=5))


async def test_owned_events_reach_their_owner_alone(browser: Any, services: Any) -> None:
    other = browser.as_user(services.sign_in("usr_bob"))
    async with (
        listening(browser, services, "orders", "bots") as ada,
        listening(other, services, "orders", "bots") as bob,
    ):
        services.feed("exchange-bridge", "orders", {"id": "ord_a"}, owner="usr_ada")
        services.feed("exchange-bridge", "orders", {"id": "ord_b"}, owner="usr_bob")
        services.feed("exchange-bridge", "orders", {"id": "ord_nobody"})
        services.feed("exchange-bridge", "orders", {"id": "ord_b2"}, owner="usr_bob")
        services.feed("bots", "orders", {"id": "forged"}, owner="usr_ada")
        services.feed("bots", "bots", {"id": "bot_a"}, owner="usr_ada")

        heard = [await hear(ada), await hear(ada)]
        assert {(item["channel"], item["data"]["id"]) for item in heard} == {
            ("orders", "ord_a"),
            ("bots", "bot_a"),
        }
        assert heard[1]["seq"] == heard[0]["seq"] + 1
        assert [(await hear(bob))["data"]["id"] for _ in range(2)] == ["ord_b", "ord_b2"]


async def test_only_subscribed_channels_speak(browser: Any, services: Any) -> None:
    async with listening(browser, services, "ticker:BTC-USDT") as socket:
        services.feed("exchange-bridge", "orders", {"id": "ord_a"}, owner="usr_ada")
        services.feed("exchange-bridge", "ticker:ETH-USDT", {"last": "1"})
        services.feed("exchange-bridge", "ticker:BTC-USDT", {"last": "2"})

        heard = await hear(socket)

    assert (heard["channel"], heard["data"], heard["seq"]) == (
        "ticker:BTC-USDT",
        {"last": "2"},
        None,
    )


async def test_a_new_listener_begins_with_the_latest_price(browser: Any, services: Any) -> None:
    async with listening(browser, services, "ticker:BTC-USDT") as first:
        services.feed("exchange-bridge", "ticker:BTC-USDT", {"last": "7"})
        await hear(first)
        async with listening(browser, services, "ticker:BTC-USDT") as second:
            assert (await hear(second))["data"] == {"last": "7"}


async def test_prices_are_thinned_to_the_latest(browser: Any, services: Any) -> None:
    async with listening(browser, services, "ticker:BTC-USDT") as socket:
        for price in range(500):
            services.feed("exchange-bridge", "ticker:BTC-USDT", {"last": str(price)})
        heard = []
        while not heard or heard[-1] != "499":
            heard.append((await hear(socket))["data"]["last"])

    assert len(heard) <= 4


async def test_a_closed_candle_survives_thinning(browser: Any, services: Any) -> None:
    channel = "candles:BTC-USDT:1m"
    async with listening(browser, services, channel) as socket:
        for time, closed in ((0, False), (0, True), (60_000, False)):
            candle = {"open_time": time, "closed": closed}
            services.feed("exchange-bridge", channel, {"candle": candle})
        heard = []
        while not heard or heard[-1]["open_time"] == 0:
            heard.append((await hear(socket))["data"]["candle"])

    assert {"open_time": 0, "closed": True} in heard


async def test_trades_of_a_moment_are_told_one_by_one(browser: Any, services: Any) -> None:
    async with listening(browser, services, "trades:BTC-USDT") as socket:
        for number in range(5):
            services.feed("exchange-bridge", "trades:BTC-USDT", {"id": str(number)})
        heard = [(await hear(socket))["data"]["id"] for _ in range(5)]

    assert heard == ["0", "1", "2", "3", "4"]


async def test_a_returning_browser_hears_what_it_missed(browser: Any, services: Any) -> None:
    async with listening(browser, services, "orders") as socket:
        services.feed("exchange-bridge", "orders", {"n": 1}, owner="usr_ada")
        cursor = (await hear(socket))["seq"]
    async with listening(browser, services, "orders") as witness:
        for number in (2, 3):
            services.feed("exchange-bridge", "orders", {"n": number}, owner="usr_ada")
            await hear(witness)

        async with listening(browser, services, "orders", cursor=cursor) as socket:
            missed = [await hear(socket), await hear(socket)]

    assert [item["data"]["n"] for item in missed] == [2, 3]
    assert [item["seq"] for item in missed] == [cursor + 1, cursor + 2]


@pytest.mark.parametrize("cursor", [0, 2**52])
async def test_a_cursor_nobody_remembers_is_reset(browser: Any, services: Any, cursor: int) -> None:
    async with listening(browser, services, "orders", cursor=cursor) as socket:
        assert (await hear(socket))["type"] == "reset"


async def test_a_feed_that_was_away_resets_its_channels(browser: Any, services: Any) -> None:
    async with listening(browser, services, "orders", "jobs") as socket:
        services.cut("exchange-bridge")
        heard = await hear(socket)

    assert (heard["type"], heard["channel"]) == ("reset", "orders")


async def test_a_signed_out_stream_is_closed(browser: Any, services: Any) -> None:
    async with listening(browser, services, "orders") as socket:
        await browser.call("POST", "/api/v1/auth/logout")

        message = await socket.receive(timeout=5)

        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == 4401


async def test_a_session_ended_elsewhere_closes_the_stream_in_five_seconds(
    browser: Any, services: Any
) -> None:
    async with listening(browser, services, "orders") as socket:
        services.sessions.clear()

        async with asyncio.timeout(5):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                assert json.loads(message.data)["type"] == "heartbeat"

        assert message.data == 4401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Cookie": ""}, 401),
        ({"Cookie": f"ct_session={'z' * 43}"}, 401),
    ],
)
async def test_a_stream_opens_only_for_our_page_and_a_session(
    browser: Any, change: Any, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await browser.http.ws_connect(
            f"{browser.url}/api/v1/stream", headers=browser.headers() | change
        )

    assert refusal.value.status == status


@pytest.mark.parametrize(
    "command",
    ["", "[]", '{"op": "eval"}', '{"op": "subscribe", "channels": ["keys"]}', "{" * 5000],
)
async def test_a_command_nobody_understands_is_answered(
    browser: Any, services: Any, command: str
) -> None:
    async with listening(browser, services) as socket:
        await socket.send_str(command)
        heard = await hear(socket)

        assert (heard["type"], heard["data"]["code"]) == ("problem", "command_invalid")
        await socket.send_json({"op": "subscribe", "channels": ["orders"]})
        assert (await hear(socket))["type"] == "subscribed"


async def test_a_command_beyond_reason_ends_the_stream(browser: Any, services: Any) -> None:
    async with listening(browser, services) as socket:
        await socket.send_str("x" * 10_000)

        assert (await socket.receive(timeout=5)).data == 1009


async def test_the_status_channel_shows_the_status_page(browser: Any, services: Any) -> None:
    async with listening(browser, services, "status") as socket:
        heard = await hear(socket)

    assert {item["name"] for item in heard["data"]["services"]} >= {"gateway", "auth", "bots"}
