"""Signatures against the vectors Binance publishes (binance-spot-api-docs a5e0bc3, 2026-07-21)."""

import base64
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from binance.lib.utils import encoded_string
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_keyvault.domain.canonical import ParamsRefusedError, canonical_query
from ct_keyvault.domain.policy import Payload
from ct_keyvault.domain.signing import SecretRefusedError, new_pair, read_secret, sign

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
REST = [
    ("side", "BUY"),
    ("type", "LIMIT"),
    ("timeInForce", "GTC"),
    ("quantity", "1"),
    ("price", "0.1"),
    ("recvWindow", "5000"),
    ("timestamp", "1499827319559"),
]
WEBSOCKET_ASCII = [
    ("symbol", "BTCUSDT"),
    ("side", "SELL"),
    ("type", "LIMIT"),
    ("timeInForce", "GTC"),
    ("quantity", "0.01000000"),
    ("price", "52000.00"),
    ("recvWindow", "100"),
    ("timestamp", "1645423376532"),
]
WEBSOCKET_UNICODE = [
    ("symbol", "\uff11\uff12\uff13\uff14\uff15\uff16"),
    ("side", "BUY"),
    ("type", "LIMIT"),
    ("timeInForce", "GTC"),
    ("quantity", "1.00000000"),
    ("price", "0.10000000"),
    ("recvWindow", "5000"),
    ("timestamp", "1645423376532"),
]
PUBLISHED = [
    (
        [("symbol", "LTCBTC"), *REST],
        Payload.QUERY,
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
    ),
    (
        [("symbol", "\uff11\uff12\uff13\uff14\uff15\uff16"), *REST],
        Payload.QUERY,
        "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ),
    (
        WEBSOCKET_ASCII,
        Payload.SORTED,
        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    ),
    (
        WEBSOCKET_UNICODE,
        Payload.SORTED,
        "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
    ),
]
VECTORS = os.environ.get(
    "CT_TEST_SIGNING_VECTORS", "../shared/venues/fixtures/signing_vectors.json"
)


@pytest.mark.parametrize(("params", "payload", "signature"), PUBLISHED)
def test_signs_as_binance_publishes(
    params: list[tuple[str, str]], payload: Payload, signature: str
) -> None:
    query = canonical_query(params, payload, API_KEY)
    assert sign("hmac", bytearray(SECRET.encode()), query) == signature


def test_signs_every_recorded_vector_of_binance() -> None:
    file = Path(__file__).parents[3] / VECTORS
    if not file.exists():
        pytest.skip("the recorded signing vectors are not on this machine")
    vectors = [v for v in json.loads(file.read_text()) if v["venue"] == "binance"]
    for vector in vectors:
        if "rest" in vector["id"]:
            params, payload = parse_qsl(vector["payload"]), Payload.QUERY
        else:
            pairs = (pair.partition("=") for pair in vector["payload"].split("&"))
            params, payload = [(name, value) for name, _, value in pairs], Payload.SORTED
        query = canonical_query(params, payload, vector["key"])
        assert query == vector["payload"]
        assert sign("hmac", bytearray(vector["secret"].encode()), query) == vector["signature"]
    assert len(vectors) == 4


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,9}", fullmatch=True).filter(
            lambda name: name not in {"timestamp", "signature"}
        ),
        st.text(st.characters(blacklist_categories=("C", "Z")), max_size=30).filter(
            str.isprintable
        ),
        max_size=8,
    )
)
def test_the_signed_query_is_what_binance_connector_would_send(params: dict[str, str]) -> None:
    named = {**params, "timestamp": "1499827319559"}
    assert canonical_query(list(named.items()), Payload.QUERY, API_KEY) == encoded_string(named)


def test_ed25519_signature_verifies_with_the_public_half_and_is_base64() -> None:
    seed, public_pem = new_pair()
    signature = base64.b64decode(sign("ed25519", seed, "symbol=BTCUSDT"), validate=True)
    public = load_pem_public_key(public_pem.encode())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signature, b"symbol=BTCUSDT")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ([("timestamp", "1"), ("symbol", "A")], "timestamp"),
        ([("symbol", "A")], "timestamp"),
        ([("timestamp", "1499827319559"), ("signature", "x")], "signature"),
        ([("timestamp", "1499827319559"), ("a", "1"), ("a", "2")], "a"),
        ([("timestamp", "1499827319559"), ("a&b", "1")], "a&b"),
        ([("timestamp", "1499827319559"), ("a", "x\ny")], "a"),
        ([("timestamp", "1499827319559"), ("a", "x" * 2001)], "a"),
    ],
)
def test_parameters_that_could_be_read_two_ways_are_refused(
    params: list[tuple[str, str]], field: str
) -> None:
    with pytest.raises(ParamsRefusedError) as refused:
        canonical_query(params, Payload.QUERY, API_KEY)
    assert refused.value.field == field


def test_an_unencoded_value_cannot_pose_as_another_parameter() -> None:
    params = [("timestamp", "1499827319559"), ("a", "1&withdraw=1")]
    with pytest.raises(ParamsRefusedError):
        canonical_query(params, Payload.SORTED, API_KEY)


def test_a_foreign_api_key_is_not_signed_for() -> None:
    params = [("timestamp", "1499827319559"), ("apiKey", "somebody-elses")]
    with pytest.raises(ParamsRefusedError):
        canonical_query(params, Payload.SORTED, API_KEY)


def test_rsa_elliptic_and_damaged_keys_are_refused() -> None:
    others = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
    ]
    pems = [
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        for key in others
    ]
    for text in [*pems, "-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----", "two words"]:
        with pytest.raises(SecretRefusedError):
            read_secret(text)
