"""Where things are: the repository's folders, the data directory's folders, and the ports."""

import sys
from dataclasses import dataclass
from pathlib import Path

# deploy/local/src/ct_local/layout.py: the repository is four folders up
REPOSITORY = Path(__file__).resolve().parents[4]

# compiled strategies belong to the installation, which made them, and not to anyone's data
COMPILED = Path(sys.prefix) / "var" / "numba"

PORTS = {
    "gateway": 8080,
    "auth": 8101,
    "keyvault": 8102,
    "exchange-bridge": 8103,
    "proxy": 8104,
    "ai-engine": 8105,
    "bots": 8106,
    "simulator": 8110,
    "simulator-binance": 8111,
    "ai-worker": 8115,
    "bots-runner": 8116,
    "mongod": 27117,
}
"""The ports before CT_PORT_OFFSET is added; all but the gateway's are internal."""

# the one port above 8080 on the list of bad ports (WHATWG Fetch, 2.9) that browsers refuse to open
REFUSED_BY_BROWSERS = 10_080


@dataclass(frozen=True, slots=True)
class DataDir:
    """The folders below CT_DATA_DIR."""

    root: Path

    @property
    def identity(self) -> Path:
        """Return where the services' Ed25519 keys are."""
        return self.root / "identity"

    @property
    def vault_root_key(self) -> Path:
        """Return the file of the vault's root key; only the vault is told of it."""
        return self.root / "keyvault" / "root.key"

    @property
    def mongo(self) -> Path:
        """Return the embedded database's folder."""
        return self.root / "mongo"

    @property
    def logs(self) -> Path:
        """Return where every child's log is."""
        return self.root / "logs"

    @property
    def run_lock(self) -> Path:
        """Return the file whose lock means: a launcher runs here."""
        return self.root / "run.lock"

    @property
    def status(self) -> Path:
        """Return the file that says which process is which service."""
        return self.root / "status.json"
