"""The environment of each child: minimal, explicit, and without anybody else's secrets."""

from collections.abc import Mapping

from ct_kit.identity import key_file, trust_dir
from ct_local.layout import COMPILED, DataDir
from ct_local.page import PAGE_DIR
from ct_local.services import Service
from ct_local.settings import SERVICE_PREFIXES, LauncherSettings

# what a program needs of the machine: where things are, how text is written, whom TLS trusts
_FROM_MACHINE = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
)  # fmt: skip


def child_environment(
    service: Service,
    *,
    settings: LauncherSettings,
    operator_environment: Mapping[str, str],
    machine: Mapping[str, str],
    data: DataDir,
    ports: Mapping[str, int],
    mongodb_uri: str,
) -> dict[str, str]:
    """Return the whole environment of one service.

    `operator_environment` holds the operator's CT_ settings; of these only the service's own
    (`CT_<SERVICE>_...`) are handed on, and they win over what the launcher would choose, except
    for ports.
    """
    environment = {key: machine[key] for key in _FROM_MACHINE if key in machine}
    environment |= _thrift()
    environment |= {
        "CT_DATA_DIR": str(data.root),
        "CT_MARKET": settings.market,
        "CT_LOG_FORMAT": settings.log_format,
        "CT_IDENTITY_KEY_FILE": str(key_file(data.identity, service.identity)),
        "CT_IDENTITY_TRUST_DIR": str(trust_dir(data.identity)),
    }
    if service.database:
        environment["CT_MONGODB_URI"] = mongodb_uri
        environment["CT_MONGODB_PREFIX"] = settings.mongodb_prefix
    for peer in service.calls:
        variable = f"CT_{peer.upper().replace('-', '_')}_URL"
        environment[variable] = f"http://127.0.0.1:{ports[peer]}"
    environment |= _of_one_service(service.identity, settings, data, ports)
    prefix = SERVICE_PREFIXES[service.identity]
    environment |= {
        key: value for key, value in operator_environment.items() if key.startswith(prefix)
    }
    environment |= {variable: str(ports[name]) for variable, name in service.port_settings}
    return environment


def _thrift() -> dict[str, str]:
    """Keep a dozen Python processes small and quiet on two cores."""
    return {
        "PYTHONUNBUFFERED": "1",
        "NUMBA_CACHE_DIR": str(COMPILED),
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "2",
    }


def _of_one_service(
    identity: str, settings: LauncherSettings, data: DataDir, ports: Mapping[str, int]
) -> dict[str, str]:
    """Return what only this service is told."""
    if identity == "keyvault":
        return {"CT_KEYVAULT_ROOT_KEY_FILE": str(data.vault_root_key)}
    if identity == "gateway":
        return {
            "CT_GATEWAY_HOST": settings.gateway_host,
            "CT_GATEWAY_FRONTEND_DIR": str(PAGE_DIR),
            "CT_GATEWAY_BOTS_RUNNER_URL": f"http://127.0.0.1:{ports['bots-runner']}",
            "CT_GATEWAY_AI_WORKER_URL": f"http://127.0.0.1:{ports['ai-worker']}",
        }
    if identity == "proxy":
        return {"CT_PROXY_ALLOW_SIMULATOR": f"127.0.0.1:{ports['simulator-binance']}"}
    if identity == "simulator" and settings.market == "replay":
        return {
            "CT_SIMULATOR_REPLAY": str(settings.replay.resolve()) if settings.replay else "",
            "CT_SIMULATOR_REPLAY_SPEED": str(settings.replay_speed),
        }
    return {}
