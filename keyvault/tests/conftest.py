from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ct_keyvault.bootstrap import bootstrap
from ct_keyvault.settings import KeyvaultSettings
from ct_kit.mongo import async_client, database
from ct_kit.testing import Identities, asgi_client, eventually


@dataclass
class Vault:
    """A running vault in this process, and whoever calls it."""

    app: FastAPI
    http: httpx.AsyncClient
    settings: KeyvaultSettings
    identities: Identities

    async def call(
        self,
        method: str,
        path: str,
        *,
        owner: str | None = "usr_a",
        caller: str = "gateway",
        json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        bearer = self.identities.headers(caller, "keyvault", owner)
        return await self.http.request(
            method, path, json=json, headers={**bearer, **(headers or {})}
        )

    async def add_key(self, **changes: Any) -> dict[str, Any]:
        owner = changes.pop("owner", "usr_a")
        body = {
            "venue": "binance",
            "label": "main",
            "api_key": "api-key-of-the-owner-abcd",
            "api_secret": "secret-of-the-owner-0123456789",
            **changes,
        }
        answer = await self.call("POST", "/v1/keys", json=body, owner=owner)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def sign(
        self,
        key_id: str,
        method: str = "GET",
        path: str = "/api/v3/account",
        *,
        owner: str = "usr_a",
        caller: str = "exchange-bridge",
        params: list[list[str]] | None = None,
    ) -> httpx.Response:
        given = params if params is not None else [["timestamp", "1499827319559"]]
        return await self.call(
            "POST",
            f"/v1/keys/{key_id}/sign",
            caller=caller,
            owner=owner,
            json={"method": method, "path": path, "params": given},
        )

    async def verify(self, key_id: str, state: str = "verified", **report: Any) -> httpx.Response:
        return await self.call(
            "PUT",
            f"/v1/keys/{key_id}/verification",
            caller="exchange-bridge",
            json={"state": state, **report},
        )

    async def wait_until_ready(self) -> None:
        await self.wait_until_readyz_says('"ready":true')

    async def wait_until_readyz_says(self, words: str) -> None:
        async def said() -> bool:
            return words in (await self.http.get("/readyz")).text

        await eventually(said)


@pytest.fixture
def make_root_key(tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        path = tmp_path / name
        path.touch(0o600)
        path.write_bytes(secrets.token_bytes(32))
        return path

    return make


@pytest.fixture
def root_key_file(make_root_key: Callable[[str], Path]) -> Path:
    return make_root_key("root.key")


@pytest.fixture
def root_key(root_key_file: Path) -> bytes:
    return root_key_file.read_bytes()


@pytest.fixture
def settings(
    mongo_uri: str, mongo_prefix: str, identities: Identities, root_key_file: Path
) -> KeyvaultSettings:
    return KeyvaultSettings(
        mongodb_uri=mongo_uri,
        mongodb_prefix=mongo_prefix,
        identity_key_file=identities.key_file("keyvault"),
        identity_trust_dir=identities.trust_dir,
        root_key_file=root_key_file,
        sign_per_second=1_000,
        sign_burst=10_000,
    )


@pytest.fixture
def running(identities: Identities) -> Callable[..., Any]:
    """Start a vault in this process: `async with running(settings, **overrides) as vault`."""

    @asynccontextmanager
    async def run(settings: KeyvaultSettings, **overrides: Any) -> AsyncIterator[Vault]:
        app = bootstrap(settings, **overrides)
        async with app.router.lifespan_context(app), asgi_client(app) as client:
            yield Vault(app, client, settings, identities)

    return run


@pytest.fixture
async def vault(settings: KeyvaultSettings, running: Callable[..., Any]) -> AsyncIterator[Vault]:
    async with running(settings) as started:
        await started.wait_until_ready()
        yield started


@pytest.fixture
async def raw(settings: KeyvaultSettings) -> AsyncIterator[Any]:
    """The vault's database as a thief or a vandal sees it."""
    client = async_client(settings.mongodb_uri)
    yield database(client, "keyvault", settings.mongodb_prefix)
    await client.close()
