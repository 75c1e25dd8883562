"""Settings of the launcher: safe when unset, all faults in one line when wrong."""

from pathlib import Path

import pytest

from ct_local import settings
from ct_local.errors import StartFault


def test_unset_means_the_simulated_market_on_loopback() -> None:
    chosen = settings.load({})
    assert chosen.market == "simulated"
    assert chosen.gateway_host == "127.0.0.1"
    assert chosen.mongodb_uri is None


def test_every_fault_is_told_at_once_with_the_likely_name() -> None:
    with pytest.raises(StartFault) as fault:
        settings.load({"CT_PORT_OFFSET": "many", "CT_MARKTE": "live", "CT_REPLAY_SPEED": "-1"})
    line = fault.value.line()
    assert "CT_PORT_OFFSET" in line
    assert "CT_REPLAY_SPEED" in line
    assert "CT_MARKTE is not a setting (did you mean CT_MARKET?)" in line
    assert fault.value.exit_code == 78
    assert "\n" not in line


def test_a_setting_of_one_service_is_left_to_that_service() -> None:
    assert settings.load({"CT_AUTH_SESSION_IDLE_S": "60"}).market == "simulated"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CT_MARKET": "live"}, "live markets arrive with the venues release"),
        ({"CT_MARKET": "replay"}, "needs a file of candles"),
        ({"CT_MARKET": "replay", "CT_REPLAY": "/nowhere.parquet"}, "no file /nowhere.parquet"),
    ],
)
def test_a_market_that_cannot_run_is_refused_with_a_remedy(
    environment: dict[str, str], expected: str
) -> None:
    with pytest.raises(StartFault, match=expected):
        settings.load(environment)


def test_a_port_that_browsers_refuse_is_refused_here_first() -> None:
    with pytest.raises(StartFault, match="browsers refuse to open") as fault:
        settings.load({"CT_PORT_OFFSET": "2000"})
    assert fault.value.exit_code == 78


def test_the_environment_wins_over_dotenv_and_empty_means_absent(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("CT_PORT_OFFSET=7\nCT_LOG_FORMAT=console\nOTHER=1\n")
    environment = {"CT_PORT_OFFSET": "9", "CT_MARKET": "", "PATH": "/bin"}
    merged = settings.read_environment(environment, dotenv)
    assert merged == {"CT_PORT_OFFSET": "9", "CT_LOG_FORMAT": "console"}


def test_the_uri_of_mongodb_is_never_shown() -> None:
    chosen = settings.load({"CT_MONGODB_URI": "mongodb://user:secret@host/"})
    assert "secret" not in repr(chosen)
