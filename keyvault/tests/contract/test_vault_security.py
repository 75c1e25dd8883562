"""Properties the vault keeps against whoever holds its database."""

import asyncio
import base64
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from bson import BSON

from ct_keyvault.adapters.mongo import MongoAudit
from ct_keyvault.adapters.root_key import FileRootKey
from ct_keyvault.domain.audit import Entry
from ct_keyvault.errors import VaultSealed
from ct_keyvault.openapi import document
from ct_keyvault.verify_audit import verify


async def test_without_a_root_key_the_vault_is_sealed_and_opens_when_it_comes(
    settings: Any, running: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ct_keyvault.bootstrap._UNSEAL_RETRY_S", 0.02)
    late = tmp_path / "late.key"
    sealed = settings.model_copy(update={"root_key_file": late})
    async with running(sealed) as vault:
        ready = await vault.http.get("/readyz")
        assert ready.status_code == 503
        assert "sealed" in ready.text
        body = {"venue": "binance", "label": "x", "api_key": "k" * 10, "api_secret": "s" * 20}
        answer = await vault.call("POST", "/v1/keys", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "sealed")
        assert (await vault.http.get("/healthz")).status_code == 200
        late.touch(0o600)
        late.write_text(secrets.token_hex(32))
        await vault.wait_until_ready()
        await vault.add_key()


async def test_a_wrong_root_key_leaves_it_sealed(
    settings: Any, running: Any, vault: Any, make_root_key: Any
) -> None:
    await vault.add_key()
    other = settings.model_copy(update={"root_key_file": make_root_key("other.key")})
    async with running(other) as second:
        await second.wait_until_readyz_says("does not open")


async def test_records_without_their_keyring_do_not_get_a_new_one(
    settings: Any, running: Any, vault: Any, raw: Any
) -> None:
    await vault.add_key()
    await raw["keyring"].delete_many({})
    async with running(settings) as second:
        await second.wait_until_readyz_says("no keyring")
    assert await raw["keyring"].count_documents({}) == 0


async def test_a_restart_opens_what_was_sealed_before(
    settings: Any, running: Any, vault: Any
) -> None:
    key_id = (await vault.add_key())["id"]
    before = (await vault.sign(key_id)).json()
    async with running(settings) as second:
        await second.wait_until_ready()
        assert (await second.sign(key_id)).json() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_root_key_open_to_others_is_refused(root_key_file: Path, mode: int) -> None:
    root_key_file.chmod(mode)
    with pytest.raises(VaultSealed, match="chmod 600"):
        FileRootKey(root_key_file).read()


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"g" * 64, b"a" * 200])
def test_a_root_key_of_another_shape_is_refused(root_key_file: Path, content: bytes) -> None:
    root_key_file.write_bytes(content)
    with pytest.raises(VaultSealed):
        FileRootKey(root_key_file).read()


def test_a_root_key_may_be_raw_hex_or_base64(root_key_file: Path) -> None:
    key = secrets.token_bytes(32)
    for content in (key, key.hex().encode() + b"\n", base64.b64encode(key) + b"\n"):
        root_key_file.write_bytes(content)
        assert FileRootKey(root_key_file).read() == key


async def test_moved_record_is_refused(vault: Any, raw: Any) -> None:
    keys = [(await vault.add_key(owner=owner, label=owner))["id"] for owner in ("usr_a", "usr_b")]
    sealed = {key: (await raw["keys"].find_one({"_id": key}))["sealed"] for key in keys}
    for key, other in (keys, reversed(keys)):
        await raw["keys"].update_one({"_id": key}, {"$set": {"sealed": sealed[other]}})
    for key, owner in zip(keys, ("usr_a", "usr_b"), strict=True):
        answer = await vault.sign(key, owner=owner)
        assert (answer.status_code, answer.json()["code"]) == (503, "record_unreadable")


async def test_a_record_given_to_another_owner_is_refused(vault: Any, raw: Any) -> None:
    key_id = (await vault.add_key())["id"]
    await raw["keys"].update_one({"_id": key_id}, {"$set": {"owner": "usr_b"}})
    answer = await vault.sign(key_id, owner="usr_b")
    assert answer.json()["code"] == "record_unreadable"


async def test_an_older_version_put_back_is_refused(vault: Any, raw: Any) -> None:
    body = {"venue": "binance", "label": "paper", "purpose": "paper"}
    made = await vault.call("POST", "/v1/keys/pairs", json=body, caller="exchange-bridge")
    key_id = made.json()["key_id"]
    older = await raw["keys"].find_one({"_id": key_id})
    path = f"/v1/keys/{key_id}/activate"
    await vault.call("POST", path, json={"api_key": "k" * 10}, caller="exchange-bridge")
    await raw["keys"].replace_one({"_id": key_id}, {**older, "state": "verified"})
    assert (await vault.sign(key_id)).json()["code"] == "record_unreadable"


