"""Each child's environment holds its own settings and secrets and nobody else's."""

from pathlib import Path

import pytest

from ct_local import plan, settings
from ct_local.database import Database
from ct_local.spec import ChildSpec

MACHINE = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "not theirs", "LANG": "C.UTF-8"}


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, ChildSpec]:
    environment = {
        "CT_DATA_DIR": str(tmp_path),
        "CT_PORT_OFFSET": "500",
        "CT_AUTH_SESSION_IDLE_S": "60",
        "CT_GATEWAY_PORT": "1",
    }
    chosen = settings.load(environment)
    database = Database("mongodb://user:secret@127.0.0.1:1/", "given", spec=None)
    made = plan.children(
        chosen, operator_environment=environment, machine=MACHINE, database=database
    )
    return {spec.name: spec for spec in made}


def test_only_the_vault_learns_where_the_root_key_is(specs: dict[str, ChildSpec]) -> None:
    told = {name for name, spec in specs.items() if any("root.key" in v for v in spec.env.values())}
    assert told == {"keyvault"}


def test_each_service_gets_its_own_identity_key_only(specs: dict[str, ChildSpec]) -> None:
    keys = {name: Path(spec.env["CT_IDENTITY_KEY_FILE"]).name for name, spec in specs.items()}
    assert keys["gateway"] == "gateway.key"
    assert keys["bots-runner"] == keys["bots"] == "bots.key"
    assert keys["ai-worker"] == keys["ai-engine"] == "ai-engine.key"
    for name, spec in specs.items():
        assert sum(value.endswith(".key") for value in spec.env.values()) == (
            2 if name == "keyvault" else 1
        )


def test_the_database_is_told_only_to_those_who_own_data(specs: dict[str, ChildSpec]) -> None:
    without = {name for name, spec in specs.items() if "CT_MONGODB_URI" not in spec.env}
    assert without == {"gateway", "simulator"}


def test_a_service_is_told_the_addresses_it_may_call_and_no_other(
    specs: dict[str, ChildSpec],
) -> None:
    urls = {name for name in specs["auth"].env if name.endswith("_URL")}
    assert urls == set()
    assert specs["bots"].env["CT_EXCHANGE_BRIDGE_URL"] == "http://127.0.0.1:8603"
    assert "CT_KEYVAULT_URL" not in specs["bots"].env


def test_the_gateway_is_told_where_runner_and_worker_say_how_they_are(
    specs: dict[str, ChildSpec],
) -> None:
    environment = specs["gateway"].env
    assert environment["CT_GATEWAY_BOTS_RUNNER_URL"] == "http://127.0.0.1:8616"
    assert environment["CT_GATEWAY_AI_WORKER_URL"] == "http://127.0.0.1:8615"


def test_settings_of_one_service_reach_only_that_service(specs: dict[str, ChildSpec]) -> None:
    told = {name for name, spec in specs.items() if "CT_AUTH_SESSION_IDLE_S" in spec.env}
    assert told == {"auth"}


def test_nothing_of_the_machine_leaks_into_a_child(specs: dict[str, ChildSpec]) -> None:
    for spec in specs.values():
        assert "AWS_SECRET_ACCESS_KEY" not in spec.env
        assert spec.env["PATH"] == "/bin"


def test_the_offset_moves_every_port_and_wins_over_a_service_setting(
    specs: dict[str, ChildSpec],
) -> None:
    assert specs["gateway"].env["CT_GATEWAY_PORT"] == "8580"
    assert specs["simulator"].ports == {"simulator": 8610, "simulator-binance": 8611}
    ports = [port for spec in specs.values() for port in spec.ports.values()]
    assert len(ports) == len(set(ports))
