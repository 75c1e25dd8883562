"""Build both processes; the only file that names concrete adapters."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from pymongo import AsyncMongoClient

from ct_bots.adapters.bots import MongoBots
from ct_bots.adapters.bridge import RestBridge
from ct_bots.adapters.changes import MongoChanges
from ct_bots.adapters.indexes import INDEXES
from ct_bots.adapters.leases import MongoLeases
from ct_bots.adapters.records import MongoRecords
from ct_bots.adapters.runs import MongoRuns
from ct_bots.api.app import Services, create_app
from ct_bots.app.control import ControlBot
from ct_bots.app.create import CreateBot
from ct_bots.app.feed import BotFeed
from ct_bots.runner.feed import BridgeFeed
from ct_bots.runner.health import create_health_app
from ct_bots.runner.supervisor import Feed, Runner, RunnerTimes
from ct_bots.runner.tempo import Tempo
from ct_bots.settings import BotsSettings
from ct_kit.http import ServiceClient
from ct_kit.identity import ServiceIdentity, Verifier
from ct_kit.mongo import async_client, database, ensure_indexes
from ct_kit.streaming import Broadcaster

SERVICE = "bots"
CALLERS = frozenset({"gateway"})


def build_api(settings: BotsSettings, *, bridge: ServiceClient | None = None) -> FastAPI:
    """Build the API process's app; tests hand in a client onto a bridge of their own."""
    client = async_client(settings.mongodb_uri)
    db = database(client, SERVICE, settings.mongodb_prefix)
    calls = bridge or _bridge_client(settings)
    bots, records, rest = MongoBots(db), MongoRecords(db), RestBridge(calls)
    broadcaster = Broadcaster()
    services = Services(
        bots=bots,
        records=records,
        bridge=rest,
        create=CreateBot(bots, records, rest, _now),
        control=ControlBot(bots, records, _now),
        broadcaster=broadcaster,
    )

    async def opening() -> None:
        await ensure_indexes(db, INDEXES)

    async def closing() -> None:
        await calls.aclose()
        await client.close()

    async def mongodb() -> None:
        await client.admin.command("ping")

    return create_app(
        services,
        BotFeed(MongoChanges(db), broadcaster),
        Verifier(SERVICE, settings.identity_trust_dir, CALLERS),
        readiness={"mongodb": mongodb},
        opening=opening,
        closing=closing,
    )


@dataclass(frozen=True, slots=True)
class RunnerProcess:
    """A runner and what it stands on."""

    runner: Runner
    mongo: AsyncMongoClient[dict[str, object]]
    bridge: ServiceClient

    async def aclose(self) -> None:
        """Let all connections go."""
        await self.bridge.aclose()
        await self.mongo.close()


async def build_runner(
    settings: BotsSettings,
    *,
    bridge: ServiceClient | None = None,
    feed: Feed | None = None,
    name: str | None = None,
    times: RunnerTimes | None = None,
    tempo: Tempo | None = None,
) -> RunnerProcess:
    """Build a runner on verified indexes; `name` is unique to this life of the process."""
    paces = times or RunnerTimes(
        lease_ttl_s=settings.lease_ttl_s,
        renew_s=settings.lease_renew_s,
        poll_s=settings.poll_s,
        jitter_s=settings.start_jitter_s,
    )
    client = async_client(settings.mongodb_uri)
    db = database(client, SERVICE, settings.mongodb_prefix)
    await ensure_indexes(db, INDEXES)
    calls = bridge or _bridge_client(settings)
    holder = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    runner = Runner(
        holder,
        leases=MongoLeases(db, holder, paces.lease_ttl_s),
        runs=MongoRuns(db),
        bridge=RestBridge(calls),
        feed=feed or BridgeFeed(calls),
        times=paces,
        tempo=tempo or Tempo(),
    )
    return RunnerProcess(runner, client, calls)


def build_runner_health(settings: BotsSettings) -> FastAPI:
    """Build the app that runs a runner beside its health routes."""
    return create_health_app(lambda: build_runner(settings))


def _bridge_client(settings: BotsSettings) -> ServiceClient:
    identity = ServiceIdentity.load(
        SERVICE, settings.identity_key_file, settings.identity_trust_dir
    )
    return ServiceClient(settings.exchange_bridge_url, "exchange-bridge", identity)


def _now() -> datetime:
    """Return the time to the millisecond, as MongoDB keeps it: an answer equals its later read."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
