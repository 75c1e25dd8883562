import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


async def test_a_published_vector_comes_out_of_the_whole_service(vault: Any) -> None:
    key_id = (await vault.add_key(api_key=API_KEY, api_secret=SECRET))["id"]
    await vault.verify(key_id)
    query = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        "&recvWindow=5000&timestamp=1499827319559"
    )
    params = [pair.split("=") for pair in query.split("&")]
    answer = await vault.sign(key_id, "POST", "/api/v3/order", params=params)
    assert answer.json() == {
        "api_key": API_KEY,
        "query": query,
        "signature": "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
    }


async def test_a_pair_made_inside_signs_once_activated(vault: Any) -> None:
    body = {"venue": "binance", "label": "paper", "purpose": "paper"}
    made = await vault.call("POST", "/v1/keys/pairs", json=body, caller="exchange-bridge")
    key_id, pem = made.json()["key_id"], made.json()["public_key_pem"]
    pending = await vault.sign(key_id)
    assert (pending.status_code, pending.json()["code"]) == (403, "key_pending")

    path = f"/v1/keys/{key_id}/activate"
    for _ in range(2):
        activated = await vault.call(
            "POST", path, json={"api_key": "paper-api-key-1"}, caller="exchange-bridge"
        )
        assert activated.status_code == 200
        assert activated.json()["state"] == "verified"
    other = await vault.call("POST", path, json={"api_key": "other-api-key"}, caller="gateway")
    assert other.status_code == 409

    signed = (await vault.sign(key_id, "POST", "/api/v3/order")).json()
    public = load_pem_public_key(pem.encode())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(base64.b64decode(signed["signature"]), signed["query"].encode())
    assert signed["api_key"] == "paper-api-key-1"


async def test_the_stream_subscription_is_signed_over_sorted_params_with_the_api_key(
    vault: Any,
) -> None:
    key_id = (await vault.add_key(api_key=API_KEY))["id"]
    path = "/ws-api/v3/userDataStream.subscribe.signature"
    answer = await vault.sign(key_id, "POST", path)
    assert answer.json()["query"] == f"apiKey={API_KEY}&timestamp=1499827319559"


async def test_an_unverified_key_reads_and_does_not_trade(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    assert (await vault.sign(key_id)).status_code == 200
    order = await vault.sign(key_id, "POST", "/api/v3/order")
    assert (order.status_code, order.json()["code"]) == (403, "key_unverified")


async def test_a_refused_key_is_only_asked_again_what_it_may_do(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    permissions = {
        "can_read": True,
        "can_trade": True,
        "can_withdraw": True,
        "ip_restricted": False,
    }
    reported = await vault.verify(
        key_id, "refused", reason="withdrawals are enabled", permissions=permissions
    )
    assert reported.json()["permissions"] == permissions
    refused = await vault.sign(key_id, "GET", "/api/v3/openOrders")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_refused")
    for path in ("/sapi/v1/account/apiRestrictions", "/api/v3/account"):
        assert (await vault.sign(key_id, "GET", path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sapi/v1/capital/withdraw/apply"),
        ("POST", "/sapi/v1/asset/transfer"),
        ("GET", "/api/v3/exchangeInfo"),
        ("DELETE", "/api/v3/account"),
    ],
)
async def test_calls_off_the_list_are_refused_and_on_record(
    vault: Any, method: str, path: str
) -> None:
    key_id = (await vault.add_key())["id"]
    await vault.verify(key_id)
    answer = await vault.sign(key_id, method, path)
    assert (answer.status_code, answer.json()["code"]) == (403, "call_not_allowed")
    audit = (await vault.call("GET", f"/v1/keys/{key_id}/audit")).json()["items"]
    assert (audit[0]["event"], audit[0]["detail"]) == ("sign_refused", f"{method} {path}")


async def test_ambiguous_params_are_refused_with_their_field(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    answer = await vault.sign(key_id, params=[["timestamp", "1" * 13], ["a", "1"], ["a", "2"]])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.params.a"


async def test_last_use_is_the_last_signature(vault: Any) -> None:
    key = await vault.add_key()
    assert key["last_used_at"] is None
    await vault.sign(key["id"])
    audit = (await vault.call("GET", f"/v1/keys/{key['id']}/audit")).json()["items"]
    looked_at = (await vault.call("GET", f"/v1/keys/{key['id']}")).json()
    assert looked_at["last_used_at"] == audit[0]["at"]


async def test_above_its_rate_an_owner_waits_and_others_do_not(settings: Any, running: Any) -> None:
    slow = settings.model_copy(update={"sign_per_second": 0.01, "sign_burst": 2})
    async with running(slow) as vault:
        await vault.wait_until_ready()
        key_id = (await vault.add_key())["id"]
        statuses = [(await vault.sign(key_id)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        other = await vault.add_key(owner="usr_b")
        assert (await vault.sign(other["id"], owner="usr_b")).status_code == 200
