"""Runs the vault: `python -m ct_keyvault`."""

from ct_keyvault.adapters.hardening import harden_process
from ct_keyvault.bootstrap import bootstrap
from ct_keyvault.settings import KeyvaultSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve


def main() -> None:
    """Harden the process before anything secret is in it, then serve."""
    settings = load_settings(KeyvaultSettings)
    configure_logging("keyvault", settings.log_format)
    harden_process()
    serve(bootstrap(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