async def test_a_deleted_record_put_back_is_refused(vault: Any, raw: Any) -> None:
    key_id = (await vault.add_key())["id"]
    kept = await raw["keys"].find_one({"_id": key_id})
    await vault.call("DELETE", f"/v1/keys/{key_id}")
    await raw["keys"].insert_one(kept)
    assert (await vault.sign(key_id)).json()["code"] == "record_unreadable"


def _every_byte_under(directory: str) -> bytes:
    files = (path for path in Path(directory).rglob("*") if path.is_file())
    return b"".join(path.read_bytes().rstrip(b"\0") for path in files)


async def test_canary_secrets_are_nowhere_in_the_database_files(
    vault: Any, raw: Any, root_key: bytes
) -> None:
    canaries = [f"canary{secrets.token_hex(12)}" for _ in range(20)]
    for canary in canaries:
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        body = {"venue": "binance", "label": "x", "api_key": f"{canary}key1", "api_secret": canary}
        await vault.call("POST", "/v1/keys", json=body, headers=headers)
    await raw.client.admin.command({"fsync": 1})
    options = await raw.client.admin.command("getCmdLineOpts")
    stored = _every_byte_under(options["parsed"]["storage"]["dbPath"])
    for name in await raw.list_collection_names():
        async for found in raw[name].find({}):
            stored += BSON.encode(found)
    assert b"api_key_hint" in stored
    planted = [root_key, *(canary.encode() for canary in canaries)]
    shapes = [
        shape
        for secret in planted
        for shape in (secret, secret.hex().encode(), base64.b64encode(secret)[:-4])
    ]
    shapes += [canary.encode("utf-16le") for canary in canaries]
    assert re.findall(b"|".join(re.escape(shape) for shape in shapes), stored) == []


async def test_the_audit_chain_holds_and_a_flip_is_detected(vault: Any, raw: Any) -> None:
    key_id = (await vault.add_key())["id"]
    for _ in range(5):
        await vault.sign(key_id)
    assert await verify(vault.settings) == (6, None)
    kept = await raw["audit"].find_one({"_id": 4})
    for field, value in (
        ("detail", "GET /api/v3/time"),
        ("owner", "usr_b"),
        ("hash", "0" * 64),
        ("version", 7),
        ("previous", "0" * 64),
    ):
        await raw["audit"].update_one({"_id": 4}, {"$set": {field: value}})
        checked, fault = await verify(vault.settings)
        assert (checked, fault.sequence) == (3, 4), field
        await raw["audit"].replace_one({"_id": 4}, kept)
    await raw["audit"].delete_one({"_id": 4})
    _, fault = await verify(vault.settings)
    assert fault.sequence == 4


async def test_two_replicas_keep_one_chain(settings: Any, running: Any, vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    async with running(settings) as second:
        await second.wait_until_ready()
        calls = [one.sign(key_id) for one in (vault, second) for _ in range(25)]
        answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert await verify(settings) == (51, None)


async def test_entries_asked_for_at_once_share_a_write_and_keep_their_order(
    settings: Any, running: Any, vault: Any, raw: Any
) -> None:
    key_id = (await vault.add_key())["id"]
    writes: list[int] = []

    class Counting(MongoAudit):
        async def append(self, entries: Sequence[Entry]) -> int:
            writes.append(len(entries))
            return await super().append(entries)

    async with running(settings, audit_store=Counting(raw)) as second:
        await second.wait_until_ready()
        await asyncio.gather(*(second.sign(key_id) for _ in range(50)))
    assert sum(writes) == 50
    assert len(writes) < 50
    assert await verify(settings) == (51, None)


async def test_where_the_audit_cannot_be_written_no_signature_leaves(
    settings: Any, running: Any, vault: Any, raw: Any
) -> None:
    key_id = (await vault.add_key())["id"]

    class FullDisk(MongoAudit):
        async def append(self, entries: Sequence[Entry]) -> int:
            raise VaultSealed(f"{len(entries)} entries did not reach the disk")

    async with running(settings, audit_store=FullDisk(raw)) as second:
        await second.wait_until_ready()
        answer = await second.sign(key_id)
        assert answer.status_code == 503
        assert "signature" not in answer.json()


async def test_a_spent_term_rotates_and_the_old_one_still_opens(
    settings: Any, running: Any, vault: Any, raw: Any
) -> None:
    old = (await vault.add_key())["id"]
    await raw["keyring"].update_one({}, {"$set": {"reserved.1": 3_865_470_566}})
    async with running(settings) as second:
        await second.wait_until_ready()
        new = (await second.add_key())["id"]
        ring = await raw["keyring"].find_one({})
        assert ring["revision"] == 2
        assert ring["reserved"]["2"] == 1_000
        terms = [
            int.from_bytes((await raw["keys"].find_one({"_id": key}))["sealed"]["wrapped_key"][:4])
            for key in (old, new)
        ]
        assert terms == [1, 2]
        for one in (vault, second):  # the first replica learns of the new term by itself
            assert (await one.sign(old)).status_code == 200
            assert (await one.sign(new)).status_code == 200


def test_the_committed_openapi_document_is_current() -> None:
    committed = Path(__file__).parents[2] / "openapi.json"
    assert committed.read_text() == document()
