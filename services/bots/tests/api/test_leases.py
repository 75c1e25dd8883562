"""Leases on a real database: one holder, rising epochs, a fence on the bot."""

import asyncio
from typing import Any

import pytest

from ct_bots.adapters.leases import MongoLeases
from ct_bots.adapters.runs import MongoRuns
from ct_bots.domain.turn import Turn
from ct_kit.mongo import async_client, database
from ct_kit.testing import eventually
from ct_strategies.registry import get_strategy


@pytest.fixture
async def db(settings: Any) -> Any:
    client = async_client(settings.mongodb_uri)
    yield database(client, "bots", settings.mongodb_prefix)
    await client.close()


async def test_of_many_claims_at_once_one_wins(db: Any) -> None:
    runners = [MongoLeases(db, f"runner-{index}", 10) for index in range(8)]

    epochs = await asyncio.gather(*(runner.claim("bot_1") for runner in runners))
    # The first round may only have made the document; nobody wins twice.
    winners = [e for e in epochs if e is not None]
    if not winners:
        epochs = await asyncio.gather(*(runner.claim("bot_1") for runner in runners))
        winners = [e for e in epochs if e is not None]

    assert winners == [1]


async def test_a_lease_that_is_renewed_cannot_be_taken(db: Any) -> None:
    one, two = MongoLeases(db, "one", 0.4), MongoLeases(db, "two", 0.4)
    epoch = await one.claim("bot_1")

    for _ in range(5):
        await asyncio.sleep(0.15)
        assert await one.renew(["bot_1"]) == {"bot_1": epoch}
        assert await two.claim("bot_1") is None


async def test_an_expired_lease_passes_on_with_a_higher_epoch_and_cannot_be_renewed(
    db: Any,
) -> None:
    one, two = MongoLeases(db, "one", 0.2), MongoLeases(db, "two", 10)
    assert await one.claim("bot_1") == 1

    assert await eventually(lambda: two.claim("bot_1")) == 2
    assert await one.renew(["bot_1"]) == {}
    await one.release("bot_1", 1)
    assert await two.renew(["bot_1"]) == {"bot_1": 2}


async def test_a_released_lease_is_free_at_once(db: Any) -> None:
    one, two = MongoLeases(db, "one", 30), MongoLeases(db, "two", 30)
    epoch = await one.claim("bot_1")

    await one.release("bot_1", epoch or 0)

    assert await two.claim("bot_1") == 2


async def test_an_older_holder_cannot_write_behind_a_newer_ones_fence(
    world: Any, db: Any, instrument: Any
) -> None:
    bot_id = await world.make_bot()
    await world.verb(bot_id, "start")
    runs = MongoRuns(db)
    zombie_view = await runs.take_over(bot_id, 1)
    assert zombie_view is not None
    step = Turn(
        zombie_view, get_strategy("ema_cross"), instrument, zombie_view.created_at
    ).prepared()

    newer = await runs.take_over(bot_id, 2)

    assert not await runs.commit(zombie_view, step, 1)
    assert await runs.load(bot_id, 1) is None
    assert await runs.take_over(bot_id, 1) is None
    assert newer is not None
    assert await runs.commit(newer, step, 2)
    assert not await runs.commit(newer, step, 2)  # the same step twice changes nothing
