"""The feed of the API process hears what users and runners change."""

import asyncio
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ct_bots.adapters.changes import MongoChanges
from ct_bots.app.feed import BotFeed
from ct_bots.tasks import end_tasks
from ct_kit.mongo import async_client, database
from ct_kit.streaming import Broadcaster
from ct_kit.testing import eventually


@pytest.fixture
async def lines(settings: Any) -> Any:
    """Return a growing list of the feed's lines."""
    client = async_client(settings.mongodb_uri)
    db = database(client, "bots", settings.mongodb_prefix)
    broadcaster = Broadcaster()
    heard: list[dict[str, Any]] = []
    changes = MongoChanges(db)
    watching = asyncio.Event()
    watch = changes.watch

    def noticed() -> Any:
        watching.set()
        return watch()

    changes.watch = noticed  # type: ignore[method-assign]

    async def listen() -> None:
        async for line in broadcaster.subscribe().lines():
            message = orjson.loads(line)
            heard.append(message)

    tasks = [
        asyncio.create_task(BotFeed(changes, broadcaster, quiet_s=0.02).run()),
        asyncio.create_task(listen()),
    ]
    await watching.wait()
    yield heard
    await end_tasks(tasks)
    await client.close()


async def test_each_change_is_told_to_its_owner(world: Any, lines: list[dict[str, Any]]) -> None:
    world.exchange.closes = [Decimal(100)] * 12
    bot_id = await world.make_bot()

    # The stream may open a moment after it was asked for: speak until it hears.
    async def heard() -> bool:
        await world.call("PATCH", f"/v1/bots/{bot_id}", {"label": f"Trend {len(lines)}"})
        return any(line["channel"] == "bots" for line in lines)

    await eventually(heard)
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["101"])

    def events() -> set[str]:
        told = [line["data"] for line in lines if line["channel"] == "bots"]
        return {item["code"] for item in told if "code" in item}

    await eventually(lambda: {"started", "decision_buy", "order_filled"} <= events())

    def newest() -> dict[str, Any]:
        told = [line["data"] for line in lines if line["channel"] == "bots"]
        return [item for item in told if "state" in item][-1]

    await eventually(lambda: Decimal(newest()["position"]["base"]) > 0)
    assert newest()["state"] == "running"
    assert {line["owner"] for line in lines if line["channel"] == "bots"} == {"usr_anna"}
