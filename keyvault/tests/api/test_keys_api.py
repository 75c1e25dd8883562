from typing import Any

import pytest


async def test_an_added_key_shows_four_characters_and_no_secret(vault: Any) -> None:
    key = await vault.add_key()
    assert key["api_key_hint"] == "abcd"
    assert key["state"] == "unverified"
    assert key["kind"] == "hmac"
    listed = await vault.call("GET", "/v1/keys")
    looked_at = await vault.call("GET", f"/v1/keys/{key['id']}")
    assert listed.json()["items"] == [looked_at.json()]
    for text in (str(key), listed.text, looked_at.text):
        assert "secret-of-the-owner" not in text
        assert "api-key-of-the-owner" not in text


async def test_same_idempotency_key_and_body_give_the_same_key(vault: Any) -> None:
    body = {
        "venue": "binance",
        "label": "main",
        "api_key": "api-key-abcd",
        "api_secret": "secret-0123456789",
    }
    headers = {"Idempotency-Key": "once"}
    first = await vault.call("POST", "/v1/keys", json=body, headers=headers)
    again = await vault.call("POST", "/v1/keys", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = await vault.call("POST", "/v1/keys", json={**body, "label": "b"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


async def test_two_owners_may_use_the_same_idempotency_key(vault: Any) -> None:
    body = {"venue": "binance", "label": "x", "api_key": "k" * 10, "api_secret": "s" * 20}
    ids = {
        (
            await vault.call(
                "POST", "/v1/keys", json=body, headers={"Idempotency-Key": "k"}, owner=owner
            )
        ).json()["id"]
        for owner in ("usr_a", "usr_b")
    }
    assert len(ids) == 2


async def test_a_foreign_key_is_404_and_looks_like_an_unknown_one(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    for method, suffix, json, caller in (
        ("GET", "", None, "gateway"),
        ("DELETE", "", None, "gateway"),
        ("GET", "/audit", None, "gateway"),
        ("POST", "/activate", {"api_key": "k" * 10}, "exchange-bridge"),
        ("PUT", "/verification", {"state": "refused"}, "exchange-bridge"),
        (
            "POST",
            "/sign",
            {"method": "GET", "path": "/api/v3/account", "params": [["timestamp", "1" * 13]]},
            "exchange-bridge",
        ),
    ):
        answers = [
            await vault.call(
                method, f"/v1/keys/{one}{suffix}", owner="usr_b", json=json, caller=caller
            )
            for one in (key_id, "key_unknown")
        ]
        assert [answer.status_code for answer in answers] == [404, 404], (method, suffix)
        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        assert bodies[0] == bodies[1]
    assert (await vault.call("GET", f"/v1/keys/{key_id}")).status_code == 200


async def test_a_deleted_key_is_gone_and_its_audit_stays(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    assert (await vault.call("DELETE", f"/v1/keys/{key_id}")).status_code == 204
    assert (await vault.call("GET", f"/v1/keys/{key_id}")).status_code == 404
    assert (await vault.sign(key_id)).status_code == 404
    audit = (await vault.call("GET", f"/v1/keys/{key_id}/audit")).json()["items"]
    assert [entry["event"] for entry in audit] == ["key_deleted", "key_created"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"passphrase": "p" * 10}, "body.passphrase"),
        ({"api_secret": "-----BEGIN RSA PRIVATE KEY-----x"}, "body.api_secret"),
        ({"api_secret": "short"}, "body.api_secret"),
        ({"api_key": "with a space"}, "body.api_key"),
        ({"venue": "okx"}, "body.venue"),
        ({"owner": "usr_b"}, "body.owner"),
        ({"label": " "}, "body.label"),
    ],
)
async def test_an_unusable_key_is_refused_with_its_field_and_not_repeated(
    vault: Any, change: dict[str, str], field: str
) -> None:
    body = {
        "venue": "binance",
        "label": "main",
        "api_key": "api-key-abcd",
        "api_secret": "canary-secret-0123",
        **change,
    }
    answer = await vault.call("POST", "/v1/keys", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["remedy"]
    assert "canary" not in answer.text


async def test_only_listed_services_get_in_and_only_the_bridge_signs(vault: Any) -> None:
    key_id = (await vault.add_key())["id"]
    assert (await vault.http.get("/v1/keys")).status_code == 401
    assert (await vault.call("GET", "/v1/keys", caller="bots")).status_code == 403
    assert (await vault.sign(key_id, caller="gateway")).status_code == 403
    assert (await vault.call("GET", "/v1/keys", owner=None)).status_code == 403
    refused = await vault.call("PUT", f"/v1/keys/{key_id}/verification", json={"state": "verified"})
    assert refused.status_code == 403


async def test_only_the_bridge_makes_paper_pairs_and_they_are_not_listed(vault: Any) -> None:
    body = {"venue": "binance", "label": "paper", "purpose": "paper"}
    assert (await vault.call("POST", "/v1/keys/pairs", json=body)).status_code == 403
    made = await vault.call("POST", "/v1/keys/pairs", json=body, caller="exchange-bridge")
    assert made.status_code == 201
    assert made.json()["public_key_pem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert (await vault.call("GET", "/v1/keys")).json() == {"items": []}
