"""Logs: one line per event, ids bound, secrets struck out."""

import json
import logging
import subprocess
import sys

import pytest

from ct_kit.logs import bind_request, current_request_id, redact, redact_text


@pytest.mark.parametrize(
    "name",
    ["password", "api_key", "apiKey", "api_secret", "Authorization", "cookie", "csrf_token", "totp",
     "signature", "session_id", "X-CT-Session", "passphrase", "private_key", "token"],
)  # fmt: skip
def test_fields_named_like_a_secret_are_struck_out(name: str) -> None:
    assert redact(None, "info", {name: "hunter2"}) == {name: "***"}
    assert redact(None, "info", {"body": {name: "hunter2"}}) == {"body": {name: "***"}}


@pytest.mark.parametrize("name", ["symbol", "hotpath", "order_id", "tokens_left", "keys"])
def test_other_fields_stay(name: str) -> None:
    assert redact(None, "info", {name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2.abc",
        "mongodb://ct:hunter2@db.example/x",
        "GET /order?symbol=X&signature=hunter2",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2 cut off",
        "token eyJhbGciOi.hunter2.sig",
    ],
)
def test_texts_that_look_like_a_secret_are_struck_out(text: str) -> None:
    assert "hunter2" not in redact_text(text)
    assert "hunter2" not in str(redact(None, "info", {"error": [{"cause": text}]}))


def test_a_structure_without_end_is_cut_off() -> None:
    loop: dict[str, object] = {}
    loop["again"] = loop
    assert "..." in str(redact(None, "info", {"loop": loop}))


def test_the_request_id_is_bound_inside_the_block_only() -> None:
    assert current_request_id() is None
    with bind_request("req_12345678"):
        assert current_request_id() == "req_12345678"
    assert current_request_id() is None


def test_everything_a_process_logs_is_one_redacted_json_line_each() -> None:
    program = """
import logging
from ct_kit.logs import bind_request, configure_logging, get_logger
configure_logging("bots")
with bind_request("req_1", user_id="usr_1"):
    get_logger("a").info("order_sent", order_id="ord_1", api_key="hunter2")
try:
    raise ValueError("mongodb://u:hunter2@h/")
except ValueError:
    logging.getLogger("foreign").exception("failed %s", "token=hunter2")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["event"] == "order_sent"
    assert (first["request_id"], first["user_id"], first["service"]) == ("req_1", "usr_1", "bots")
    assert second["level"] == "error"
    assert "ValueError" in second["exception"]
    assert b"hunter2" not in done.stdout + done.stderr


def test_importing_the_kit_configures_nothing() -> None:
    program = "import ct_kit.logs, logging; assert not logging.getLogger().handlers"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert logging.getLogger("ct_kit").level == logging.NOTSET
