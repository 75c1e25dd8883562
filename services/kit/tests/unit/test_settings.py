"""Settings: safe defaults, all faults at once, nothing secret shown."""

import pytest

from ct_kit import settings as kit
from ct_kit.settings import SettingsError, SharedSettings, load_settings, read_settings, settings_of


class BotsSettings(SharedSettings):
    model_config = settings_of("ai-engine")

    port: int = 8105
    workers: tuple[str, ...] = ()


REQUIRED = {"CT_IDENTITY_KEY_FILE": "/keys/a.key", "CT_IDENTITY_TRUST_DIR": "/keys/trust"}


def test_shared_and_own_variables_are_read() -> None:
    env = REQUIRED | {
        "CT_MARKET": "replay",
        "CT_AI_ENGINE_URL": "http://127.0.0.1:9",
        "CT_AI_ENGINE_PORT": "99",
        "CT_AI_ENGINE_WORKERS": '["a", "b"]',
    }
    read = read_settings(BotsSettings, env)
    assert (read.market, read.port, read.workers) == ("replay", 99, ("a", "b"))
    assert read.ai_engine_url == "http://127.0.0.1:9"


def test_unset_and_empty_mean_the_simulated_market_on_loopback() -> None:
    read = read_settings(BotsSettings, REQUIRED | {"CT_MARKET": ""})
    assert read.market == "simulated"
    assert read.mongodb_uri.get_secret_value().startswith("mongodb://127.0.0.1:27117/")


def test_all_faults_are_told_at_once() -> None:
    env = {
        "CT_IDENTITY_KEY_FILE": "/keys/a.key",
        "CT_MARKET": "casino",
        "CT_AI_ENGINE_PORT": "eighty",
        "CT_AI_ENGINE_PROT": "80",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(BotsSettings, env)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "CT_AI_ENGINE_PORT",
        "CT_AI_ENGINE_PROT",
        "CT_IDENTITY_TRUST_DIR",
        "CT_MARKET",
    ]


def test_a_malformed_list_is_a_fault_and_no_crash() -> None:
    with pytest.raises(SettingsError, match="workers"):
        read_settings(BotsSettings, REQUIRED | {"CT_AI_ENGINE_WORKERS": "["})


def test_another_services_variables_are_no_fault() -> None:
    env = REQUIRED | {"CT_GATEWAY_ANYTHING": "1", "CT_BOTS_PORT": "1"}
    assert read_settings(BotsSettings, env).port == 8105


def test_a_wrong_environment_ends_the_process_with_the_configuration_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        load_settings(BotsSettings)
    assert ended.value.code == 78
    assert "CT_IDENTITY_KEY_FILE" in capsys.readouterr().err


def test_the_process_environment_is_read_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CT_AI_ENGINE_PORT", "1")
    made = BotsSettings(identity_key_file="a", identity_trust_dir="b")
    assert made.port == 8105


def test_a_password_in_the_database_address_is_not_shown() -> None:
    env = REQUIRED | {"CT_MONGODB_URI": "mongodb://user:hunter2@db/"}
    assert "hunter2" not in repr(read_settings(BotsSettings, env))


def test_a_fault_never_repeats_a_secret() -> None:
    env = REQUIRED | {"CT_MONGODB_PREFIX": "hunter2 hunter2"}
    with pytest.raises(SettingsError) as caught:
        read_settings(BotsSettings, env)
    assert "hunter2" not in str(caught.value)


def test_settings_are_frozen() -> None:
    read = read_settings(BotsSettings, REQUIRED)
    with pytest.raises(ValueError, match="frozen"):
        read.port = 1


def test_every_shared_field_has_the_shared_prefix() -> None:
    assert set(SharedSettings.model_fields) == kit._SHARED
